"""Attributes of files, of which each may have several: a column of numbers for each."""

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from ganzoo.datasets.folders.entries import Source, Table
from ganzoo.datasets.folders.label_files import values_in
from ganzoo.names import printable

WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0, "": None, "nan": None}
WITHOUT = -1.0  # as CelebA writes it


def in_attributes(
    path: str | os.PathLike[str], source: Source, columns: Sequence[str]
) -> tuple[Source, dict[str, list[float]]]:
    """Leave the files that have a number in every column, and return those of each.

    Args:
        path: where they are, for messages.
        source: what was found there.
        columns: which columns hold the attributes.

    Raises:
        ValueError: there is no such column, or it holds something else.
    """
    found = [values_in(path, source, column, as_number) for column in columns]
    numbers = [values for _, values in found]
    kept = tuple(e for e in source.entries if all(e.name in each for each in numbers))
    if not kept:
        raise ValueError(
            f"{os.fspath(path)!r} has no file with {' and '.join(columns)}: none of the names fits "
            "a file that has them all."
        )
    unusable = dict.fromkeys(chain.from_iterable(each.unusable for each, _ in found))
    vectors = {entry.name: [each[entry.name] for each in numbers] for entry in kept}
    return replace(source, entries=kept, unusable=tuple(unusable)), vectors


def as_number(table: Table, column: str, name: str, value: Any) -> float | None:
    """Return a value as a number from 0, without, to 1, with; nothing, as None.

    Raises:
        ValueError: it is something else.
    """
    if value is None:
        return None
    try:
        word = str(value).strip().lower()
        number = WORDS[word] if word in WORDS else float(word)
    except ValueError:
        number = float("nan")
    if number == WITHOUT:
        return 0.0
    if number is not None and not 0 <= number <= 1:
        raise ValueError(
            f"{table.name} has {str(value)[:40]!r} as the {column} of {printable(name)}: an "
            "attribute is 0 or 1, or false or true, or -1 or 1."
        )
    return number
