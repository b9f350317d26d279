"""`inspect`: a look at a folder of images before training."""

import hashlib
import math
import os
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from ganzoo.datasets.folders.decode import UnusableImageError, decode
from ganzoo.datasets.folders.entries import Entry
from ganzoo.datasets.folders.levels import USUAL, Levels, Seen, levels_of
from ganzoo.datasets.folders.prepare import Preparation, Prepared
from ganzoo.datasets.folders.sources import SHARDS, top_folder
from ganzoo.datasets.folders.workers import read_each
from ganzoo.datasets.inspection.advice import advise
from ganzoo.datasets.inspection.duplicates import (
    MOST_COMPARED,
    evenly_spread,
    exact_duplicates,
    near_duplicates,
    thumbnail,
)
from ganzoo.datasets.inspection.findings import Inspection
from ganzoo.datasets.inspection.survey import (
    LARGEST,
    Header,
    Survey,
    propose_shape,
    read_header,
    survey,
)
from ganzoo.pictures import image_grid
from ganzoo.types import ImageShape

BACKGROUND = "white"
ON_SHEET = 100  # images
LEAST_TILE, MOST_TILE = 32, 128  # pixels along a side of each


def inspect(
    path: str | os.PathLike[str],
    largest: int = LARGEST,
    *,
    image_column: str | None = None,
    split: str | None = None,
) -> Inspection:
    r"""Look at every image in a folder or a zip archive before training; nothing is changed.

    Every file is read as `ganzoo.datasets.image_folder` reads it. Exact duplicates have the same
    bytes. Near duplicates look the same: copies saved again, resized or a little brighter; above
    50,000 images they are looked for in so many, spread evenly.

    Args:
        path: a folder, an archive, shards, or the handle of a data set on the Hugging Face Hub.
        largest: the longest side that `image_shape` may propose: 256, 128 or 64 and less.
        image_column: which column of parquet files holds the images, where it is not plain.
        split: of a data set on the Hub; by default `"train"`.

    Returns:
        An `Inspection`: `print` it for a table. Its `advice` says in plain words what to do,
        `image_shape` is the proposed `(height, width, channels)`, and `contact_sheet` shows up to
        100 of the images.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: it holds no usable image.

    Example:
        ```python
        import ganzoo
        from PIL import Image

        Image.new("RGB", (640, 480), "teal").save("photo.jpg")
        found = ganzoo.datasets.inspect(".")
        print(found)
        print(*found.advice, sep="\n")
        found.contact_sheet.save("contact-sheet.png")
        ```
    """
    if not isinstance(largest, int) or largest < 1:
        raise ValueError(f"largest must be a whole number of pixels, not {largest!r}.")
    entries, looks, unusable, ignored, columns = _looked_at(path, image_column, split)
    names = [entry.name for entry in entries]
    headers = [look.header for look in looks]
    exact = exact_duplicates([look.digest for look in looks])
    deep = tuple(look.seen for look in looks if look.seen)
    near, compared = _near_duplicates(looks, {later for later, _ in exact})
    shape = propose_shape(headers, largest)
    prepare = Preparation(shape)
    sizes = sorted(((each.width, each.height) for each in headers), key=math.prod)
    found = Inspection(
        path=os.fspath(path),
        images=len(names),
        kinds=Counter(each.kind for each in headers),
        modes=Counter(each.mode for each in headers),
        smallest=sizes[0],
        median=sizes[len(sizes) // 2],
        largest=sizes[-1],
        aspect=statistics.median(each.width / each.height for each in headers),
        transparent=sum(each.transparent for each in headers),
        unusable=tuple(unusable),
        ignored=ignored,
        exact_duplicates=tuple((names[one], names[other]) for one, other in exact),
        near_duplicates=tuple((names[one], names[other]) for one, other in near),
        compared=compared,
        classes=Counter(sorted(filter(_may_be_class, map(top_folder, names)))),
        image_shape=shape,
        enlarged=sum(prepare.enlarges(each.width, each.height) for each in headers),
        cut=statistics.median(_cut(each, shape) for each in headers),
        brightest=max(look.brightest for look in looks),
        deep=deep,
        columns=tuple(columns),
        contact_sheet=_contact_sheet(entries, sizes[len(sizes) // 2], levels_of(deep)),
    )
    return replace(found, advice=advise(found))


def _may_be_class(folder: str) -> bool:
    return folder != "" and not folder.endswith(SHARDS)


class _Look(NamedTuple):
    """What is kept of an image: few bytes, as there may be very many."""

    header: Header
    digest: bytes
    thumbnail: bytes
    brightest: int
    seen: Seen | None


def _looked_at(
    path: str | os.PathLike[str], image_column: str | None, split: str | None
) -> Survey[_Look]:
    """Look at every image; once more where they have more than 8 bits, and other levels suit."""
    where = (image_column, split)
    found = survey(path, partial(_look, levels=USUAL), *where)
    levels = levels_of(look.seen for look in found.looks if look.seen)
    return found if levels == USUAL else survey(path, partial(_look, levels=levels), *where)


def _look(file: BinaryIO, levels: Levels) -> _Look:
    header = read_header(file)
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]
    file.seek(0)
    picture, seen = decode(file, 4 if header.transparent else 3, BACKGROUND, levels)
    transparent = header.transparent and bool(np.asarray(picture.getchannel("A")).min() < 255)
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, BACKGROUND)
        ground.paste(picture, mask=picture)
        picture = ground
    width, height = picture.size
    header = replace(header, width=width, height=height, transparent=transparent)
    brightest = int(np.asarray(picture).max())
    return _Look(header, digest, thumbnail(picture), brightest, seen)


def _near_duplicates(
    looks: Sequence[_Look], repeated: set[int]
) -> tuple[list[tuple[int, int]], int]:
    """Return positions of near duplicates, and among how many images they were looked for."""
    distinct = [index for index in range(len(looks)) if index not in repeated]
    compared = [distinct[index] for index in evenly_spread(len(distinct), MOST_COMPARED)]
    pairs = near_duplicates([looks[index].thumbnail for index in compared])
    return [(compared[one], compared[other]) for one, other in pairs], len(compared)


def _cut(header: Header, shape: ImageShape) -> float:
    """Return the share of its area that cropping to the aspect of `shape` takes off a picture."""
    change = header.width / header.height * shape[0] / shape[1]
    return 1 - min(change, 1 / change)


def _contact_sheet(
    entries: Sequence[Entry], median: tuple[int, int], levels: Levels
) -> Image.Image:
    side = min(max(*median, LEAST_TILE), MOST_TILE)
    chosen = [entries[index] for index in evenly_spread(len(entries), ON_SHEET)]
    tiles: list[np.ndarray] = []

    def take(entry: Entry, result: Prepared | UnusableImageError) -> None:
        if not isinstance(result, UnusableImageError):
            tiles.append(result.pixels)

    whole = Preparation((side, side, 3), "pad", BACKGROUND, levels=levels)
    read_each(chosen, whole, take, progress=False)
    return image_grid(np.array(tiles))
