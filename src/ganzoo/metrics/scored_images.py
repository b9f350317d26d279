"""What `evaluate` is given, read by the one reader and checked for being scored."""

import os
from collections.abc import Sequence
from typing import Any

from ganzoo import datasets
from ganzoo.datasets import DATASETS, ImageSet
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.checks import check_shape
from ganzoo.datasets.conversions import as_array
from ganzoo.datasets.folders.prepare import Decode, Fit
from ganzoo.datasets.hub_sets import is_set
from ganzoo.datasets.loading import held_out_split
from ganzoo.metrics.image_stream import DrawsImages
from ganzoo.pixel_range import check_stored
from ganzoo.types import ImageShape

FEWEST = 2  # a covariance needs two


def read(
    what: str,
    data: Any,
    image_shape: ImageShape,
    split: str | None = None,
    verbose: bool = False,
    *,
    fit: Fit = "crop",
    background: str = "white",
    decode: Decode = "whole",
    image_column: str | None = None,
    attributes: Sequence[str] | None = None,
    limit: int | None = None,
) -> ImageSet:
    """Read a set of images, as `ganzoo.datasets.read` does, to be scored.

    Args:
        what: `"real"` or `"fake"`, for the messages.
        data: what `ganzoo.datasets.read` takes.
        image_shape: `(height, width, channels)`.
        split: of a named dataset; by default `"test"`, or `"train"` where there is no other.
        verbose: whether to say what a folder holds.
        fit: how files are brought to the shape.
        background: behind transparent pixels of files.
        decode: whether large JPEG are halved while they are decoded.
        image_column: which column of parquet files holds the images.
        attributes: the model's, which the images are to have; or None.
        limit: the most images to take; by default all.

    Raises:
        ValueError: images that cannot be scored; says why, and what to do.
        TypeError: something that is no set of images, or no uint8.
    """
    if isinstance(data, DrawsImages):
        raise TypeError(f"The {what} images are a model; only those to be scored may be one.")
    if limit is not None and limit < FEWEST:
        raise ValueError(f"limit must be at least {FEWEST}, not {limit}.")
    _check_arrays(what, data, tuple(image_shape))
    named = isinstance(data, str) and data in DATASETS
    found = datasets.read(
        data,
        image_shape,
        split=(split or held_out_split(data)) if named else split if is_set(data) else None,
        fit=fit,
        background=background,
        decode=decode,
        image_column=image_column,
        attributes=attributes,
        limit=limit,
        verbose=verbose,
    )
    if len(found) < FEWEST:
        raise ValueError(
            f"Scores need at least {FEWEST} {what} images, and thousands to mean something; "
            f"there are {len(found)}."
        )
    return found


def check_split(split: str | None, *data: Any) -> None:
    """Refuse a split of what has none, rather than to drop it."""
    known = any(isinstance(each, str) and (each in DATASETS or is_set(each)) for each in data)
    if split is not None and not known:
        raise ValueError(
            f"split={split!r} is for named datasets and those of the Hub; of a file of arrays, "
            "give ganzoo.datasets.read(path, split=...)."
        )


def own_shape(data: Any) -> ImageShape | None:
    """Return the shape of an image where data have one; files have none of their own."""
    if isinstance(data, DrawsImages):
        return data.image_shape
    if isinstance(data, str) and data in DATASETS:
        return DATASETS[data].image_shape
    if isinstance(data, str | os.PathLike):
        return None
    images = data.images if isinstance(data, ImageArrays | datasets.ImageSet) else data
    images = images[0] if isinstance(images, tuple) and images else images
    return tuple(getattr(images, "shape", ()))[1:] or None


def _check_arrays(what: str, data: Any, image_shape: tuple[int, ...]) -> None:
    """Check that arrays are as pictures are stored, and as large as those they are compared with.

    The reader would take others, for a training.
    """
    images: Any = data.images if isinstance(data, ImageArrays | ImageSet) else data
    images = images[0] if isinstance(images, tuple) and images else images
    if not hasattr(images, "dtype"):
        return
    shape = tuple(images.shape)
    if len(image_shape) == 3 and (
        len(shape) != 4 or shape[1:] == image_shape[-1:] + image_shape[:-1]
    ):
        check_shape(images, image_shape)
    if shape[1:] != image_shape:
        raise ValueError(
            f"Expected {what} images of shape (n, {', '.join(map(str, image_shape))}), not "
            f"{shape}. Real and generated images must have the same height, width and "
            "channels: resize or convert one of them."
        )
    check_stored(as_array(images), f"{what} images")
