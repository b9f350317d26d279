"""What `fit` and `evaluate` are given: paths and names are read, arrays become batches."""

import os
from typing import Any

import keras

from ganzoo import backends
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.checks import Arrays
from ganzoo.datasets.folders.folder import ImageFolder, image_folder
from ganzoo.datasets.loading import is_path, load

BATCH_SIZE = 64


def read(model: Any, x: Any, y: Any, verbose: Any) -> tuple[Any, Any]:
    """Return images and labels where `x` is a folder, an archive or the name of a dataset.

    Other data come back as they are. A conditional model without class names gets those of the
    sub-folders.

    Args:
        model: an `AdversarialModel`.
        x: a path, a name, or anything else that `fit` takes.
        y: labels, which only arrays have beside them.
        verbose: whether to say what was read.
    """
    if isinstance(x, ImageFolder):
        _name_classes(model, x)
    if not isinstance(x, str | os.PathLike):
        return x, y
    if y is not None:
        raise TypeError("Labels of a folder or a named dataset come with it: call fit(x) alone.")
    if is_path(x):
        folder = image_folder(
            x,
            model.image_shape,
            labels="inferred" if model.num_classes else None,
            class_names=model.class_names if model.num_classes else None,
            verbose=bool(verbose),
        )
        _name_classes(model, folder)
        return folder.images, folder.labels
    images, labels = load(os.fspath(x))
    return images, labels if model.num_classes else None


def in_order(arrays: Arrays, batch_size: int | None) -> Any:
    """Return each image once, for `evaluate`."""
    batch_size = BATCH_SIZE if batch_size is None else batch_size
    batches = ImageArrays(*arrays, batch_size=batch_size, shuffle=False, top_up=False)
    return backends.current.feed(batches)[0]


def _name_classes(model: keras.Model, folder: ImageFolder) -> None:
    """Give the folder's class names to a model without any, or check that they are the same."""
    if not model.num_classes or folder.class_names is None:
        return  # the check of the batches says what is missing
    if len(folder.class_names) != model.num_classes:
        raise ValueError(
            f"{folder.report.path!r} has {len(folder.class_names)} classes "
            f"({', '.join(folder.class_names)}), the model has {model.num_classes}. "
            f"Build it with class_names={folder.class_names}, or take other sub-folders."
        )
    if model.class_names not in (None, folder.class_names):
        raise ValueError(
            f"The labels of {folder.report.path!r} stand for {folder.class_names}, the model's for "
            f"{model.class_names}. Pass class_names={model.class_names} to image_folder."
        )
    model.class_names = folder.class_names
