"""Images in parquet files, as the Hub's data sets hold them: a row each."""

import io
import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from ganzoo.datasets.folders.entries import Entry, Found, Table, marks_of

IMAGES = ("image", "images", "img", "picture", "pixel_values", "jpg", "png", "bytes")
KEPT = 2  # groups of rows in memory, at least: threads are in several at once
KEPT_BYTES = 2**28  # of more groups than these
BATCH = 16  # rows that are unpacked at once
MOST_BYTES = 2**31  # of a group of rows
LEAST_BYTES = 8  # of a row with an image in it, however well it is packed
MOST_LETTERS = 1000  # of a label


def in_parquet(path: Path, prefix: str = "", image_column: str | None = None) -> Iterator[Found]:
    """Yield the images in a parquet file, and a table of its other columns.

    Args:
        path: the file.
        prefix: what names begin with.
        image_column: which column holds the images; by default the one that does, or that is called
            as images usually are.

    Raises:
        ImportError: pyarrow is not installed.
        ValueError: there is no such column, or several might be meant.
    """
    marks, shown = marks_of(path.stat()), prefix.rstrip("/") or path.name
    opened = _opened(path, shown)
    if isinstance(opened, tuple):
        yield opened
        return
    with opened as file:
        schema, groups = file.schema_arrow, file.metadata
        column = _image_column(shown, schema, image_column)
        counts = [groups.row_group(each).num_rows for each in range(groups.num_row_groups)]
    if sum(counts) > marks[0] / LEAST_BYTES:
        yield shown, f"has {sum(counts):,} rows in {marks[0]:,} bytes, absurdly many"
        return
    rows = _Rows(path, column)
    names: list[str] = []
    for group, count in enumerate(counts):
        for row in range(count):
            names.append(name := f"{prefix}{len(names):07d}")
            yield Entry(name, (*marks, len(names)), partial(rows.open, group, row))
    yield _table(path, shown, names, schema, column)


def _opened(path: Path, shown: str) -> Any:
    """Return an open file, or why it cannot be used."""
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ImportError(
            f"{shown} is a parquet file, which needs pyarrow: pip install pyarrow"
        ) from error
    try:
        return ParquetFile(path)
    except Exception as error:  # a stranger's file can make it raise anything
        return shown, f"is no whole parquet file: {str(error).splitlines()[0][:100]}"


def _image_column(shown: str, schema: Any, asked: str | None) -> str:
    holding = [field.name for field in schema if _holds_files(field.type)]
    if asked is not None:
        if asked in holding:
            return asked
        raise ValueError(
            f"{shown} has no images in a column {asked!r}. Those that may hold some: "
            f"{', '.join(map(repr, holding)) or 'none'}."
        )
    usual = [name for name in IMAGES if name in holding]
    if usual or len(holding) == 1:
        return (usual or holding)[0]
    if not holding:
        raise ValueError(f"{shown} has no column of images among {', '.join(schema.names[:20])}.")
    raise ValueError(
        f"{shown} has several columns that may hold images, {', '.join(map(repr, holding))}: "
        "choose one by image_column (--image-column)."
    )


def _holds_files(kind: Any) -> bool:
    """Whether a column is of bytes, or of the Hub's images: a path with bytes."""
    from pyarrow import types

    if types.is_struct(kind):
        return any(field.name == "bytes" and _holds_files(field.type) for field in kind)
    return bool(types.is_binary(kind) or types.is_large_binary(kind))


class _Rows:
    """The bytes of a column; of the groups of rows that were asked for last, in memory."""

    def __init__(self, path: Path, column: str) -> None:
        self._path = path
        self._column = column
        self._lock = Lock()
        self._groups: OrderedDict[int, list[bytes | None]] = OrderedDict()

    def open(self, group: int, row: int) -> BinaryIO:
        with self._lock:
            if group not in self._groups:
                self._groups[group] = self._read(group)
                while len(self._groups) > KEPT and self._bytes() > KEPT_BYTES:
                    self._groups.popitem(last=False)
            self._groups.move_to_end(group)
            content = self._groups[group][row]
        if content is None:
            raise ValueError("the row holds no pixels, at most the path of a file elsewhere")
        return io.BytesIO(content)

    def _bytes(self) -> int:
        return sum(len(each or b"") for rows in self._groups.values() for each in rows)

    def _read(self, group: int) -> list[bytes | None]:
        from pyarrow.parquet import ParquetFile

        found: list[bytes | None] = []
        size = 0
        with ParquetFile(self._path) as file:
            for batch in file.iter_batches(BATCH, row_groups=[group], columns=[self._column]):
                values = batch.column(0).to_pylist()
                found += [each["bytes"] if isinstance(each, dict) else each for each in values]
                size += sum(len(each or b"") for each in found[-len(values) :])
                if size > MOST_BYTES:
                    raise ValueError("unpacks to absurdly many bytes")
        return found


def _table(path: Path, shown: str, names: Sequence[str], schema: Any, images: str) -> Table:
    """Return the other columns, which are read when they are asked for."""
    known = _class_names(schema)
    columns = [name for name in schema.names if name != images]

    def values(column: str) -> dict[str, Any]:
        from pyarrow.parquet import ParquetFile

        found: list[Any] = []
        with ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH, columns=[column]):
                found += [_plain(each, known.get(column)) for each in batch.column(0).to_pylist()]
        return dict(zip(names, found, strict=True))

    usual = [name for name in ("label", "labels", "class", *known) if name in columns]
    return Table(shown, lambda: columns, values, usual[0] if usual else "")


def _class_names(schema: Any) -> dict[str, list[str]]:
    """Return the names of classes by their column, as the Hub's library notes them."""
    try:
        features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
        return {
            column: [str(name) for name in feature["names"]]
            for column, feature in features.items()
            if feature.get("_type") == "ClassLabel"
        }
    except Exception:  # not of that library, or another form of it
        return {}


def _plain(value: Any, names: Sequence[str] | None) -> Any:
    """Return a value as a label: a class by its name, and none where there is none."""
    if isinstance(value, str | bytes) and len(value) > MOST_LETTERS:
        raise ValueError(f"a label has {len(value):,} letters, absurdly many")
    if names is None or not isinstance(value, int):
        return value
    return names[value] if 0 <= value < len(names) else None
