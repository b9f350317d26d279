"""What lies in folders, archives and shards: files, and what is known of them beside."""

import os
import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

MOST_BYTES = 2**29  # of one member of an archive: it is unpacked in memory

Unusable = tuple[str, str]
"""The name of a file that cannot be used, with the reason."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that may be an image.

    Attributes:
        name: its path below the source, with "/" between the parts.
        mark: changes when the content does: sizes, times or checksums.
        open: returns its bytes as a seekable binary file; the caller closes it.
    """

    name: str
    mark: tuple[int, ...]
    open: Callable[[], BinaryIO]


class Table(NamedTuple):
    """What is known of files beside their pixels.

    Attributes:
        name: what it may be called in a message.
        columns: returns the names of its columns.
        values: returns what a column holds for each file, by the file's path from the top.
        classes: the column that holds classes unless another is named, or "".
    """

    name: str
    columns: Callable[[], Sequence[str]]
    values: Callable[[str], Mapping[str, Any]]
    classes: str = ""


@dataclass(frozen=True)
class Source:
    """What lies in a folder or an archive.

    Attributes:
        entries: files that may be images, in the order of their names.
        unusable: names of what cannot be read, with the reason.
        ignored: how many hidden files and sidecars there are.
        empty: folders next to the files, or to their folders, that hold nothing.
        common: the folder that everything lies in, of which names say nothing; "" for none.
        label_files: files that may hold labels, by their path from the top.
        tables: what else is known of the files.
        handle: of a data set of the Hub, with its commit; or "".
    """

    entries: tuple[Entry, ...]
    unusable: tuple[Unusable, ...]
    ignored: int
    empty: tuple[str, ...] = ()
    common: str = ""
    label_files: tuple[Entry, ...] = ()
    tables: tuple[Table, ...] = ()
    handle: str = ""


class Folder(NamedTuple):
    """A folder, whatever it holds; its name does not end in "/"."""

    name: str


Found = Entry | Unusable | Folder | Table
"""What a folder or an archive yields."""


def member_name(written: str) -> str:
    """Return a member's name as if unpacked in an empty folder by what lets nothing out of it."""
    return posixpath.normpath("/" + written.replace("\\", "/")).lstrip("/")


def marks_of(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes when a file does: its size and times."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
