"""What determines a FastGAN's networks, checked."""

import math
from dataclasses import dataclass
from typing import ClassVar

from ganzoo.gan.arguments import GANArguments, checked
from ganzoo.types import ImageShape

SMALLEST_SIDE = 32
MOST_FILTERS = 256
UPSAMPLINGS = ("nearest", "bilinear")


@dataclass
class FastGANArguments(GANArguments):
    """The arguments of `ganzoo.FastGAN` that its networks and their first weights follow from.

    Raises:
        ValueError: an argument is out of its range; says which, and what it may be.
    """

    latent_dim: int = 256
    base_filters: int = 64
    upsampling: str = "nearest"

    smallest_side: ClassVar[int] = SMALLEST_SIDE

    def __post_init__(self) -> None:
        super().__post_init__()
        self.base_filters = checked("base_filters", self.base_filters, 1, MOST_FILTERS)
        if self.upsampling not in UPSAMPLINGS:
            raise ValueError(
                f"upsampling must be 'nearest' or 'bilinear', not {self.upsampling!r}."
            )
        height, width, _ = self.image_shape
        step = 2 ** halvings(self.image_shape)
        if height % step or width % step:
            fitting = tuple(max(step, round(side / step) * step) for side in (height, width))
            raise ValueError(
                f"image_shape's height and width must be multiples of {step} at this size, "
                f"e.g. {fitting}, not {(height, width)}."
            )


def halvings(image_shape: ImageShape) -> int:
    """Return how often the discriminator halves an image, until its shorter side is 8 to 15."""
    return int(math.log2(min(image_shape[:2]) // 8))
