"""Checks of images, labels and weights, with errors that say what to do."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ganzoo.datasets.conversions import as_array, as_labels, unpack
from ganzoo.pixel_range import check_pixels
from ganzoo.types import ImageShape, Tensor

Arrays = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]
"""Images, labels and sample weights."""


class Checked:
    """Images, labels and weights, checked against a model.

    Args:
        image_shape: the model's.
        num_classes: the model's, or None.
        class_names: a name for each class: labels may then be names.
        attributes: the names of the model's, whose labels are vectors of them; or None.

    Raises:
        ValueError: images or labels of another shape, number or range than the model's.
        TypeError: images or labels of a dtype that cannot hold them.
    """

    def __init__(
        self,
        image_shape: ImageShape,
        num_classes: int | None,
        class_names: Sequence[str] | None = None,
        attributes: Sequence[str] | None = None,
    ) -> None:
        self.image_shape = image_shape
        self.num_classes = num_classes
        self.class_names = class_names
        self.attributes = attributes

    def arrays(self, images: Any, labels: Any = None, weight: Any = None) -> Arrays:
        """Return arrays of NumPy, after looking at every value.

        Labels are int32 `(n,)`, or float32 `(n, attributes)`.
        """
        return self._checked(images, labels, weight, batch=False)

    def batch(self, batch: Any, later: bool = False) -> Arrays:
        """Return a batch of a dataset as arrays, after looking at every value.

        Args:
            batch: what a dataset yields: images, a tuple, or a dictionary by the usual names.
            later: whether other batches were looked at before.
        """
        parts = unpack(batch, bool(self.num_classes or self.attributes))
        return self._checked(*parts, batch=True, later=later)

    def _checked(
        self, images: Any, labels: Any, weight: Any, batch: bool, later: bool = False
    ) -> Arrays:
        if images is None or not np.ndim(images) or isinstance(images, os.PathLike):
            raise TypeError(
                f"Expected batches of images, not {type(images).__name__}: {images!r:.80}. Paths "
                "of single images are given as a list, such as list(paths)."
            )
        images = as_array(images)
        if labels is not None:
            labels = as_array(labels) if self.attributes else as_labels(labels, self.class_names)
        weight = None if weight is None else as_array(weight)
        known = (self.image_shape, self.num_classes, self.attributes)
        check_structure(images, labels, weight, *known, batch)
        check_pixels(images, later)
        if labels is not None and self.attributes:
            check_vectors(labels)
            labels = labels.astype(np.float32)
        elif labels is not None:
            check_labels(labels, self.num_classes or 0)
            labels = labels.reshape(-1).astype(np.int32)
        if weight is not None and not later:
            check_weights(weight, len(images))
        return images, labels, weight


def check_structure(
    images: Tensor,
    labels: Tensor | None,
    weight: Tensor | None,
    image_shape: ImageShape,
    num_classes: int | None,
    attributes: Sequence[str] | None = None,
    batch: bool = True,
) -> None:
    """Check shapes and labels' dtype; of arrays, or of the symbols of a step that is being traced.

    Args:
        images: of any shape.
        labels: of any shape, or None.
        weight: of any shape, or None.
        image_shape: the model's.
        num_classes: the model's, or None.
        attributes: the model's, or None.
        batch: whether they come from a dataset, which may yield single images.
    """
    check_shape(images, image_shape, batch)
    check_labelled(labels is not None, num_classes, attributes)
    count = images.shape[0]
    if labels is not None and attributes:
        check_vector_shape(labels, count, attributes)
    elif labels is not None:
        check_label_shape(labels, count, num_classes)
    if weight is not None:
        _check_weight_shape(weight, count)


def check_shape(images: Tensor, image_shape: ImageShape | None, batch: bool = False) -> None:
    """Check the shape of images; without `image_shape`, whether they are images at all."""
    shape = tuple(images.shape)
    if image_shape is None and len(shape) == 4:
        return
    if image_shape is None or len(shape) != 4 or shape[1:] != tuple(image_shape):
        expected = image_shape or ("height", "width", "channels")
        raise ValueError(
            f"Expected images of shape (batch, {', '.join(map(str, expected))}), not {shape}. "
            + _shape_advice(shape, image_shape, batch)
        )


def check_labelled(
    labelled: bool, num_classes: int | None, attributes: Sequence[str] | None = None
) -> None:
    """Check that there are labels where the model has classes or attributes, and only there."""
    if attributes and not labelled:
        raise ValueError(
            f"This model has the attributes {', '.join(attributes)}, so it needs a vector of them "
            "for each image: fit(images, vectors), a dataset of (images, vectors), or files with "
            "columns of these names, as in ganzoo.datasets.read(path, labels=[...])."
        )
    if num_classes and not labelled:
        raise ValueError(
            f"This model has {num_classes} classes, so it needs a label for each image: "
            "fit(images, labels), or a dataset of (images, labels)."
        )
    if labelled and not (num_classes or attributes):
        raise ValueError(
            "This model has no classes, so it takes images without labels: fit(images). "
            "For a class-conditional model, build it with num_classes=..., for one of several "
            "attributes with attributes=[...]."
        )


def check_label_shape(labels: Tensor, count: int | None, num_classes: int | None = None) -> None:
    """Check that there is a whole number for each image, `(count,)` or `(count, 1)`."""
    shape = tuple(labels.shape)
    if len(shape) != 1 and shape[1:] != (1,):
        one_hot = len(shape) == 2 and num_classes in (None, shape[1])
        raise ValueError(
            f"Expected labels of shape (batch,), not {shape}. "
            + (_one_hot_advice(num_classes) if one_hot else "Give one number for each image.")
        )
    if (dtype := _dtype(labels)) and "int" not in dtype:
        raise TypeError(f"Expected integer labels, not {dtype}. {_label_advice(labels, dtype)}")
    if None not in (count, shape[0]) and shape[0] != count:
        raise ValueError(f"Expected labels of shape ({count},), not {shape}: one for each image.")


def check_labels(labels: np.ndarray, num_classes: int) -> None:
    """Check that the labels are classes of the model."""
    if not labels.size:
        return
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest == 1 and highest == num_classes:
        raise ValueError(
            f"Labels must be 0 to {num_classes - 1} (num_classes={num_classes}), but they reach "
            f"from 1 to {highest}: give labels - 1."
        )
    if lowest < 0 or highest >= num_classes:
        raise ValueError(
            f"Labels must be 0 to {num_classes - 1} (num_classes={num_classes}), "
            f"but they reach from {lowest} to {highest}. Leave the other images out, or build a "
            f"model with num_classes={max(highest + 1, num_classes)} and labels from 0."
        )


def check_vector_shape(vectors: Tensor, count: int | None, attributes: Sequence[str]) -> None:
    """Check that there is a vector of numbers for each image, `(count, attributes)`."""
    shape, size = tuple(vectors.shape), len(attributes)
    wrong = None not in (count, shape[0]) and shape[0] != count
    if len(shape) != 2 or shape[1] != size or wrong:
        raise ValueError(
            f"Expected labels of shape ({count or 'batch'}, {size}), a vector "
            f"of {', '.join(attributes)} for each image, not {shape}."
        )
    dtype = _dtype(vectors)
    if not any(kind in dtype for kind in ("int", "float", "bool")):
        raise TypeError(f"Expected numbers as attributes, 0 or 1 each, not {dtype}.")


def check_vectors(vectors: np.ndarray) -> None:
    """Check that attributes are numbers from 0 to 1."""
    if not (np.isfinite(vectors).all() and (vectors >= 0).all() and (vectors <= 1).all()):
        raise ValueError(
            "Attributes must be numbers from 0, without, to 1, with. Give vectors > 0 where they "
            "are -1 and 1."
        )


def check_weights(weight: np.ndarray, count: int) -> None:
    """Check that there is a finite weight from 0 on for each image."""
    _check_weight_shape(weight, count)
    if weight.dtype.kind not in "fiub" and "float" not in weight.dtype.name:
        raise TypeError(f"Expected numbers as sample weights, not {weight.dtype}.")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise ValueError("Sample weights must be finite, and not negative.")


def _check_weight_shape(weight: Tensor, count: int | None) -> None:
    shape = tuple(weight.shape)
    if len(shape) != 1 or (None not in (count, shape[0]) and shape[0] != count):
        raise ValueError(
            f"Expected sample weights of shape ({count},), not {shape}: one for each image."
        )


def _dtype(x: Any) -> str:
    """Return the name of a dtype of NumPy or of any backend."""
    return str(getattr(x.dtype, "name", x.dtype)).removeprefix("torch.")


def _label_advice(labels: Tensor, dtype: str) -> str:
    if dtype == "object":
        return "Some are neither numbers nor names: give a class for each image."
    if "float" in dtype and isinstance(labels, np.ndarray) and not np.isfinite(labels).all():
        return "Some are NaN or infinite: leave those images out."
    return "Convert them, e.g. labels.astype('int32')."


def _one_hot_advice(num_classes: int | None) -> str:
    advice = "Give labels.argmax(axis=-1)"
    return f"{advice}." if num_classes else f"{advice}, or the names of attributes=[...]."


def _shape_advice(shape: tuple[Any, ...], image_shape: ImageShape | None, batch: bool) -> str:
    if image_shape is None:
        return "Give one array with the axes batch, height, width and channels."
    height, width, channels = image_shape
    if shape[1:] == (channels, height, width):
        return "They look channels-first: give np.moveaxis(images, 1, -1)."
    if len(shape) == 4:
        return f"Resize or convert them, or build the model with image_shape={shape[1:]}."
    first = len(shape) == 3 and (shape[0] == channels or (batch and shape[0] in (1, 3)))
    if shape == image_shape or (first and shape[1:] == (height, width)):
        kind = "single image" if shape == image_shape else "single channels-first image"
        if batch:
            return (
                f"This is a {kind}, not a batch: call .batch(64) on a tf.data.Dataset, or wrap a "
                "dataset of torch in DataLoader(dataset, batch_size=64)."
            )
        turned = "images" if shape == image_shape else "np.moveaxis(images, 0, -1)"
        return f"This is a {kind}: give {turned}[None]."
    if len(shape) == 2 and shape[1] == height * width * channels:
        return f"They look flattened: give images.reshape(-1, {height}, {width}, {channels})."
    if shape[1:] == (height, width):
        return "The channels are missing: give images[..., None]."
    if batch and len(shape) == 3:
        return (
            "This is no batch: call .batch(64) on a tf.data.Dataset, or wrap a dataset of torch in "
            "DataLoader(dataset, batch_size=64)."
        )
    return "Give one array with the axes batch, height, width and channels."
