"""What users and datasets yield, as arrays and batches of Keras."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

# What batches that are dictionaries call them: Keras, TFDS, Hugging Face and others.
IMAGES = ("images", "image", "pixel_values", "img", "x")
LABELS = ("labels", "label", "class", "y")
WEIGHTS = ("sample_weight", "sample_weights", "weights")


def is_array(x: Any) -> bool:
    """Whether `x` is one array or tensor, rather than batches of them."""
    return isinstance(x, np.ndarray) or keras.ops.is_tensor(x) or hasattr(x, "__array__")


def as_array(x: Any) -> np.ndarray:
    """Return an array of NumPy, without a copy where it is one already.

    Raises:
        ValueError: parts of different shapes.
        TypeError: an array of which some is masked.
    """
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError("Some of the array is masked: give array.filled(0), or leave those out.")
    if isinstance(x, np.ndarray):
        return x if not _is_column(x) else as_array(list(x))
    if keras.ops.is_tensor(x):
        return np.asarray(keras.ops.convert_to_numpy(x))
    if hasattr(x, "detach"):  # a tensor of torch, beside another backend
        x = x.detach().cpu()
    if isinstance(x, list | tuple) and x and not np.isscalar(x[0]):
        parts = [as_array(each) for each in x]
        if len(shapes := {each.shape for each in parts}) > 1:
            raise ValueError(
                f"The images have {len(shapes)} different shapes, such as "
                f"{' and '.join(map(str, sorted(shapes, key=str)[:2]))}: resize them to one."
            )
        return np.stack(parts)
    found = np.asarray(x)
    if _is_column(found):
        return as_array(list(found))
    if found.dtype.kind == "U" and not _all_texts(x):
        return np.asarray(x, object)  # NumPy makes a name of what is missing: "nan"
    return found


def _is_column(x: np.ndarray) -> bool:
    """Whether an array holds arrays, as a column of pandas does."""
    return x.dtype == object and x.ndim == 1 and x.size > 0 and isinstance(x[0], np.ndarray)


def _all_texts(x: Any) -> bool:
    return all(isinstance(each, str) for each in np.asarray(x, object).flat)


def as_labels(labels: Any, class_names: Sequence[str] | None) -> np.ndarray:
    """Return labels as an array; names of classes as their numbers.

    Raises:
        ValueError: a name that is none of `class_names`.
    """
    labels = as_array(labels)
    if labels.dtype.kind not in "USTO" or not labels.size:
        return labels
    names = [each.decode() if isinstance(each, bytes) else each for each in labels.ravel().tolist()]
    if not all(isinstance(each, str) for each in names):
        return labels
    if not class_names:
        raise ValueError(
            "The labels are names, but the model has none for its classes: build it with "
            "class_names=[...], in the order of their numbers, or give numbers."
        )
    numbers = {name: number for number, name in enumerate(class_names)}
    if unknown := sorted(set(names) - numbers.keys()):
        raise ValueError(
            f"{unknown[0]!r} is no class: the classes are {', '.join(map(repr, class_names))}."
        )
    return np.array([numbers[name] for name in names], np.int32).reshape(labels.shape)


def unpack(batch: Any, conditional: bool = True) -> tuple[Any, Any, Any]:
    """Return a batch's images, labels and sample weights; the last two may be None.

    Args:
        batch: images; a tuple or list of images, labels and weights, the latter two optional; or a
            dictionary by the usual names, of which others are left aside.
        conditional: whether labels are wanted: a dictionary's are otherwise left aside, too.

    Raises:
        TypeError: a dictionary without images.
        ValueError: a tuple of more than three.
    """
    if isinstance(batch, tuple | list) and len(batch) == 1 and isinstance(batch[0], Mapping):
        batch = batch[0]
    if isinstance(batch, Mapping):
        images, labels, weight = (
            next((batch[name] for name in names if name in batch), None)
            for names in (IMAGES, LABELS, WEIGHTS)
        )
        if images is None:
            raise TypeError(
                f"A batch with {', '.join(map(repr, batch)) or 'nothing in it'} holds no images by "
                f"any of the names {', '.join(map(repr, IMAGES))}. Map it to (images, labels)."
            )
        return images, labels if conditional else None, weight
    if isinstance(batch, tuple | list) and len(batch) > 3:
        raise ValueError(
            f"A batch is images, (images, labels) or (images, labels, sample_weight), not "
            f"{len(batch)} things: group images with np.stack."
        )
    images, labels, weight = keras.utils.unpack_x_y_sample_weight(batch)
    return images, labels, weight


def packed(images: Any, labels: Any, weight: Any) -> Any:
    """Return a batch as Keras takes it."""
    if weight is None:
        return (images,) if labels is None else (images, labels)
    if labels is None:  # Keras takes no None within a batch, and drops weights without labels
        return ({"images": images, "sample_weight": weight},)
    return images, labels, weight
