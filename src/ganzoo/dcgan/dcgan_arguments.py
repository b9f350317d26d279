"""What determines a DCGAN's networks, checked."""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo.dcgan.dcgan_networks import MOST_FILTERS, SMALLEST_SIDE, feature_shapes
from ganzoo.gan.arguments import GANArguments, checked
from ganzoo.types import ImageShape

UPSAMPLINGS = ("transposed", "resize")
NORMS = ("batch", "spectral", None)


@dataclass
class DCGANArguments(GANArguments):
    """The arguments of `ganzoo.DCGAN` that its networks and their first weights follow from.

    Raises:
        ValueError: an argument is out of its range; says which, and what it may be.
    """

    base_filters: int = 64
    discriminator_filters: int | None = None
    discriminator_norm: str | None = "batch"
    upsampling: str = "transposed"

    smallest_side: ClassVar[int] = SMALLEST_SIDE

    def __post_init__(self) -> None:
        super().__post_init__()
        self.base_filters = checked("base_filters", self.base_filters, 1, MOST_FILTERS)
        if self.discriminator_filters is not None:
            self.discriminator_filters = checked(
                "discriminator_filters", self.discriminator_filters, 1, MOST_FILTERS
            )
        if self.discriminator_norm not in NORMS:
            raise ValueError(
                "discriminator_norm must be 'batch', 'spectral' or None, "
                f"not {self.discriminator_norm!r}."
            )
        if self.upsampling not in UPSAMPLINGS:
            raise ValueError(
                f"upsampling must be 'transposed' or 'resize', not {self.upsampling!r}."
            )

    def generator_maps(self) -> list[ImageShape]:
        """Return the shapes of the generator's feature maps, up to the image."""
        return feature_shapes(self.image_shape, self.base_filters)

    def discriminator_maps(self) -> list[ImageShape]:
        """Return the shapes of the discriminator's feature maps, from the image on."""
        filters = self.discriminator_filters or self.base_filters
        return feature_shapes(self.image_shape, filters)[::-1]
