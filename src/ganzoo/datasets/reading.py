"""Look into every file of a folder or a zip archive, with several threads."""

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Generic, NamedTuple, TypeVar

from ganzoo.datasets.decode import UnusableImageError, reason
from ganzoo.datasets.folder import _nothing_usable
from ganzoo.datasets.pixels import GROUP, MOST_THREADS
from ganzoo.datasets.sources import Entry, Unusable, find

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
    unusable: tuple[Unusable, ...]
    ignored: int


def survey(path: str | os.PathLike[str], read: Callable[[BinaryIO], T], task: str) -> Survey[T]:
    """Read something of every image in a folder or an archive.

    Args:
        path: a folder or a zip archive.
        read: called with each open file; a file of which it raises anything is unusable.
        task: what the progress bar says.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: no file is usable.
    """
    source = find(path)
    results = read_all(source.entries, read, task)
    found = Survey[T]([], [], source.unusable, source.ignored)
    unusable = list(source.unusable)
    for entry, result in zip(source.entries, results, strict=True):
        if isinstance(result, UnusableImageError):
            unusable.append((entry.name, str(result)))
        else:
            found.entries.append(entry)
            found.looks.append(result)
    if not found.entries:
        raise ValueError(_nothing_usable(path, source, unusable))
    return found._replace(unusable=tuple(unusable))


def read_all(
    entries: Sequence[Entry], read: Callable[[BinaryIO], T], task: str
) -> list[T | UnusableImageError]:
    """Return what `read` makes of each file, in order, or why the file cannot be used."""
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    def attempt(entry: Entry) -> T | UnusableImageError:
        try:
            with entry.open() as file:
                return read(file)
        except UnusableImageError as error:
            return error
        except Exception as error:  # a stranger's file can make Pillow raise anything
            return UnusableImageError(reason(error))

    results: list[T | UnusableImageError] = []
    with (
        warnings.catch_warnings(),
        ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS)) as pool,
        tqdm(total=len(entries), desc=task, disable=None) as bar,
    ):
        warnings.simplefilter("ignore")  # Pillow's remarks on damaged metadata
        for start in range(0, len(entries), GROUP):  # an interruption need not wait for all
            for result in pool.map(attempt, entries[start : start + GROUP]):
                results.append(result)
                bar.update()
    return results
