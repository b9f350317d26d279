"""What the headers of image files say, and the image_shape that suits them."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from ganzoo.datasets.folders.decode import open_image, orientation
from ganzoo.types import ImageShape

GREY_MODES = ("1", "L", "LA", "La", "I", "F", "I;16", "I;16L", "I;16B", "I;16N")
SIDES = (64, 48, 32, 28, 16)  # 64 is the size of the DCGAN paper
LEAST_SIDE, MULTIPLE = 8, 4  # of the shorter side of an oblong shape
MOST = 3 / 4  # of the pictures
OBLONG = 1.2  # beyond this aspect a shape is no longer square
SAME_ASPECT = 1.1  # within this factor aspects count as the same
TURNED = (5, 6, 7, 8)  # orientations of EXIF that swap width and height
KINDS = {"MPO": "JPEG"}  # what phones write with a preview inside


@dataclass(frozen=True, slots=True)
class Header:
    """What an image file says before its pixels.

    Attributes:
        kind: the format, such as `"JPEG"`, whatever the file is called.
        width: in pixels, the right way up.
        height: in pixels, the right way up.
        mode: Pillow's name of what a pixel is, such as `"RGB"`.
        transparent: whether pixels may be transparent.
    """

    kind: str
    width: int
    height: int
    mode: str
    transparent: bool


def read_header(file: BinaryIO) -> Header:
    """Read an image file's header and none of its pixels.

    Raises:
        ganzoo.datasets.folders.decode.UnusableImageError: it is no image.
    """
    image: Any = open_image(file)
    kind = KINDS.get(image.format, image.format)
    width, height = image.size
    if kind == "TIFF":  # some versions of Pillow have turned the size, others have not
        width, height = image.tag_v2[256], image.tag_v2[257]
    if orientation(image) in TURNED:
        width, height = height, width
    return Header(kind, width, height, image.mode, image.has_transparency_data)


def propose_shape(headers: Sequence[Header]) -> ImageShape:
    """Return the `(height, width, channels)` that suits most pictures.

    It is the largest of the usual sizes, up to that of the DCGAN paper, that most pictures reach
    without being enlarged; oblong where most of them share such an aspect.

    Args:
        headers: of one picture or more.
    """
    channels = 1 if all(header.mode in GREY_MODES for header in headers) else 3
    aspect = _common_aspect([header.width / header.height for header in headers])
    for side in SIDES:
        height, width = _height_and_width(side, aspect)
        reached = sum(each.height >= height and each.width >= width for each in headers)
        if reached >= MOST * len(headers):
            break
    return height, width, channels


def _common_aspect(aspects: list[float]) -> float:
    """Return the width / height that most pictures have, or 1."""
    median = statistics.median(aspects)
    alike = sum(abs(math.log(aspect / median)) <= math.log(SAME_ASPECT) for aspect in aspects)
    oblong = max(median, 1 / median) > OBLONG
    return median if oblong and alike >= MOST * len(aspects) else 1


def _height_and_width(side: int, aspect: float) -> tuple[int, int]:
    shorter = side * min(aspect, 1 / aspect)
    shorter = max(MULTIPLE * round(shorter / MULTIPLE), LEAST_SIDE)
    return (shorter, side) if aspect > 1 else (side, shorter)
