"""Generative adversarial networks as ordinary Keras 3 models, on JAX, PyTorch and TensorFlow.

Example:
    >>> import ganzoo
    >>> images, labels = ganzoo.datasets.load("mnist")
    >>> gan = ganzoo.DCGAN(image_shape=(28, 28, 1))
    >>> gan.compile()
    >>> gan.fit(images, epochs=3)
    >>> pictures = gan.generate(16, seed=7)
"""

from ganzoo import _backend_choice

_backend_choice.choose()

from ganzoo import (
    augmentation,
    callbacks,
    datasets,
    latents,
    losses,
    metrics,
    penalties,
    pictures,
    recipes,
    runs,
)
from ganzoo._version import __version__
from ganzoo.dcgan import DCGAN
from ganzoo.fastgan import FastGAN
from ganzoo.gan import GAN
from ganzoo.presets import Preset, upload_preset

from_preset = GAN.from_preset

__all__ = [
    "DCGAN",
    "GAN",
    "FastGAN",
    "Preset",
    "__version__",
    "augmentation",
    "callbacks",
    "datasets",
    "from_preset",
    "latents",
    "losses",
    "metrics",
    "penalties",
    "pictures",
    "recipes",
    "runs",
    "upload_preset",
]
