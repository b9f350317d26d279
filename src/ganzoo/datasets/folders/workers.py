"""Read many files with several threads."""

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, TypeVar

from ganzoo.datasets.folders.decode import UnusableImageError, reason
from ganzoo.datasets.folders.entries import Entry

MOST_THREADS = 8  # each may hold a whole photograph
PART = 16  # files that a thread reads in one go

T = TypeVar("T")


def read_each(
    entries: Sequence[Entry],
    read: Callable[[BinaryIO], T],
    take: Callable[[Entry, T | UnusableImageError], object],
    progress: bool = True,
) -> None:
    """Read files in threads, and hand over, in order, what comes of each.

    Args:
        entries: the files.
        read: called with each open file; whatever it raises makes the file unusable.
        take: called with each entry and what `read` made of it, or why it cannot be used. What it
            raises ends the reading.
        progress: whether to show a progress bar, if there is a terminal.
    """
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    with (
        warnings.catch_warnings(),
        tqdm(total=len(entries), desc="reading images", disable=None if progress else True) as bar,
    ):
        # Pillow's remarks on damaged metadata. No generator, which could leave this as it is.
        warnings.filterwarnings("ignore", module=r"(PIL|pillow_)")
        for part, results in _in_threads(entries, read):
            for entry, result in zip(part, results, strict=True):
                take(entry, result)
            bar.update(len(part))


def _in_threads(
    entries: Sequence[Entry], read: Callable[[BinaryIO], T]
) -> Iterator[tuple[Sequence[Entry], list[T | UnusableImageError]]]:
    threads = min(os.cpu_count() or 1, MOST_THREADS)
    ahead: deque[tuple[Sequence[Entry], Future[list[T | UnusableImageError]]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for start in range(0, len(entries), PART):
                part = entries[start : start + PART]
                ahead.append((part, pool.submit(_attempt, part, read)))
                if len(ahead) > 2 * threads:  # no further ahead: results wait in memory
                    part, results = ahead.popleft()
                    yield part, results.result()
            for part, results in ahead:
                yield part, results.result()
        finally:
            for _, results in ahead:  # nobody waits for these after an interruption
                results.cancel()


def _attempt(part: Sequence[Entry], read: Callable[[BinaryIO], T]) -> list[T | UnusableImageError]:
    results: list[T | UnusableImageError] = []
    for entry in part:
        try:
            with entry.open() as file:
                results.append(read(file))
        except UnusableImageError as error:
            results.append(error)
        except Exception as error:  # a stranger's file or archive can raise anything
            results.append(UnusableImageError(reason(error)))
    return results
