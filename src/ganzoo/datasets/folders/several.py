"""Several files as one: a pattern, as shells and webdataset write it, or a list."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from ganzoo.files import expanded

PATTERN = "*?[{"
BRACES = re.compile(r"\{([^{}]*)\}")
RANGE = re.compile(r"(\d+)\.\.(\d+)")
MOST = 100_000  # files that a pattern may name


@dataclass(frozen=True)
class Several(os.PathLike[str]):
    """Files that are read as one set, in their order; as a path, what messages call them."""

    paths: tuple[Path, ...]

    def __fspath__(self) -> str:
        first, *others = map(str, self.paths)
        return f"{first} and {len(others):,} more" if others else first


def matching(pattern: str | os.PathLike[str]) -> list[Path]:
    """Return the files that a pattern names; none if it is no pattern, or nothing is there.

    `*`, `?` and `[...]` stand for what is there, `{a,b}` and `{000..012}` for each of these.

    Raises:
        FileNotFoundError: one of those that braces name is missing.
        ValueError: they name too many.
    """
    text = os.fspath(expanded(pattern))
    if not set(text) & set(PATTERN):
        return []
    found: dict[str, None] = {}
    for written in unfolded(text):
        found |= dict.fromkeys(sorted(glob(written)) if set(written) & set("*?[") else [written])
        if len(found) > MOST:
            raise ValueError(f"{text!r} names more than {MOST:,} files: give their folder.")
    missing = [each for each in found if not os.path.exists(each)]
    if 0 < len(missing) < len(found):
        raise FileNotFoundError(f"Of {text!r}, {missing[0]!r} is not there.")
    return [] if missing else list(map(Path, found))


def unfolded(text: str) -> Iterator[str]:
    """Yield what braces stand for, the first ones changing most slowly."""
    found = BRACES.search(text)
    if found is None:
        yield text
        return
    inner = found[1]
    numbers = RANGE.fullmatch(inner)
    parts: Iterator[str] = iter(inner.split(","))
    if numbers:
        first, last = numbers.groups()
        parts = (f"{each:0{len(first)}}" for each in range(int(first), int(last) + 1))
    for part in parts:
        yield from unfolded(text[: found.start()] + part + text[found.end() :])
