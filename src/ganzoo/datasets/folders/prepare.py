"""From an image file to pixels of the asked shape, without aliasing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, NamedTuple

import numpy as np
from PIL import Image, ImageColor, ImageOps

from ganzoo.datasets.folders.decode import PICTURE_MODES, convert, decode
from ganzoo.datasets.folders.levels import USUAL, Levels, Seen
from ganzoo.names import choose
from ganzoo.pixel_range import MOST_VALUES
from ganzoo.types import ImageShape

Fit = Literal["crop", "pad", "stretch"]
FITS = ("crop", "pad", "stretch")
Decode = Literal["whole", "fast"]
DECODES = ("whole", "fast")
SPARE = 2  # times the asked size: so much is left for the resampling to average
FILTERS = {"lanczos": Image.Resampling.LANCZOS, "area": Image.Resampling.BOX}


class Prepared(NamedTuple):
    """What became of a picture.

    Attributes:
        pixels: uint8 `(height, width, channels)`.
        enlarged: whether it had fewer pixels than were asked for.
        seen: which numbers it had, if of more than 8 bits.
    """

    pixels: np.ndarray
    enlarged: bool
    seen: Seen | None


def _checked_shape(image_shape: Any) -> ImageShape:
    sides = image_shape if isinstance(image_shape, Sequence | np.ndarray) else ()
    whole = [int(each) for each in sides if isinstance(each, int | np.integer) and each > 0]
    if len(whole) != 3 or len(sides) != 3 or whole[2] not in PICTURE_MODES:
        raise ValueError(
            "Image files need image_shape=(height, width, channels) with 1 (grey), 3 (RGB) or "
            f"4 (RGBA) channels, not {image_shape!r}."
        )
    if math.prod(whole) > MOST_VALUES:
        raise ValueError(f"image_shape must be of at most {MOST_VALUES:,} values, not {whole}.")
    height, width, channels = whole
    return height, width, channels


@dataclass(frozen=True)
class Preparation:
    """How pictures of any size and mode become arrays of one shape.

    Attributes:
        image_shape: `(height, width, channels)`, with 1, 3 or 4 channels.
        fit: what happens to another aspect: `"crop"` cuts the longer sides, `"pad"` adds
            `background`, `"stretch"` distorts.
        background: colour behind transparent pixels and around padded pictures, as CSS writes it.
            With 4 channels transparency is kept, and padding is transparent.
        resample: `"lanczos"`, or `"area"`, which averages and cannot ring at hard edges.
        levels: what becomes black and white in pictures of more than 8 bits.
        decode: `"fast"` halves large JPEG while they are decoded.

    Raises:
        ValueError: an argument is unknown or out of its range.
    """

    image_shape: ImageShape
    fit: Fit = "crop"
    background: str = "white"
    resample: Literal["lanczos", "area"] = "lanczos"
    levels: Levels = USUAL
    decode: Decode = "whole"

    def __post_init__(self) -> None:
        object.__setattr__(self, "image_shape", _checked_shape(self.image_shape))
        choose("fit", self.fit, dict.fromkeys(FITS))
        choose("resample", self.resample, FILTERS)
        choose("decode", self.decode, dict.fromkeys(DECODES))
        try:
            ImageColor.getrgb(self.background)
        except (ValueError, AttributeError) as error:
            raise ValueError(
                f"background={self.background!r} is no colour: give a name that CSS knows, such as "
                "'white', or '#rrggbb'."
            ) from error

    def __call__(self, file: BinaryIO) -> Prepared:
        """Read an image file.

        Args:
            file: a seekable binary file.

        Raises:
            ganzoo.datasets.folders.decode.UnusableImageError: it is no whole image.
        """
        height, width, channels = self.image_shape
        least = SPARE * max(height, width) if self.decode == "fast" else None
        return self._prepared(*decode(file, channels, self.background, self.levels, least))

    def picture(self, image: Image.Image) -> Prepared:
        """Do the same with a picture that is read already."""
        return self._prepared(*convert(image, self.image_shape[2], self.background, self.levels))

    def array(self, pixels: np.ndarray) -> np.ndarray:
        """Do the same with uint8 pixels `(height, width, channels)`, of 1, 3 or 4 channels."""
        return self.picture(Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))[0]

    def _prepared(self, picture: Image.Image, seen: Seen | None) -> Prepared:
        pixels = np.asarray(self._fitted(picture)).reshape(self.image_shape)
        return Prepared(pixels, self.enlarges(*picture.size), seen)

    def enlarges(self, width: int, height: int) -> bool:
        """Whether a picture of this size has fewer pixels than are asked for."""
        scales = (self.image_shape[1] / width, self.image_shape[0] / height)
        return (min(scales) if self.fit == "pad" else max(scales)) > 1

    def _fitted(self, picture: Image.Image) -> Image.Image:
        size = (self.image_shape[1], self.image_shape[0])
        resample = FILTERS[self.resample]
        if self.fit == "crop":
            return ImageOps.fit(picture, size, resample)
        if self.fit == "pad":
            return self._padded(picture)
        return picture.resize(size, resample)

    def _padded(self, picture: Image.Image) -> Image.Image:
        """Do as `ImageOps.pad`, which would lose a picture so narrow that a side rounds to 0."""
        (height, width), (w, h) = self.image_shape[:2], picture.size
        inner = min(width, max(1, round(w / h * height))), min(height, max(1, round(h / w * width)))
        padded = Image.new(picture.mode, (width, height), self._padding(picture.mode))
        corner = round((width - inner[0]) / 2), round((height - inner[1]) / 2)
        padded.paste(picture.resize(inner, FILTERS[self.resample]), corner)
        return padded

    def _padding(self, mode: str) -> tuple[int, ...] | int:
        ground = ImageColor.getcolor(self.background, mode)
        return (*ground[:3], 0) if isinstance(ground, tuple) and mode == "RGBA" else ground
