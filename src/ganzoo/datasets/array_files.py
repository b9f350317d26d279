"""Files of arrays: `.npy` and `.npz`."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.datasets.checks import IMAGES, LABELS

ARRAY_FILES = (".npy", ".npz")


def arrays_in(path: Path, split: str | None) -> Any:
    """Return an array, mapped from its file, or `(images, labels)` of several.

    Args:
        path: a `.npy` or `.npz` file.
        split: of an `.npz` file with arrays such as `x_train`, `y_train`: `"train"` by default.

    Raises:
        ValueError: the file is damaged, or none of its arrays is called as images are.
    """
    try:
        loaded = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            arrays = {"": loaded}
        else:
            with loaded:
                arrays = {name: loaded[name] for name in loaded.files}
    except Exception as error:  # a stranger's file can make it raise anything
        raise ValueError(f"{os.fspath(path)!r} is no whole file of arrays: {error}") from error
    if split is None and "" in arrays:
        return arrays[""]
    images, labels = ((each for each in arrays if _is(each, names, split)) for names in _NAMES)
    if (image_name := next(images, None)) is None:
        raise ValueError(
            f"{os.fspath(path)!r} holds {', '.join(map(repr, arrays)) or 'nothing'}, and no images"
            f"{f' of the split {split!r}' if split else ''}: call them 'images', and their "
            "classes 'labels'."
        )
    label_name = next(labels, None)
    return arrays[image_name], None if label_name is None else arrays[label_name]


_NAMES = ((*IMAGES, "arr_0"), (*LABELS, "arr_1"))


def _is(name: str, usual: tuple[str, ...], split: str | None) -> bool:
    if split is None:
        return name in usual or name in {f"{each}_train" for each in usual} | {
            f"train_{each}" for each in usual
        }
    return name in {f"{each}_{split}" for each in usual} | {f"{split}_{each}" for each in usual}
