"""What `evaluate` is given, as uint8 arrays of one shape."""

import os
from typing import Any, NamedTuple

import keras
import numpy as np

from ganzoo import datasets
from ganzoo.datasets import DATASETS
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.folders.prepare import Fit
from ganzoo.datasets.loading import held_out_split
from ganzoo.types import ImageShape

FEWEST = 2  # a covariance needs two


class ImageSet(NamedTuple):
    """Images, uint8 `(n, height, width, channels)`, and what is known of them."""

    images: np.ndarray
    labels: np.ndarray | None = None
    name: str | None = None
    split: str | None = None


def read(
    what: str,
    data: Any,
    image_shape: ImageShape,
    split: str | None = None,
    verbose: bool = False,
    *,
    fit: Fit = "crop",
    background: str = "white",
    limit: int | None = None,
) -> ImageSet:
    """Read a set of images.

    Args:
        what: `"real"` or `"fake"`, for the messages.
        data: an array; `(images, labels)`; batches as `ganzoo.datasets.image_folder` makes them; a
            folder or zip archive; or the name of a dataset.
        image_shape: `(height, width, channels)`.
        split: of a named dataset; by default `"test"`, or `"train"` where there is no other.
        verbose: whether to say what a folder holds.
        fit: how files are brought to the shape, as `ganzoo.datasets.image_folder` takes it.
        background: behind transparent pixels of files.
        limit: the most images to take, the first ones; by default all.

    Raises:
        ValueError: images that cannot be scored; says why, and what to do.
        TypeError: something that is no set of images, or no uint8.
    """
    if isinstance(data, str | os.PathLike):
        named = isinstance(data, str) and data in DATASETS
        stored = datasets.read(
            data,
            image_shape,
            split=(split or held_out_split(os.fspath(data))) if named else None,
            fit=fit,
            background=background,
            verbose=verbose,
        )
        found = ImageSet(stored.images, stored.labels, stored.name, stored.split)
    elif isinstance(data, datasets.ImageSet):
        found = ImageSet(data.images, data.labels, data.name, data.split)
    elif isinstance(data, ImageArrays):
        found = ImageSet(data.images, data.targets[0])
    elif isinstance(data, tuple) and len(data) == 2:
        found = ImageSet(_array(data[0]), None if data[1] is None else _array(data[1]))
    else:
        found = ImageSet(_array(data))
    _check(what, found, tuple(image_shape))
    if limit is not None and limit < FEWEST:
        raise ValueError(f"limit must be at least {FEWEST}, not {limit}.")
    labels = None if found.labels is None else found.labels[:limit]
    return found._replace(images=found.images[:limit], labels=labels)


def own_shape(data: Any) -> ImageShape | None:
    """Return the shape of an image where data have one; files have none of their own."""
    if isinstance(data, str) and data in DATASETS:
        return DATASETS[data].image_shape
    if isinstance(data, str | os.PathLike):
        return None
    images = data.images if isinstance(data, ImageArrays | datasets.ImageSet) else data
    images = images[0] if isinstance(images, tuple) and images else images
    return tuple(getattr(images, "shape", ()))[1:] or None


def _array(data: Any) -> np.ndarray:
    if keras.ops.is_tensor(data):
        data = keras.ops.convert_to_numpy(data)
    if not hasattr(data, "__array__"):
        raise TypeError(
            "Images to score are one uint8 array, (images, labels), a folder, a zip archive or a "
            f"dataset of ganzoo, not {type(data).__name__}. Stack a list with np.stack(images)."
        )
    return np.asarray(data)


def _check(what: str, found: ImageSet, image_shape: tuple[int, ...]) -> None:
    images, labels = found.images, found.labels
    if images.ndim != 4 or images.shape[1:] != image_shape:
        raise ValueError(
            f"Expected {what} images of shape (n, {', '.join(map(str, image_shape))}), not "
            f"{images.shape}. Real and generated images must have the same height, width and "
            "channels: resize or convert one of them."
        )
    if images.dtype != np.uint8:
        raise TypeError(
            f"The {what} images must be uint8 from 0 to 255, as pictures are stored, not "
            f"{images.dtype}. From [-1, 1]: np.rint((images + 1) * 127.5).astype('uint8'). "
            "gan.generate returns uint8."
        )
    if len(images) < FEWEST:
        raise ValueError(
            f"Scores need at least {FEWEST} {what} images, and thousands to mean something; "
            f"there are {len(images)}."
        )
    if _of_zeros_and_ones(images):
        raise ValueError(
            f"The {what} images hold 0 and 1 alone: they look scaled to [0, 1]. Give "
            "np.rint(images * 255).astype('uint8')."
        )
    if labels is not None and labels.shape != (len(images),):
        raise ValueError(
            f"Expected labels of shape ({len(images)},), one for each {what} image, not "
            f"{labels.shape}."
        )


def _of_zeros_and_ones(images: np.ndarray) -> bool:
    """Whether there are ones and nothing above; of others, few images are looked at."""
    highest = 0
    for image in images:
        highest = max(highest, int(image.max()))
        if highest > 1:
            return False
    return highest == 1
