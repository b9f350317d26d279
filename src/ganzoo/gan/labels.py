"""What a model is asked for by labels: one class for each image, by its number."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def one_each(labels: Any, n: int, num_classes: int, names: Sequence[str]) -> np.ndarray:
    """Return the class of each of `n` images, int32; without labels, the classes take turns."""
    if labels is None:
        return np.arange(n, dtype=np.int32) % num_classes
    if np.ndim(labels) == 0:
        labels = [labels]
    if len(labels) not in (1, n):
        raise ValueError(f"{n} images take one label or {n}, not {len(labels)}.")
    return np.resize(class_numbers(labels, num_classes, names), n)


def class_numbers(labels: Any, num_classes: int, names: Sequence[str]) -> np.ndarray:
    """Return the numbers of classes, an int32 array of the labels' shape."""
    chosen = np.asarray(labels, dtype=object)
    numbers = [names.index(each) if each in names else each for each in chosen.flat]
    if wrong := [each for each in numbers if each not in range(num_classes)]:
        known = f" or one of {names}" if names else ""
        raise ValueError(f"Unknown label {wrong[0]!r}: give 0 to {num_classes - 1}{known}.")
    return np.array(numbers, dtype=np.int32).reshape(chosen.shape)
