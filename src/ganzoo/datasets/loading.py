"""Datasets by name: `load`, their arrays as they are; `read_named`, in any shape."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganzoo.datasets import choosing
from ganzoo.datasets.catalog import DATASETS, Dataset, File
from ganzoo.datasets.download import fetch
from ganzoo.datasets.folders.picture_files import read_folder
from ganzoo.datasets.folders.prepare import Preparation
from ganzoo.datasets.folders.several import PATTERN, matching
from ganzoo.datasets.formats import read_cifar, read_idx
from ganzoo.datasets.hub_sets import SETS, is_set
from ganzoo.datasets.image_set import ImageSet
from ganzoo.datasets.reading_options import Options
from ganzoo.files import expanded, home
from ganzoo.names import choose
from ganzoo.presets.hub import HUB

BUNDLED = Path(__file__).parent / "bundled"
REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
Loaded = tuple[NDArray[np.uint8], NDArray[np.int32] | None]


def load(name: str, split: str = "train", folder: str | os.PathLike[str] | None = None) -> Loaded:
    """Load a dataset from its original files, downloading them at first use.

    The files live in `<home>/<name>/`, where `<home>` is the folder in the environment variable
    `GANZOO_HOME`, or `ganzoo` in the user's cache folder. Files placed there by hand are used.
    Every file must have the checksum that the catalog gives. An interrupted download goes on
    where it stopped at the next call. `"emoji"` comes along and needs no network. `"pokemon"` and
    `"art"` have no public address: their archives must be placed by hand.

    Args:
        name: `"mnist"`, `"fashion_mnist"`, `"cifar10"`, `"emoji"`, `"pokemon"` or `"art"`: a key of
            `ganzoo.datasets.DATASETS`.
        split: `"train"`, or `"test"` for the first three, or `"artwork"` for `"pokemon"`.
        folder: the folder that holds the files, instead of `<home>/<name>/`.

    Returns:
        `(images, labels)`: `images` is a uint8 array `(n, height, width, channels)` with values
        from 0 to 255, `labels` an int32 array `(n,)` of positions in the dataset's `class_names`,
        or None for a dataset without classes. Both are in the original order; archives of image
        files (`"emoji"`, `"pokemon"`, `"art"`) in that of the files' names, in the catalog's shape;
        `ganzoo.datasets.read` brings them to any other.

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
    paths = _fetched(name, split, folder)
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


def read_named(name: str, options: Options) -> ImageSet:
    """Read a dataset of the catalog, brought to the shape that is asked for.

    Raises:
        ValueError: an unknown split, or classes of a dataset without any.
        TypeError: labels, which come with it.
    """
    dataset = DATASETS[name]
    if options.labels_given or options.column not in (None, "inferred"):
        raise TypeError(f"The labels of {name!r} come with it: give none.")
    if options.attributes:
        raise TypeError(f"{name!r} has no attributes, and those are asked for: take other images.")
    if options.inferred and not dataset.class_names:
        raise ValueError(f"{name!r} has no classes: read it without labels.")
    prepare = Preparation(
        options.image_shape or dataset.image_shape,
        options.fit,
        options.background,
        decode=options.decode,
    )
    if dataset.format == "zip" and prepare != Preparation(dataset.image_shape):
        found = _of_archive(name, prepare, options)
    else:
        found = _of_arrays(name, prepare, options)
    if options.no_labels or found.labels is None:
        return replace(found, labels=None, class_names=None)
    return _called(found, options)


def held_out_split(data: Any) -> str | None:
    """Return `"test"` for the name of a dataset that has such a split, else None."""
    named = isinstance(data, str) and data in DATASETS
    return "test" if named and "test" in DATASETS[data].files else None


def is_path(data: str | os.PathLike[str]) -> bool:
    """Whether `data` is a folder or a file, rather than the name or handle of a dataset.

    The names of the catalog come first: a folder called `art` is `"./art"`, or `Path("art")`.

    Raises:
        FileNotFoundError: it is neither.
    """
    if isinstance(data, str) and (data in DATASETS or is_set(data)):
        return False
    if (path := expanded(data)).exists() or matching(path):
        return True
    raise FileNotFoundError(
        f"{os.fspath(data)!r} is no folder or zip archive, nor a dataset that ganzoo knows: "
        f"{', '.join(DATASETS)}.{_meant(os.fspath(data), path)}"
    )


def _meant(text: str, path: Path) -> str:
    """Say what else a text may have been meant to be."""
    on_the_hub = text.removeprefix(HUB)
    if REPOSITORY.fullmatch(on_the_hub):
        return f" On the Hub, that is '{SETS}{on_the_hub}'."
    if "://" in text:
        return " Nothing is fetched from other places: download it, and give its path."
    if set(text) & set(PATTERN):
        return " No file fits the pattern."
    if path.is_symlink():
        return f" It is a link to {os.readlink(path)}, which is not there."
    return ""


def _of_arrays(name: str, prepare: Preparation, options: Options) -> ImageSet:
    split = options.split or "train"
    images, labels = load(name, split)
    names = None if labels is None else list(DATASETS[name].class_names)
    found = ImageSet(images, labels, class_names=names, name=name, split=split)
    rows = choosing.first_of(len(images), labels, options.limit)
    if rows is not None:
        found = found.take(rows)
    if found.image_shape == prepare.image_shape:
        return found
    return replace(found, images=np.stack([prepare.array(each) for each in found.images]))


def _of_archive(name: str, prepare: Preparation, options: Options) -> ImageSet:
    """Read pictures in another shape than the catalog's, from their files."""
    split = options.split or "train"
    found = read_folder(
        _fetched(name, split, None)[0],
        prepare,
        class_names=DATASETS[name].class_names or None,
        limit=options.limit,
        strict=True,
        verbose=options.verbose,
    )
    return replace(found, name=name, split=split)


def _called(found: ImageSet, options: Options) -> ImageSet:
    """Let the classes be called, and numbered, as asked for."""
    own, asked = list(found.class_names or ()), list(options.class_names or ())
    if len(asked) != len(own):
        return found
    if set(asked) == set(own):
        numbers = np.array([asked.index(name) for name in own], np.int32)
        found = replace(found, labels=numbers[found.labels])
    return replace(found, class_names=asked)


def place_of(name: str) -> Path:
    """Return the folder where the files of a dataset are, or belong: for some, in the package."""
    bundled = BUNDLED / name
    return bundled if bundled.is_dir() else home() / name


def _fetched(name: str, split: str, folder: str | os.PathLike[str] | None) -> list[Path]:
    dataset = choose("dataset", name, DATASETS)
    files = choose("split", split, dataset.files)
    folder = place_of(name) if folder is None else expanded(folder)
    for file in files:
        if not file.urls and not (folder / file.name).exists():
            raise FileNotFoundError(_how_to_place(name, dataset, file, folder))
    return [fetch(folder, file) for file in files]


def _read_zip(path: Path, dataset: Dataset) -> Loaded:
    class_names = dataset.class_names or None
    found = read_folder(
        path, Preparation(dataset.image_shape), class_names=class_names, strict=True
    )
    return found.images, found.labels


def _how_to_place(name: str, dataset: Dataset, file: File, folder: Path) -> str:
    return (
        f"{name!r} needs the file {file.name} (SHA-256 {file.sha256}), for which no public address "
        f"is known; its images come from {dataset.source}. Place the file in {folder}, or pass "
        f"load({name!r}, folder=...). A folder or zip archive of images of your own needs no file: "
        "pass its path to fit."
    )
