"""What determines a FastGAN's networks, checked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ganzoo.gan.arguments import MOST_SEED, GANArguments, checked
from ganzoo.types import ImageShape

SMALLEST_SIDE = 32
MOST_SIDE = 4096  # of squares that an image may be
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
    grown_from: int | None = None
    noise_seed: int | None = None

    smallest_side: ClassVar[int] = SMALLEST_SIDE

    def __post_init__(self) -> None:
        super().__post_init__()
        self.base_filters = checked("base_filters", self.base_filters, 1, MOST_FILTERS)
        if self.upsampling not in UPSAMPLINGS:
            raise ValueError(
                f"upsampling must be 'nearest' or 'bilinear', not {self.upsampling!r}."
            )
        if (fitting := self.nearest_shape(self.image_shape)) != tuple(self.image_shape):
            raise ValueError(
                f"image_shape's height and width must be multiples of {step(self.image_shape)} at "
                f"this size, e.g. {fitting}, not {self.image_shape}."
            )
        side = min(self.image_shape[:2])
        first = side if self.grown_from is None else self.grown_from
        self.grown_from = min(checked("grown_from", first, SMALLEST_SIDE, MOST_SIDE), side)
        # Kept when `from_preset` changes the seed: what it draws is no weight.
        self.noise_seed = self.seed if self.noise_seed is None else self.noise_seed
        if self.noise_seed is not None:
            self.noise_seed = checked("noise_seed", self.noise_seed, 0, MOST_SEED)

    @property
    def first_halvings(self) -> int:
        """How often the discriminator halved the images that the model began with."""
        assert self.grown_from is not None
        return halvings((self.grown_from, self.grown_from))

    @classmethod
    def nearest_shape(cls, image_shape: ImageShape) -> ImageShape:
        *sides, channels = image_shape
        least = SMALLEST_SIDE / min(SMALLEST_SIDE, *sides)  # small images are made larger
        sides = [round(side * least) for side in sides]
        multiple = step([nearest(side, step(sides)) for side in sides])  # of 127, as of 128
        height, width = (nearest(side, multiple) for side in sides)
        return height, width, channels


def step(shape: Sequence[int]) -> int:
    """Return what an image's height and width, which come first, must be multiples of."""
    return 2 ** halvings(shape)


def nearest(side: int, multiple: int) -> int:
    """Return the multiple that is nearest to a side; the larger of two."""
    return (side + multiple // 2) // multiple * multiple


def halvings(shape: Sequence[int]) -> int:
    """Return how often the discriminator halves an image, until its shorter side is 8 to 15."""
    return int(math.log2(min(shape[:2]) // 8))
