"""Layers that families are built from: the same numbers on every backend, in its fastest way."""

from ganzoo.layers.batch_norm import BatchNorm
from ganzoo.layers.convolutions import FractionallyStridedConv, ResizeConv, StridedConv
from ganzoo.layers.normal import Normal
from ganzoo.layers.spectral_norm import SpectralConv, SpectralDense

__all__ = [
    "BatchNorm",
    "FractionallyStridedConv",
    "Normal",
    "ResizeConv",
    "SpectralConv",
    "SpectralDense",
    "StridedConv",
]
