"""Folders of arrays: `.npy` and `.npz` files, and TIFF of more channels than pictures have."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganzoo.datasets.folders.decode import PICTURE_MODES
from ganzoo.datasets.folders.levels import Seen, levels_of
from ganzoo.datasets.folders.sources import top_folder
from ganzoo.datasets.folders.sub_folders import in_natural_order
from ganzoo.datasets.formats import ARRAY_FILES, read_arrays
from ganzoo.files import expanded
from ganzoo.names import printable
from ganzoo.types import ImageShape

TIFF = (".tif", ".tiff")


class ArrayFolder(NamedTuple):
    """Images of one shape, uint8 or float in [0, 255], with what is known of them."""

    images: np.ndarray
    labels: Any
    files: list[str]


def array_files(path: Path, image_shape: ImageShape | None) -> list[Path]:
    """Return the files of arrays in a folder, if it holds nothing else to be read.

    TIFF are arrays where the images shall have another number of channels than pictures have.
    """
    if not path.is_dir():
        return []
    endings: tuple[str, ...] = ARRAY_FILES
    if image_shape is not None and image_shape[2] not in PICTURE_MODES:
        endings += TIFF
    shown = (each for each in path.rglob("*") if not each.name.startswith("."))
    files = sorted(each for each in shown if each.is_file())
    arrays = [each for each in files if each.suffix.lower() in endings]
    return arrays if len(arrays) == len(files) else []


def holds_arrays(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a file of arrays, or a folder of such."""
    path = expanded(path)
    return (path.is_file() and path.suffix.lower() in ARRAY_FILES) or bool(array_files(path, None))


def read_folder_of_arrays(
    path: Path, files: Sequence[Path], split: str | None, classified: bool, grey: bool
) -> ArrayFolder:
    """Read files that hold an image each, or several, all of one shape.

    Whole numbers of more than 8 bits become floats from 0 to 255, by one range for all of them.

    Args:
        path: the folder.
        files: what `array_files` returns.
        split: of `.npz` files.
        classified: whether sub-folders are classes, where files have no labels of their own.
        grey: whether images have one channel, so that three axes are `(n, height, width)`.

    Raises:
        ValueError: a damaged file, images of different shapes, or labels in some files only.
    """
    arrays: list[np.ndarray] = []
    labels: list[Any] = []
    names: list[str] = []
    for file in files:
        images, own = _read(file, split, grey)
        name = file.relative_to(path).as_posix()
        if arrays and images.shape[1:] != arrays[0].shape[1:]:
            raise ValueError(
                f"{os.fspath(path)!r} has images of different shapes: {printable(name)} of "
                f"{images.shape[1:]}, {printable(names[0])} of {arrays[0].shape[1:]}. Arrays are "
                "not resized: bring them to one shape."
            )
        if own is None and classified:
            own = [top_folder(name)] * len(images)
        arrays.append(images)
        labels += [] if own is None else list(own)
        names += [name] * len(images)
    if labels and len(labels) != len(names):
        raise ValueError(f"{os.fspath(path)!r} has labels for some of its files only.")
    return ArrayFolder(_in_range(np.concatenate(arrays)), _labels(path, labels), names)


def _read(file: Path, split: str | None, grey: bool) -> tuple[np.ndarray, Any]:
    """Return images `(n, height, width, channels)` of a file, and its labels or None."""
    labels = None
    if file.suffix.lower() in TIFF:
        images = _read_tiff(file)
    else:
        images, labels = read_arrays(file, split)
    if images.ndim == 2 or (images.ndim == 3 and grey and images.shape[2] > 1):
        images = images[..., None]
    if images.ndim == 3:
        images, labels = images[None], None if labels is None else np.reshape(labels, -1)
    if images.ndim != 4:
        raise ValueError(
            f"{os.fspath(file)!r} has an array of shape {images.shape}: give images as (height, "
            "width), (height, width, channels) or (n, height, width, channels)."
        )
    return images, labels


def _read_tiff(file: Path) -> np.ndarray:
    try:
        import tifffile
    except ImportError as error:
        raise ImportError(
            f"{file.name} as more channels than a picture's needs tifffile: pip install tifffile"
        ) from error
    try:
        with tifffile.TiffFile(file) as opened:
            image = opened.series[0].asarray()
            planes = opened.series[0].axes.startswith(("C", "S", "Q"))
    except Exception as error:  # a stranger's file can make it raise anything
        raise ValueError(f"{os.fspath(file)!r} is no whole TIFF file: {error}") from error
    return np.moveaxis(image, 0, -1) if planes and image.ndim == 3 else image


def _in_range(images: np.ndarray) -> np.ndarray:
    """Return whole numbers of more than 8 bits as floats from 0 to 255."""
    if images.dtype.kind not in "iu" or images.dtype == np.uint8:
        return images
    seen = Seen(False, float(images.min()), float(images.max()))
    black, white = levels_of([seen]).integers
    return ((images - np.float32(black)) * np.float32(255 / ((white - black) or 1))).clip(0, 255)


def _labels(path: Path, labels: list[Any]) -> Any:
    """Return labels as they are, or names of sub-folders, which must all be there."""
    if not labels:
        return None
    if isinstance(labels[0], str) and len(in_natural_order(labels)) < 2:
        raise ValueError(
            f"{os.fspath(path)!r} has no sub-folders. For a model with classes, put the arrays of "
            "each class into a sub-folder of its own, or labels beside the images in .npz files."
        )
    return np.array(labels)
