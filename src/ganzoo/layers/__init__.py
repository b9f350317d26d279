"""Layers that families are built from: the same numbers on every backend, in its fastest way."""

from ganzoo.layers.batch_norm import BatchNorm
from ganzoo.layers.convolutions import Conv2D, Conv2DTranspose, ResizeConv
from ganzoo.layers.enlarged import Enlarged
from ganzoo.layers.exact import exact
from ganzoo.layers.leaky_relu import LeakyReLU
from ganzoo.layers.mean_grid import MeanGrid
from ganzoo.layers.noise import Noise
from ganzoo.layers.normal import Normal
from ganzoo.layers.paper_layers import PaperLayers, labels_and_vectors, latents_and_labels
from ganzoo.layers.shrunk import Shrunk
from ganzoo.layers.spectral_norm import SpectralConv2D, SpectralDense, SpectralResizeConv

__all__ = [
    "BatchNorm",
    "Conv2D",
    "Conv2DTranspose",
    "Enlarged",
    "LeakyReLU",
    "MeanGrid",
    "Noise",
    "Normal",
    "PaperLayers",
    "ResizeConv",
    "Shrunk",
    "SpectralConv2D",
    "SpectralDense",
    "SpectralResizeConv",
    "exact",
    "labels_and_vectors",
    "latents_and_labels",
]
