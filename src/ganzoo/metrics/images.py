"""What `evaluate` is given, as uint8 arrays of one shape."""

import hashlib
import os
from typing import Any, NamedTuple

import keras
import numpy as np

from ganzoo import datasets
from ganzoo.datasets import DATASETS
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.loading import held_out_split
from ganzoo.types import ImageShape

FEWEST = 2  # a covariance needs two


class ImageSet(NamedTuple):
    """Images, uint8 `(n, height, width, channels)`, and what is known of them."""

    images: np.ndarray
    labels: np.ndarray | None = None
    name: str | None = None
    split: str | None = None


def read_pair(
    real: Any,
    fake: Any,
    split: str | None = None,
    image_shape: ImageShape | None = None,
    verbose: bool = False,
) -> tuple[ImageSet, ImageSet]:
    """Read both sets of images, in the shape of whichever is an array where none is given.

    Raises:
        ValueError: images that cannot be scored; says why, and what to do.
        TypeError: something that is no set of images, or no uint8.
    """
    shape = image_shape or _own_shape(fake) or _own_shape(real)
    if shape is None:
        raise ValueError("Two folders need the size to compare them in: give image_shape.")
    return read("real", real, shape, split, verbose), read("fake", fake, shape, split, verbose)


def read(
    what: str,
    data: Any,
    image_shape: ImageShape,
    split: str | None = None,
    verbose: bool = False,
) -> ImageSet:
    """Read a set of images.

    Args:
        what: `"real"` or `"fake"`, for the messages.
        data: an array; `(images, labels)`; batches as `ganzoo.datasets.image_folder` makes them; a
            folder or zip archive; or the name of a dataset.
        image_shape: `(height, width, channels)`.
        split: of a named dataset; by default `"test"`, or `"train"` where there is no other.
        verbose: whether to say what a folder holds.

    Raises:
        ValueError: images that cannot be scored; says why, and what to do.
        TypeError: something that is no set of images, or no uint8.
    """
    if isinstance(data, str | os.PathLike):
        found = _stored(data, image_shape, split, verbose)
    elif isinstance(data, datasets.ImageSet):
        found = ImageSet(data.images, data.labels, data.name, data.split)
    elif isinstance(data, ImageArrays):
        found = ImageSet(data.images, data.targets[0])
    elif isinstance(data, tuple) and len(data) == 2:
        found = ImageSet(_array(data[0]), None if data[1] is None else _array(data[1]))
    else:
        found = ImageSet(_array(data))
    _check(what, found, tuple(image_shape))
    return found


def fingerprint(images: np.ndarray) -> str:
    """Return the SHA-256 of the images' shape and pixels, in hexadecimal."""
    digest = hashlib.sha256(repr(images.shape).encode())
    for image in images:  # one by one: they may be mapped from a file larger than the memory
        digest.update(image.tobytes())
    return digest.hexdigest()


def _stored(
    data: str | os.PathLike[str], image_shape: ImageShape, split: str | None, verbose: bool
) -> ImageSet:
    named = isinstance(data, str) and data in DATASETS
    split = (split or held_out_split(data)) if named else None
    found = datasets.read(data, image_shape, split=split, verbose=verbose)
    return ImageSet(found.images, found.labels, found.name, found.split)


def _own_shape(data: Any) -> ImageShape | None:
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
    if images.max() == 1:
        raise ValueError(
            f"The {what} images hold 0 and 1 alone: they look scaled to [0, 1]. Give "
            "np.rint(images * 255).astype('uint8')."
        )
    if labels is not None and labels.shape != (len(images),):
        raise ValueError(
            f"Expected labels of shape ({len(images)},), one for each {what} image, not "
            f"{labels.shape}."
        )
