"""Labels from files beside the images: metadata.csv, metadata.jsonl, labels.csv, dataset.json."""

import csv
import io
import json
import os
import posixpath
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, cached_property
from pathlib import PurePosixPath
from typing import Any, TypeVar

from ganzoo.datasets.folders.entries import Entry, Source, Table
from ganzoo.datasets.folders.sources import SHARDS, top_folder
from ganzoo.datasets.folders.sub_folders import in_natural_order
from ganzoo.names import printable

FILE_COLUMNS = ("file_name", "filename", "file", "path", "image", "image_id", "id")
SEPARATORS = ",;\t"
SHOWN = 20  # columns that a message names
MOST_SINGLES = 50  # classes that may have an image each, before they look like none

Path = str | os.PathLike[str]
Rows = Sequence[Mapping[str, Any]]
T = TypeVar("T")


def in_classes(
    path: Path, source: Source, column: str, class_names: Sequence[str] | None
) -> tuple[Source, dict[str, str]]:
    """Leave the files that have a label in a column, and return the class of each.

    Args:
        path: where they are, for messages.
        source: what was found there.
        column: which column holds the labels.
        class_names: what the labels must be among, or None.

    Raises:
        ValueError: there is no such column, or its values are no classes.
    """
    source, classes = values_in(path, source, column, _as_class)
    _check(repr(os.fspath(path)), column, classes, class_names)
    return source, classes


def values_in(
    path: Path, source: Source, column: str, read: Callable[[Table, str, str, Any], T | None]
) -> tuple[Source, dict[str, T]]:
    """Leave the files that have a value in a column, and return it for each.

    Args:
        path: where they are, for messages.
        source: what was found there.
        column: which column holds the values.
        read: makes a label of a value, or None of nothing; it is told the table, the column and
            what the table calls the file.

    Raises:
        ValueError: there is no such column, or a file has two values.
    """
    tables = [*source.tables, *map(table_of, source.label_files)]
    holding = [each for each in tables if column in each.columns()]
    shown = repr(os.fspath(path))
    if not holding:
        raise ValueError(f"{shown} has no column {column!r}: {known_columns(tables)}.")
    labels: dict[str, T] = {}
    lost = []
    files = _Files(source)
    for table in holding:
        for written, value in table.values(column).items():
            name = files.find(written)
            label = read(table, column, written, value)
            if name is None:
                lost.append((written, f"is named in {table.name}, but is not there"))
            elif label is not None and labels.setdefault(name, label) != label:
                raise ValueError(
                    f"{shown} has two labels for {printable(name)}, {labels[name]!r} and "
                    f"{label!r}: leave one."
                )
    bare = [
        (each.name, f"has no {column} in {' or '.join(table.name for table in holding)}")
        for each in source.entries
        if each.name not in labels
    ]
    kept = tuple(each for each in source.entries if each.name in labels)
    return replace(source, entries=kept, unusable=(*source.unusable, *lost, *bare)), labels


def usual_column(path: Path, source: Source) -> str:
    """Return the column that holds the classes of shards, or "" where folders may do so.

    Raises:
        ValueError: there are several shards, whose names are no classes, and no such column.
    """
    if found := next((table.classes for table in source.tables if table.classes), ""):
        return found
    if any(top_folder(entry.name).endswith(SHARDS) for entry in source.entries):
        raise ValueError(
            f"{os.fspath(path)!r} has shards without a column of classes: name one by "
            f"labels='...' (--labels). {known_columns(source.tables)}."
        )
    return ""


def columns_of(source: Source) -> list[str]:
    """Return the columns of all tables that can be read."""
    found: dict[str, None] = {}
    for table in (*source.tables, *map(table_of, source.label_files)):
        with suppress(ValueError):
            found |= dict.fromkeys(table.columns())
    return list(found)


def known_columns(tables: Sequence[Table]) -> str:
    """Say which columns there are to choose from."""
    if not tables:
        return "there is no metadata.csv, metadata.jsonl, labels.csv or dataset.json beside images"
    return "; ".join(
        f"{table.name} has {', '.join(map(repr, table.columns()[:SHOWN])) or 'none'}"
        for table in tables
    )


def table_of(entry: Entry) -> Table:
    """Return the table in a file; it is read when its columns are asked for."""
    folder, _, name = entry.name.rpartition("/")

    @cache
    def rows() -> tuple[str, Rows]:
        try:
            with entry.open() as file:
                text = file.read().decode("utf-8-sig")
            return _parsed(name, text)
        except Exception as error:  # a stranger's file can raise anything
            raise ValueError(f"{printable(entry.name)} holds no labels: {error}") from error

    def columns() -> list[str]:
        key, found = rows()
        names = dict.fromkeys(name for row in found for name in row)
        return [each for each in names if isinstance(each, str) and each != key]

    def values(column: str) -> dict[str, Any]:
        key, found = rows()
        return {_path(folder, str(row[key])): row[column] for row in found if column in row}

    return Table(entry.name, columns, values)


def _path(folder: str, written: str) -> str:
    return posixpath.normpath(posixpath.join(folder, written.replace("\\", "/")))


def _parsed(name: str, text: str) -> tuple[str, Rows]:
    """Return which column names the files, and the rows."""
    if name == "dataset.json":
        return "file_name", _of_nvidia(json.loads(text))
    if name.endswith(".jsonl"):
        rows: Rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        columns = list(rows[0]) if rows else []
    else:
        head = text.partition("\n")[0]
        separator = max(SEPARATORS, key=head.count)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows, columns = list(reader), list(reader.fieldnames or ())
    key = next((each for each in FILE_COLUMNS if each in columns), None)
    if key is None:
        raise ValueError(
            f"none of its columns ({', '.join(map(str, columns[:SHOWN]))}) names the files. Call "
            "it file_name"
        )
    return key, [row for row in rows if row.get(key)]


def _of_nvidia(found: Any) -> Rows:
    """Read `{"labels": [["00000/img00000000.png", 6], ...]}`; the list may be a dictionary."""
    rows = []
    for column, labels in found.items():
        if labels is None:
            raise ValueError(f"its {column} are null, so the images have no labels")
        for name, value in labels.items() if isinstance(labels, dict) else labels:
            rows.append({"file_name": name, column: value})
    return rows


def _as_class(table: Table, column: str, name: str, value: Any) -> str | None:
    """Return a value as the name of a class; nothing, as None.

    Raises:
        ValueError: it is a list or a dictionary.
    """
    if isinstance(value, list | dict):
        raise ValueError(
            f"{table.name} has {str(value)[:40]!r} as the {column} of {printable(name)}: a class "
            "is one word or number."
        )
    return None if value is None else str(value).strip() or None


def _check(
    shown: str, column: str, classes: Mapping[str, str], class_names: Sequence[str] | None
) -> None:
    """Check that the labels can be classes."""
    found = in_natural_order(classes.values())
    if not found:
        raise ValueError(f"{shown} has no file with a {column}: none of the names fits a file.")
    if class_names is not None:
        if unknown := [each for each in found if each not in class_names]:
            raise ValueError(
                f"{shown} has the {column} {', '.join(map(printable, unknown[:5]))}, which is none "
                f"of the classes {list(class_names)}."
            )
    elif len(found) > max(MOST_SINGLES, len(classes) / 2):
        raise ValueError(
            f"{shown} has {len(found):,} different values of {column} for {len(classes):,} files, "
            "so they are no classes: choose another column, or sort them into few."
        )


class _Files:
    """Finds files by what a table calls them: by path, or else by a name or stem of one alone."""

    def __init__(self, source: Source) -> None:
        above = f"{source.common}/" if source.common else ""
        self._by_path = {above + entry.name: entry.name for entry in source.entries}

    @cached_property
    def _by_name(self) -> dict[str, str | None]:
        """Files by their names, and by those without an ending; None where several have one."""
        found: dict[str, str | None] = {}
        for path, name in self._by_path.items():
            base = PurePosixPath(path)
            for key in {base.name, base.stem}:
                found[key] = None if key in found else name
        return found

    def find(self, written: str) -> str | None:
        """Return the name of an entry, or None."""
        return self._by_path.get(written) or self._by_name.get(posixpath.basename(written))
