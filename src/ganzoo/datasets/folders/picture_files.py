"""Image files as an `ImageSet`: of a folder or an archive, or in a list."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.datasets import choosing
from ganzoo.datasets.folders import sub_folders
from ganzoo.datasets.folders.levels import levels_of
from ganzoo.datasets.folders.pixels import decode_all, refuse
from ganzoo.datasets.folders.prepare import Preparation
from ganzoo.datasets.folders.report import FolderReport, nothing_usable
from ganzoo.datasets.folders.sources import Entry, entry_of, find, top_folder
from ganzoo.datasets.image_set import ImageSet

MEMORY_BUDGET = 2**30


def read_folder(
    path: str | os.PathLike[str],
    preparation: Preparation,
    *,
    classified: bool = False,
    class_names: Sequence[str] | None = None,
    limit: int | None = None,
    strict: bool = False,
    memory_budget: int = MEMORY_BUDGET,
    verbose: bool = False,
) -> ImageSet:
    """Read every image in a folder or a zip archive.

    Args:
        path: a folder or a zip archive.
        preparation: what becomes of each.
        classified: whether the sub-folders are classes.
        class_names: the sub-folders to use as classes, in the order of their labels.
        limit: how many images to read at most, of every class.
        strict: whether to stop at the first file that cannot be used.
        memory_budget: most bytes that the pixels may take in memory.
        verbose: whether to print the report and to show a progress bar.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: no usable image, a class without any, or no classes where they are asked for.
    """
    source = find(path)
    if classified := classified or class_names is not None:
        source = sub_folders.in_classes(path, source, class_names)
    if strict and source.unusable:
        refuse(*source.unusable[0])
    entries = source.entries if limit is None else _spread(source.entries, limit, classified)
    images, index = decode_all(
        entries,
        preparation,
        memory_budget=memory_budget,
        limit=limit,
        strict=strict,
        progress=verbose,
    )
    unusable = (*source.unusable, *index.unusable)
    if not index.names:
        raise ValueError(nothing_usable(path, source.ignored, unusable))
    if classified:
        found = [entry.name for entry in source.entries]
        sub_folders.refuse_unusable_classes(path, found, index.names, unusable)
    folders = Counter(map(top_folder, index.names))
    if classified and class_names is None:
        class_names = sub_folders.in_natural_order(folders)
    report = FolderReport(
        path=os.fspath(path),
        image_shape=preparation.image_shape,
        used=len(images),
        classes={name: folders[name] for name in class_names or ()},
        enlarged=tuple(index.enlarged),
        skipped=unusable,
        ignored=source.ignored,
        deep=tuple(index.seen),
    )
    if verbose:
        print(report)
    return ImageSet(
        images,
        labels=None if class_names is None else sub_folders.labels_of(index.names, class_names),
        class_names=None if class_names is None else list(class_names),
        name=Path(path).expanduser().resolve().name,
        files=index.names,
        report=report,
    )


def read_files(
    paths: Sequence[str | os.PathLike[str]],
    preparation: Preparation,
    *,
    strict: bool = False,
    verbose: bool = False,
) -> tuple[ImageSet, np.ndarray]:
    """Read a list of image files.

    Returns:
        The images, in the order of the list, and which of the files they are.

    Raises:
        ValueError: no file is a usable image; with `strict`, the first that is none.
    """
    entries = [entry_of(path) for path in paths]
    images, index = decode_all(
        entries, preparation, memory_budget=MEMORY_BUDGET, strict=strict, progress=verbose
    )
    if not index.names:
        raise ValueError(nothing_usable("The list", 0, index.unusable))
    unusable = {name for name, _ in index.unusable}
    rows = [row for row, entry in enumerate(entries) if entry.name not in unusable]
    report = FolderReport(
        path=f"a list of {len(paths):,} files",
        image_shape=preparation.image_shape,
        used=len(images),
        classes={},
        enlarged=tuple(index.enlarged),
        skipped=tuple(index.unusable),
        ignored=0,
        deep=tuple(index.seen),
    )
    if verbose:
        print(report)
    return ImageSet(images, files=index.names, report=report), np.array(rows)


def pictures(images: Sequence[Image.Image], preparation: Preparation) -> np.ndarray:
    """Return Pillow's images as uint8 `(n, height, width, channels)`."""
    made = [preparation.picture(each) for each in images]
    levels = levels_of(each.seen for each in made if each.seen)
    if levels != preparation.levels:
        return pictures(images, replace(preparation, levels=levels))
    return np.stack([each.pixels for each in made])


def _spread(entries: Sequence[Entry], limit: int, classified: bool) -> list[Entry]:
    """Return files in an order whose beginning holds all classes."""
    folders = [top_folder(entry.name) if classified else "" for entry in entries]
    numbers = {folder: number for number, folder in enumerate(dict.fromkeys(folders))}
    groups = np.array([numbers[folder] for folder in folders])
    choosing.check_limit(limit, len(numbers))
    return [entries[row] for row in choosing.spread(groups)]
