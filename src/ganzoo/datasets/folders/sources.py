"""Find the files of a folder or a zip archive, and open them."""

import io
import os
import posixpath
import stat
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, NamedTuple

# Written beside pictures by operating systems, cameras and photo programs, and lists of captions.
SIDECARS = {".aae", ".db", ".ini", ".lrprev", ".thm", ".xml", ".xmp"} | {
    ".csv",
    ".json",
    ".jsonl",
    ".log",
    ".md",
    ".rtf",
    ".txt",
    ".yaml",
    ".yml",
}
LABEL_FILES = {"metadata.csv", "metadata.jsonl", "labels.csv", "dataset.json"}
MOST_BYTES = 2**29  # of one member of an archive: it is unpacked in memory
ENCRYPTED = 1  # in the flags of a member

Unusable = tuple[str, str]
"""The name of a file that cannot be used, with the reason."""


@dataclass(frozen=True)
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
    """

    name: str
    columns: Callable[[], Sequence[str]]
    values: Callable[[str], Mapping[str, Any]]


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
    """

    entries: tuple[Entry, ...]
    unusable: tuple[Unusable, ...]
    ignored: int
    empty: tuple[str, ...] = ()
    common: str = ""
    label_files: tuple[Entry, ...] = ()
    tables: tuple[Table, ...] = ()


def top_folder(name: str) -> str:
    """Return the first folder on the way to a file, or "" if it lies in none."""
    first, separator, _ = name.partition("/")
    return first if separator else ""


def find(path: str | os.PathLike[str]) -> Source:
    """List the files of a folder, with all folders in it, or of a zip archive.

    Links are followed; a folder is visited once, however many links lead to it. Hidden files and
    folders, and the sidecars of operating systems and photo programs, are left out. If everything
    lies in one folder, names begin below that.

    Args:
        path: a folder or a zip archive.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: it is neither a folder nor a zip archive, or the archive is damaged.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        found = list(_in_folder(path))
    elif not path.is_file():
        raise FileNotFoundError(f"There is no folder or zip archive at {os.fspath(path)!r}.")
    else:
        found = list(_in_archive(path))
    folders = [each.name for each in found if isinstance(each, Folder)]
    files = [each for each in found if not isinstance(each, Folder)]
    wanted = sorted((each for each in files if not _ignored(_name(each))), key=_name)
    entries = [each for each in wanted if isinstance(each, Entry)]
    shown = [_name(each) for each in files if not _hidden(_name(each))]
    empty = _empty(folders, shown)
    common = _common_folder(entries, empty)
    beside = [each for each in empty if each.rpartition("/")[0] == common]
    return Source(
        entries=tuple(_below(common, each) for each in entries),
        unusable=tuple(each for each in wanted if not isinstance(each, Entry)),
        ignored=len(files) - len(wanted),
        empty=tuple(each.removeprefix(f"{common}/") for each in beside),
        common=common,
        label_files=tuple(each for each in files if isinstance(each, Entry) and _labels(each.name)),
    )


def entry_of(path: str | os.PathLike[str]) -> Entry:
    """Return one file, wherever it lies; it is opened later.

    Raises:
        FileNotFoundError: there is no such file.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"There is no file at {os.fspath(path)!r}.")
    return Entry(os.fspath(path), _mark(path.stat()), partial(_open, path))


class Folder(NamedTuple):
    """A folder, whatever it holds; its name does not end in "/"."""

    name: str


Found = Entry | Unusable | Folder


def _in_folder(root: Path) -> Iterator[Found]:
    visited: set[tuple[int, int]] = set()
    waiting = deque([(root, "")])
    while waiting:
        folder, prefix = waiting.popleft()
        try:
            status = folder.stat()
            if (identity := (status.st_dev, status.st_ino)) in visited:
                continue  # another link to it, or a loop
            visited.add(identity)
            children = sorted(folder.iterdir())
        except OSError as error:
            yield prefix or ".", _reason(error)
            continue
        if prefix:
            yield Folder(prefix[:-1])
        for child in children:
            name = f"{prefix}{child.name}"
            try:
                status = child.stat()
            except OSError as error:
                yield name, _reason(error)
                continue
            if stat.S_ISREG(status.st_mode):
                yield Entry(name, _mark(status), partial(_open, child))
            elif not stat.S_ISDIR(status.st_mode):  # opening a pipe could wait for ever
                yield name, "a pipe, a socket or a device"
            elif not _hidden(child.name):
                waiting.append((child, f"{name}/"))


def _in_archive(path: Path) -> Iterator[Found]:
    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:  # a stranger's file can make it raise anything
        raise ValueError(
            f"{os.fspath(path)!r} is neither a folder nor a whole zip archive: {error}"
        ) from error
    for member in archive.infolist():
        # As if unpacked in an empty folder by a tool that lets nothing out of it.
        name = posixpath.normpath("/" + member.filename.replace("\\", "/")).lstrip("/")
        if member.is_dir():
            if name and not _hidden(name):
                yield Folder(name)
        elif member.file_size > MOST_BYTES:
            yield name, f"unpacks to {member.file_size:,} bytes, absurdly large"
        elif member.flag_bits & ENCRYPTED:
            yield name, "encrypted"
        else:
            mark = (member.file_size, member.CRC)
            yield Entry(name, mark, partial(_unpack, archive, member))


def _mark(status: os.stat_result) -> tuple[int, ...]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    return io.BytesIO(archive.read(member))


def _name(found: Entry | Unusable) -> str:
    return found.name if isinstance(found, Entry) else found[0]


def _ignored(name: str) -> bool:
    return _hidden(name) or PurePosixPath(name).suffix.lower() in SIDECARS


def _labels(name: str) -> bool:
    return not _hidden(name) and name.rpartition("/")[2] in LABEL_FILES


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _empty(folders: Iterable[str], files: Iterable[str]) -> list[str]:
    """Return the folders without any of the files, but for those within another such."""
    holding = {parent for name in files for parent in _parents(name)}
    empty = set(folders) - holding
    return sorted(folder for folder in empty if not empty & set(_parents(folder)))


def _parents(name: str) -> Iterator[str]:
    """Yield the folders on the way to a file or folder."""
    while name := name.rpartition("/")[0]:
        yield name


def _common_folder(entries: Sequence[Entry], empty: Sequence[str]) -> str:
    """Return the folder that everything lies in."""
    ways = [name.split("/")[:-1] for name in (*(entry.name for entry in entries), *empty)]
    shortest, longest = min(ways, default=[]), max(ways, default=[])
    same = 0
    while same < len(shortest) and shortest[same] == longest[same]:
        same += 1
    return "/".join(shortest[:same])


def _below(common: str, entry: Entry) -> Entry:
    if not common:
        return entry
    return Entry(entry.name.removeprefix(f"{common}/"), entry.mark, entry.open)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
