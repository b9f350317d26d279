"""Checks of what users give to `fit`, with errors that say what to do."""

from typing import Any

import keras
import numpy as np

from ganzoo.types import ImageShape, Tensor

Arrays = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]
"""Images, labels and sample weights."""


class Checked:
    """What `fit` is given, checked against the model's images and classes.

    Raises:
        ValueError: images or labels of another shape, number or range than the model's.
        TypeError: images or labels of a dtype that cannot hold them, or no data at all.
    """

    def __init__(self, image_shape: ImageShape, num_classes: int | None) -> None:
        self.image_shape = image_shape
        self.num_classes = num_classes

    def arrays(self, images: Any, labels: Any = None, weight: Any = None) -> Arrays:
        """Return the arguments as NumPy arrays, after looking at every value."""
        images = as_array(images)
        labels = None if labels is None else as_array(labels)
        weight = None if weight is None else as_array(weight)
        self.batch(images, labels, weight)
        return images, labels, weight

    def dataset(self, dataset: Any) -> Any:
        """Return the dataset, after looking at its first batch where that does not use it up."""
        if dataset is None or isinstance(dataset, list | tuple | dict):
            raise TypeError(
                "fit needs images as one array, a folder, the name of a dataset or a dataset, not "
                f"{type(dataset).__name__}. Stack a list with np.stack(images)."
            )
        iterator = iter(dataset)
        if iterator is dataset:  # a generator: a batch that is looked at would be lost
            return dataset
        first = next(iterator, None)
        if first is None:
            raise ValueError("There is no image to train on: the dataset has no batch.")
        self.arrays(*unpack(first))
        return dataset

    def batch(
        self, images: np.ndarray, labels: np.ndarray | None, weight: np.ndarray | None
    ) -> None:
        """Check structure and values."""
        check_structure(images, labels, weight, self.image_shape, self.num_classes)
        check_pixels(images)
        for each, what in ((labels, "labels"), (weight, "sample weights")):
            if each is not None and len(each) != len(images):
                raise ValueError(
                    f"Expected {what} of shape ({len(images)},), not {each.shape}: "
                    "one for each image."
                )
        if labels is not None:
            check_labels(labels, self.num_classes or 0)


def is_array(x: Any) -> bool:
    """Whether `x` is one array or tensor, rather than batches of them."""
    return isinstance(x, np.ndarray) or keras.ops.is_tensor(x) or hasattr(x, "__array__")


def are_arrays(data: Any) -> bool:
    """Whether `data` is an array, or a tuple of arrays, rather than a dataset."""
    parts = data if isinstance(data, tuple | list) else (data,)
    return all(part is None or is_array(part) for part in parts) and data is not None


def as_array(x: Any) -> np.ndarray:
    """Return a NumPy array, without a copy where it is one already."""
    return x if isinstance(x, np.ndarray) else np.asarray(keras.ops.convert_to_numpy(x))


def split(arrays: Arrays, share: float) -> tuple[Arrays, Arrays]:
    """Split the given share off the end of the arrays."""
    count = len(arrays[0])
    cut = int(count * (1 - share))
    if not 0 < cut < count:
        raise ValueError(
            f"validation_split={share} of {count} images leaves none to train or to validate on."
        )

    def part(chosen: slice) -> Any:
        return tuple(None if array is None else array[chosen] for array in arrays)

    return part(slice(cut)), part(slice(cut, None))


def unpack(batch: Any) -> tuple[Any, Any, Any]:
    """Return a batch's images, labels and sample weights; the last two may be None."""
    if isinstance(batch, dict):
        return batch["images"], batch.get("labels"), batch.get("sample_weight")
    images, labels, weight = keras.utils.unpack_x_y_sample_weight(batch)
    return images, labels, weight


def check_structure(
    images: Tensor,
    labels: Tensor | None,
    weight: Tensor | None,
    image_shape: ImageShape,
    num_classes: int | None,
) -> None:
    """Check shapes and dtypes; of arrays, or of the symbols of a step that is being traced."""
    shape = tuple(images.shape)
    if len(shape) != 4 or shape[1:] != image_shape:
        raise ValueError(
            f"Expected images of shape (batch, {', '.join(map(str, image_shape))}), not {shape}. "
            + _shape_advice(shape, image_shape)
        )
    if (dtype := _dtype(images)) != "uint8" and "float" not in dtype:
        raise TypeError(
            f"Expected images as uint8 or float in [0, 255], not {dtype}. "
            "Convert them, e.g. with images.astype('uint8')."
        )
    if labels is None and num_classes:
        raise ValueError(
            f"This model has {num_classes} classes, so it needs a label for each image: "
            "fit(images, labels), or a dataset of (images, labels)."
        )
    if labels is not None:
        _check_label_structure(labels, num_classes)
    if weight is not None and len(weight.shape) != 1:
        raise ValueError(
            f"Expected sample weights of shape ({shape[0]},), not {tuple(weight.shape)}: "
            "one for each image."
        )


def _check_label_structure(labels: Tensor, num_classes: int | None) -> None:
    if not num_classes:
        raise ValueError(
            "This model has no classes, so it takes images without labels: fit(images). "
            "For a class-conditional model, build it with num_classes=..."
        )
    if (dtype := _dtype(labels)) and "int" not in dtype:
        raise TypeError(
            f"Expected integer labels, not {dtype}. Convert them, e.g. labels.astype('int32')."
        )
    shape = tuple(labels.shape)
    if len(shape) != 1 and shape[1:] != (1,):
        one_hot = shape[1:] == (num_classes,)
        raise ValueError(
            f"Expected labels of shape (batch,), not {shape}. "
            + ("Give labels.argmax(axis=-1)." if one_hot else "Give one number for each image.")
        )


def _dtype(x: Any) -> str:
    """Return the name of a dtype of NumPy or of any backend."""
    return str(getattr(x.dtype, "name", x.dtype)).removeprefix("torch.")


def check_pixels(images: np.ndarray) -> None:
    """Check that the pixels are in [0, 255], and not scaled already."""
    if not images.size:
        raise ValueError("There is no image to train on: the array is empty.")
    if images.dtype == np.uint8:
        return
    lowest, highest = float(images.min()), float(images.max())
    if not np.isfinite([lowest, highest]).all():
        raise ValueError("The images contain NaN or infinite pixels; remove or replace them.")
    if lowest < 0 or highest > 255:
        scaled = -1 <= lowest and highest <= 1
        raise ValueError(
            f"Pixels must be in [0, 255], but they reach from {lowest:g} to {highest:g}. "
            + ("Give (images + 1) * 127.5 instead." if scaled else "Rescale or clip them.")
        )
    if 0 < highest <= 1:
        raise ValueError(
            "Pixels must be in [0, 255], but none is above 1: the images look scaled to [0, 1]. "
            "Give images * 255 instead; the model does its own scaling."
        )


def check_labels(labels: np.ndarray, num_classes: int) -> None:
    """Check that the labels are classes of the model."""
    lowest, highest = labels.min(), labels.max()
    if lowest < 0 or highest >= num_classes:
        raise ValueError(
            f"Labels must be 0 to {num_classes - 1} (num_classes={num_classes}), "
            f"but they reach from {lowest} to {highest}. Leave the other images out, or build a "
            f"model with num_classes={max(highest + 1, num_classes)} and labels from 0."
        )


def _shape_advice(shape: tuple[Any, ...], image_shape: ImageShape) -> str:
    height, width, channels = image_shape
    if shape[1:] == (channels, height, width):
        return "They look channels-first: give np.moveaxis(images, 1, -1)."
    if shape[1:] == (height, width):
        return "The channels are missing: give images[..., None]."
    if shape == image_shape:
        return "This is a single image: give images[None]."
    if len(shape) == 4:
        return f"Resize or convert them, or build the model with image_shape={shape[1:]}."
    return "Give one array with the axes batch, height, width and channels."
