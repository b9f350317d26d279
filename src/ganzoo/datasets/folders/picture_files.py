"""Image files as an `ImageSet`: of a folder or an archive, or in a list."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganzoo.datasets import choosing
from ganzoo.datasets.folders import label_files, sub_folders
from ganzoo.datasets.folders.attribute_columns import in_attributes
from ganzoo.datasets.folders.entries import Entry, Source, Unusable
from ganzoo.datasets.folders.levels import levels_of
from ganzoo.datasets.folders.pixels import Index, decode_all, refuse
from ganzoo.datasets.folders.prepare import Preparation
from ganzoo.datasets.folders.report import FolderReport, nothing_usable
from ganzoo.datasets.folders.sources import entry_of, find, top_folder
from ganzoo.datasets.image_set import ImageSet
from ganzoo.names import printable

MEMORY_BUDGET = 2**30

ClassOf = Callable[[str], str]
"""Says the class of a file by its name."""


def read_folder(
    path: str | os.PathLike[str],
    preparation: Preparation,
    *,
    labels: str | None = None,
    image_column: str | None = None,
    split: str | None = None,
    class_names: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    attributes: Sequence[str] | None = None,
    limit: int | None = None,
    strict: bool = False,
    memory_budget: int = MEMORY_BUDGET,
    verbose: bool = False,
) -> ImageSet:
    """Read every image in a folder or a zip archive.

    Args:
        path: a folder or a zip archive.
        preparation: what becomes of each.
        labels: `"inferred"` where the sub-folders are classes, or the column of a file of labels.
        image_column: which column of parquet files holds the images.
        split: of a data set of the Hub.
        class_names: the classes to use, in the order of their labels; sub-folders, if `labels` does
            not say otherwise.
        columns: of a file of labels, those that hold attributes.
        attributes: what these are called, by default as the columns.
        limit: how many images to read at most, of every class.
        strict: whether to stop at the first file that cannot be used.
        memory_budget: most bytes that the pixels may take in memory.
        verbose: whether to print the report and to show a progress bar.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: no usable image, a class without any, or no classes where they are asked for.
    """
    source, class_of = _in_classes(path, find(path, image_column, split), labels, class_names)
    vectors: dict[str, list[float]] = {}
    if columns:
        source, vectors = in_attributes(path, source, columns)
        attributes = _named(attributes or columns, columns)
    if strict and source.unusable:
        refuse(*source.unusable[0])
    entries = source.entries if limit is None else _spread(source.entries, limit, class_of)
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
    counts: dict[str, int] = Counter(map(class_of, index.names)) if class_of else Counter()
    if class_of:
        _refuse_unusable_classes(path, source, class_of, counts, unusable)
        class_names = list(class_names or sub_folders.in_natural_order(counts))
    counts = {name: counts[name] for name in class_names or ()}
    numbers: Any = None
    if class_of:
        numbers = _numbers(map(class_of, index.names), class_names or ())
    elif columns:
        numbers = np.array([vectors[name] for name in index.names], np.float32)
    report = _report(os.fspath(path), preparation, index, unusable, counts, source.ignored)
    if columns:
        having = np.count_nonzero(numbers, axis=0).tolist()
        report = replace(report, attributes=dict(zip(attributes or (), having, strict=True)))
    if verbose:
        print(report)
    return ImageSet(
        images,
        labels=numbers,
        class_names=class_names,
        attributes=attributes if columns else None,
        name=source.handle or Path(path).expanduser().resolve().name,
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
    report = _report(f"a list of {len(paths):,} files", preparation, index, index.unusable)
    if verbose:
        print(report)
    return ImageSet(images, files=index.names, report=report), np.array(rows)


def _report(
    path: str,
    preparation: Preparation,
    index: Index,
    unusable: Sequence[Unusable],
    classes: dict[str, int] | None = None,
    ignored: int = 0,
) -> FolderReport:
    return FolderReport(
        path=path,
        image_shape=preparation.image_shape,
        used=len(index.names),
        classes=classes or {},
        enlarged=tuple(index.enlarged),
        skipped=tuple(unusable),
        ignored=ignored,
        deep=tuple(index.seen),
    )


def pictures(images: Sequence[Image.Image], preparation: Preparation) -> np.ndarray:
    """Return Pillow's images as uint8 `(n, height, width, channels)`."""
    made = [preparation.picture(each) for each in images]
    levels = levels_of(each.seen for each in made if each.seen)
    if levels != preparation.levels:
        return pictures(images, replace(preparation, levels=levels))
    return np.stack([each.pixels for each in made])


def _in_classes(
    path: str | os.PathLike[str],
    source: Source,
    labels: str | None,
    class_names: Sequence[str] | None,
) -> tuple[Source, ClassOf | None]:
    """Return the files that are to be read, and what says the class of each, if they have any."""
    if labels is None and class_names is None:
        return source, None
    if labels is None or labels == "inferred":
        labels = label_files.usual_column(path, source)
    if not labels:
        return sub_folders.in_classes(path, source, class_names), top_folder
    source, classes = label_files.in_classes(path, source, labels, class_names)
    return source, classes.__getitem__


def _refuse_unusable_classes(
    path: str | os.PathLike[str],
    source: Source,
    class_of: ClassOf,
    kept: Mapping[str, int],
    unusable: Sequence[Unusable],
) -> None:
    """Check that each class has kept an image."""
    of_class: dict[str, set[str]] = {}
    for entry in source.entries:
        of_class.setdefault(class_of(entry.name), set()).add(entry.name)
    left = sub_folders.in_natural_order(of_class.keys() - kept.keys())
    if left:
        names = of_class[left[0]]
        reasons = [f"{printable(name)}: {why}" for name, why in unusable if name in names]
        raise ValueError(
            f"{os.fspath(path)!r} has no usable image of the class {printable(left[0])}: "
            f"{'; '.join(reasons[:3])}. Replace the files, or remove the class."
        )


def _named(attributes: Sequence[str], columns: Sequence[str]) -> list[str]:
    if len(attributes) != len(columns):
        raise ValueError(
            f"There are {len(columns)} columns of attributes ({', '.join(columns)}), and "
            f"{len(attributes)} names for them ({', '.join(attributes)})."
        )
    return list(attributes)


def _numbers(classes: Iterable[str], class_names: Sequence[str]) -> np.ndarray:
    """Return classes by their numbers, int32."""
    numbers = {name: number for number, name in enumerate(class_names)}
    return np.array([numbers[each] for each in classes], np.int32)


def _spread(entries: Sequence[Entry], limit: int, class_of: ClassOf | None) -> list[Entry]:
    """Return files in an order whose beginning holds all classes."""
    classes = [class_of(entry.name) if class_of else "" for entry in entries]
    groups = _numbers(classes, numbers := list(dict.fromkeys(classes)))
    choosing.check_limit(limit, len(numbers))
    order = choosing.spread(groups)
    order[:limit].sort()  # shards are read from one end to the other
    return [entries[row] for row in order]
