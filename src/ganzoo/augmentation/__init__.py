"""Differentiable augmentation: what lets a discriminator learn from few images.

The discriminator sees real and generated images through the same random changes, and the generator
learns through them ([Zhao et al., 2020](https://arxiv.org/abs/2006.10738)). The images that
`generate` returns are never changed.
"""

from ganzoo.augmentation.pipeline import AdaptiveAugmentation, Augmentation
from ganzoo.augmentation.transformations import (
    Brightness,
    Contrast,
    Cutout,
    Flip,
    InstanceNoise,
    Saturation,
    Transformation,
    Translation,
)

__all__ = [
    "AdaptiveAugmentation",
    "Augmentation",
    "Brightness",
    "Contrast",
    "Cutout",
    "Flip",
    "InstanceNoise",
    "Saturation",
    "Transformation",
    "Translation",
]
