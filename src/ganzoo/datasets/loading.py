"""`load`: from the name of a dataset to its arrays."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ganzoo.datasets.catalog import DATASETS, Dataset, File
from ganzoo.datasets.download import fetch
from ganzoo.datasets.folders.folder import image_folder
from ganzoo.datasets.formats import read_cifar, read_idx
from ganzoo.files import home
from ganzoo.names import choose

Loaded = tuple[NDArray[np.uint8], NDArray[np.int32] | None]


def load(name: str, split: str = "train", folder: str | os.PathLike[str] | None = None) -> Loaded:
    """Load a dataset from its original files, downloading them at first use.

    The files live in `<home>/<name>/`, where `<home>` is the folder in the environment variable
    `GANZOO_HOME`, or `ganzoo` in the user's cache folder. Files placed there by hand are used.
    Every file must have the checksum that the catalog gives. An interrupted download goes on
    where it stopped at the next call. `"pokemon"` and `"art"` have no public address: their
    archives must be placed by hand.

    Args:
        name: `"mnist"`, `"fashion_mnist"`, `"cifar10"`, `"pokemon"` or `"art"`: a key of
            `ganzoo.datasets.DATASETS`.
        split: `"train"`, or `"test"` for the first three, or `"artwork"` for `"pokemon"`.
        folder: the folder that holds the files, instead of `<home>/<name>/`.

    Returns:
        `(images, labels)`: `images` is a uint8 array `(n, height, width, channels)` with values
        from 0 to 255, `labels` an int32 array `(n,)` of positions in the dataset's `class_names`,
        or None for a dataset without classes. Both are in the original order; archives of image
        files (`"pokemon"`, `"art"`) in that of the files' names.

    Raises:
        ValueError: unknown name or split, or a file with a wrong checksum or malformed content.
        ConnectionError: a file is absent and no mirror served it.
        FileNotFoundError: a file is absent that has no public address.

    Example:
        ```python
        import ganzoo

        images, labels = ganzoo.datasets.load("mnist")  # (60000, 28, 28, 1), (60000,)
        sevens = images[labels == 7]
        ```
    """
    dataset = choose("dataset", name, DATASETS)
    files = choose("split", split, dataset.files)
    folder = home() / name if folder is None else Path(folder).expanduser()
    for file in files:
        if not file.urls and not (folder / file.name).exists():
            raise FileNotFoundError(_how_to_place(name, dataset, file, folder))
    paths = [fetch(folder, file) for file in files]
    if dataset.format == "zip":
        return _read_zip(paths[0], dataset)
    if dataset.format == "idx":
        images, labels = read_idx(paths[0], rank=3)[..., np.newaxis], read_idx(paths[1], rank=1)
    else:
        images, labels = read_cifar(paths[0], split)
    if images.shape != (len(labels), *dataset.image_shape):
        raise ValueError(
            f"{paths[0]} holds images of shape {images.shape}, "
            f"expected {len(labels)} of shape {dataset.image_shape}"
        )
    if labels.max(initial=0) >= len(dataset.class_names):
        raise ValueError(f"{paths[-1]} holds the label {labels.max()}, which is no class")
    return images.copy(order="C"), labels.astype(np.int32)  # writable, unlike views of a file


def is_path(data: str | os.PathLike[str]) -> bool:
    """Whether `data` is a folder or a file, rather than the name of a dataset.

    The names of the catalog come first: a folder called `art` is `"./art"`, or `Path("art")`.

    Raises:
        FileNotFoundError: it is neither.
    """
    if isinstance(data, str) and data in DATASETS:
        return False
    if Path(data).expanduser().exists():
        return True
    raise FileNotFoundError(
        f"{os.fspath(data)!r} is no folder or zip archive, nor a dataset that ganzoo knows: "
        f"{', '.join(DATASETS)}."
    )


def _read_zip(path: Path, dataset: Dataset) -> Loaded:
    class_names = dataset.class_names or None
    images = image_folder(
        path, dataset.image_shape, class_names=class_names, strict=True, verbose=False
    )
    return images.images, images.labels


def _how_to_place(name: str, dataset: Dataset, file: File, folder: Path) -> str:
    return (
        f"{name!r} needs the file {file.name} (SHA-256 {file.sha256}), for which no public address "
        f"is known; its images come from {dataset.source}. Place the file in {folder}, or pass "
        f"load({name!r}, folder=...). A folder or zip archive of images of your own needs no file: "
        "pass its path to fit."
    )
