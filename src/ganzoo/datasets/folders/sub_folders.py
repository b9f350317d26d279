"""Sub-folders as classes."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ganzoo.datasets.folders.entries import Source, Unusable
from ganzoo.datasets.folders.sources import top_folder
from ganzoo.datasets.hub_splits import SPLITS
from ganzoo.names import printable

Path = str | os.PathLike[str]


NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def in_natural_order(names: Iterable[str]) -> list[str]:
    """Return names in alphabetical order, but numbers within them by their value: 2 before 10.

    Where all names are numbers, they are in the order of these: -1 before 0.5.
    """
    found = set(names)
    if all(NUMBER.fullmatch(name) for name in found):
        return sorted(found, key=lambda name: (float(name), name))

    def key(name: str) -> tuple[list[str | int], str]:
        parts = re.split(r"(\d+)", name)  # every other one is a number
        return [int(part) if place % 2 else part for place, part in enumerate(parts)], name

    return sorted(found, key=key)


def in_classes(path: Path, source: Source, class_names: Sequence[str] | None) -> Source:
    """Leave what lies in sub-folders.

    Args:
        path: where they are, for messages.
        source: what was found there.
        class_names: what the sub-folders must be among, or None.

    Raises:
        ValueError: there are no sub-folders, or an empty one, or one that is no class.
    """
    shown = repr(os.fspath(path))
    folders = in_natural_order(top_folder(entry.name) for entry in source.entries)
    if folders in ([], [""]):
        alone = source.common.rpartition("/")[2]
        found = f"one sub-folder alone, {printable(alone)!r}" if alone else "no sub-folders"
        raise ValueError(
            f"{shown} has {found}. For a model with classes, put the images of each class into a "
            "sub-folder of its own; for one without, leave out num_classes and labels."
        )
    inside = [name for name in folders if name]
    if unknown := [name for name in inside if class_names is not None and name not in class_names]:
        raise ValueError(
            f"{shown} has the sub-folders {', '.join(map(printable, unknown))}, which are none of "
            f"the classes {list(class_names or ())}. Rename or remove them."
        )
    if class_names is None and are_splits(inside):
        raise ValueError(
            f"{shown} has the sub-folders {', '.join(map(printable, inside))}, which look like "
            f"splits, and no classes: give {os.path.join(path, inside[-1])!r}, or class_names="
            f"{inside} if that is what they are."
        )
    if source.empty and class_names is None:
        raise ValueError(
            f"{shown} has sub-folders without a file: {', '.join(map(printable, source.empty))}. A "
            "class needs images: fill or remove them."
        )
    for name in inside:
        _check_text(name)
    return replace(
        source,
        entries=tuple(entry for entry in source.entries if top_folder(entry.name)),
        unusable=(*source.unusable, *_outside(source)),
    )


def are_splits(folders: Sequence[str]) -> bool:
    """Whether sub-folders are called as the parts of a data set usually are."""
    return bool(folders) and all(name.lower() in SPLITS for name in folders)


def _outside(source: Source) -> list[Unusable]:
    return [
        (entry.name, "lies in no class's sub-folder")
        for entry in source.entries
        if not top_folder(entry.name)
    ]


def _check_text(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The sub-folder {printable(name)} has a name that is no Unicode text, so it cannot "
            "name a class: rename it."
        ) from error
