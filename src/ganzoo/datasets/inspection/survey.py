"""Read something of every image in a folder or a zip archive."""

import os
from collections.abc import Callable
from typing import BinaryIO, Generic, NamedTuple, TypeVar

from ganzoo.datasets.folders.decode import UnusableImageError
from ganzoo.datasets.folders.report import nothing_usable
from ganzoo.datasets.folders.sources import Entry, Unusable, find
from ganzoo.datasets.folders.workers import read_each

T = TypeVar("T")


class Survey(NamedTuple, Generic[T]):
    """What was read of a folder's or an archive's files.

    Attributes:
        entries: the usable images, in the order of their names.
        looks: what was read of each.
        unusable: `(name, reason)` of every file that is none.
        ignored: how many hidden files and sidecars were passed over.
    """

    entries: list[Entry]
    looks: list[T]
    unusable: list[Unusable]
    ignored: int


def survey(path: str | os.PathLike[str], read: Callable[[BinaryIO], T]) -> Survey[T]:
    """Read something of every image in a folder or an archive, with a progress bar.

    Args:
        path: a folder or a zip archive.
        read: called with each open file; whatever it raises makes the file unusable.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: no file is usable.
    """
    source = find(path)
    found = Survey[T]([], [], list(source.unusable), source.ignored)
    for entry, result in read_each(source.entries, read):
        if isinstance(result, UnusableImageError):
            found.unusable.append((entry.name, str(result)))
        else:
            found.entries.append(entry)
            found.looks.append(result)
    if not found.entries:
        raise ValueError(nothing_usable(path, source, found.unusable))
    return found
