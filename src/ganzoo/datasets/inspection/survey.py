"""Read something of every image of a set: headers at least, from which a size follows."""

import math
import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar

from ganzoo.datasets.folders.decode import UnusableImageError, open_image, orientation
from ganzoo.datasets.folders.entries import Entry, Unusable
from ganzoo.datasets.folders.label_files import columns_of
from ganzoo.datasets.folders.report import nothing_usable
from ganzoo.datasets.folders.sources import find
from ganzoo.datasets.folders.workers import read_each
from ganzoo.types import ImageShape

GREY_MODES = ("1", "L", "LA", "La", "I", "F", "I;16", "I;16L", "I;16B", "I;16N")
SIDES = (256, 128, 64, 48, 32, 28, 16)  # a plain stack of convolutions is at its best up to 64
LARGEST = SIDES[0]
LEAST_SIDE, MULTIPLE = 8, 4  # of the shorter side of an oblong shape
MOST = 3 / 4  # of the pictures
OBLONG = 1.2  # beyond this aspect a shape is no longer square
SAME_ASPECT = 1.1  # within this factor aspects count as the same
TURNED = (5, 6, 7, 8)  # orientations of EXIF that swap width and height
KINDS = {"MPO": "JPEG"}  # what phones write with a preview inside

T = TypeVar("T")


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


class Survey(NamedTuple, Generic[T]):
    """What was read of a folder's or an archive's files.

    Attributes:
        entries: the usable images, in the order of their names.
        looks: what was read of each.
        unusable: `(name, reason)` of every file that is none.
        ignored: how many hidden files and sidecars were passed over.
        columns: those of label files and shards, which may hold classes.
    """

    entries: list[Entry]
    looks: list[T]
    unusable: list[Unusable]
    ignored: int
    columns: list[str]


def survey(
    path: str | os.PathLike[str],
    read: Callable[[BinaryIO], T],
    image_column: str | None = None,
    split: str | None = None,
) -> Survey[T]:
    """Read something of every image in a folder or an archive, with a progress bar.

    Args:
        path: a folder or a zip archive.
        read: called with each open file; whatever it raises makes the file unusable.
        image_column: which column of parquet files holds the images.
        split: of a data set of the Hub.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: no file is usable.
    """
    source = find(path, image_column, split)
    found = Survey[T]([], [], list(source.unusable), source.ignored, columns_of(source))

    def take(entry: Entry, result: T | UnusableImageError) -> None:
        if isinstance(result, UnusableImageError):
            found.unusable.append((entry.name, str(result)))
        else:
            found.entries.append(entry)
            found.looks.append(result)

    read_each(source.entries, read, take)
    if not found.entries:
        raise ValueError(nothing_usable(path, source.ignored, found.unusable))
    return found


def proposed_image_shape(
    path: str | os.PathLike[str],
    largest: int = LARGEST,
    image_column: str | None = None,
    split: str | None = None,
) -> ImageShape:
    """Return the image_shape that suits a folder or a zip archive, from the headers alone.

    Args:
        path: a folder or a zip archive.
        largest: the longest side that may be proposed.
        image_column: which column of parquet files holds the images.
        split: of a data set of the Hub.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: no file is an image.
    """
    return propose_shape(survey(path, read_header, image_column, split).looks, largest)


def propose_shape(headers: Sequence[Header], largest: int = LARGEST) -> ImageShape:
    """Return the `(height, width, channels)` that suits most pictures.

    It is the largest of the usual sizes that most pictures reach without being enlarged; oblong
    where most of them share such an aspect.

    Args:
        headers: of one picture or more.
        largest: the longest side that may be proposed.
    """
    channels = 1 if all(header.mode in GREY_MODES for header in headers) else 3
    aspect = _common_aspect([header.width / header.height for header in headers])
    for side in [side for side in SIDES if side <= largest] or SIDES[-1:]:
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
