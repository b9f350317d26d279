"""Images in tar archives, as webdataset writes them: read where they lie, with what lies beside."""

import io
import json
import posixpath
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from sys import intern
from typing import Any, BinaryIO

from ganzoo.datasets.folders.entries import (
    MOST_BYTES,
    Entry,
    Folder,
    Found,
    Table,
    marks_of,
    member_name,
)

CLASS, RECORD = ".cls", ".json"
NO_RECORD = "dataset.json"  # which holds the labels of all
MOST_RECORD_BYTES = 2**20
MOST_LETTERS = 1000  # of a class

Place = tuple[int, int]
"""Where a member begins in the archive, and its size."""


def in_tar(path: Path, prefix: str = "") -> Iterator[Found]:
    """Yield the files in a tar archive, and a table of the `.cls` and `.json` files among them.

    Members are read from their places when they are opened, and nothing is unpacked. A class or a
    record belongs to the files whose names are the same up to the first dot.

    Args:
        path: the archive, which is not compressed.
        prefix: what names begin with.
    """
    size, marks = path.stat().st_size, marks_of(path.stat())
    images: list[str] = []
    classes: dict[str, str] = {}
    records: dict[str, Place] = {}
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                name = prefix + member_name(member.name)
                place = (member.offset_data, member.size)
                archive.members = []  # type: ignore[attr-defined]  # a million fill the memory
                if member.isdir():
                    yield Folder(name)
                elif why := _unusable(member, size):
                    yield name, why
                else:
                    if name.endswith(CLASS):
                        classes[_key(name)] = intern(_text(archive, member))
                    elif name.endswith(RECORD) and not name.endswith(NO_RECORD):
                        records[_key(name)] = place
                    else:
                        images.append(name)
                        yield Entry(name, (*marks, *place), Member(path, *place))
    except Exception as error:  # a stranger's file can make it raise anything
        yield prefix.rstrip("/") or path.name, f"is no whole tar archive: {error}"
    if classes or records:
        yield _table(path, prefix.rstrip("/") or path.name, images, classes, records)


def _unusable(member: tarfile.TarInfo, size: int) -> str:
    if not member.isreg() or member.issparse():
        return "a link, a sparse file or a device in an archive"
    if member.size > MOST_BYTES:
        return f"has {member.size:,} bytes, absurdly large"
    return "truncated" if member.offset_data + member.size > size else ""


@dataclass(frozen=True, slots=True)
class Member:
    """Opens a member of an archive; there may be millions."""

    path: Path
    start: int
    size: int

    def __call__(self) -> BinaryIO:
        return io.BytesIO(_bytes(self.path, self.start, self.size))


def _bytes(path: Path, start: int, size: int) -> bytes:
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        return file.read(size)


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member)
    return file.read(MOST_LETTERS).decode(errors="replace") if file else ""


def _key(name: str) -> str:
    """Return what files of one sample share: the name up to its first dot."""
    folder, base = posixpath.split(name)
    return posixpath.join(folder, base.partition(".")[0])


def _table(
    path: Path,
    shown: str,
    images: Sequence[str],
    classes: Mapping[str, str],
    records: Mapping[str, Place],
) -> Table:
    """Return the classes and records beside images; records are read when they are asked for."""

    @cache
    def record(key: str) -> Mapping[str, Any]:
        start, size = records[key]
        if size > MOST_RECORD_BYTES:
            raise ValueError(f"{shown} has a record of {size:,} bytes, absurdly large")
        try:
            return dict(json.loads(_bytes(path, start, size)))
        except Exception as error:  # a stranger's file can make it raise anything
            raise ValueError(f"{shown} has a record {key}.json that holds none: {error}") from error

    def columns() -> list[str]:
        first = next(iter(records), None)
        return [*(["cls"] if classes else []), *(record(first) if first else ())]

    def values(column: str) -> dict[str, Any]:
        keys = [(name, _key(name)) for name in images]
        if column == "cls" and classes:
            return {name: classes[key] for name, key in keys if key in classes}
        return {name: record(key).get(column) for name, key in keys if key in records}

    return Table(shown, columns, values, "cls" if classes else "")
