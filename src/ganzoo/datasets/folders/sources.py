"""Find the files of a folder, an archive or shards, and open them."""

import io
import os
import stat
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ganzoo.datasets import hub_sets
from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.folders.decode import UnusableImageError, open_image
from ganzoo.datasets.folders.entries import (
    MOST_BYTES,
    Entry,
    Folder,
    Found,
    Source,
    Table,
    Unusable,
    marks_of,
    member_name,
)
from ganzoo.datasets.folders.kinds import ZIP
from ganzoo.datasets.folders.parquet import in_parquet
from ganzoo.datasets.folders.several import Several, matching
from ganzoo.datasets.folders.shards import in_tar
from ganzoo.datasets.hub_splits import LABEL_FILES
from ganzoo.files import expanded
from ganzoo.presets.preset_folder import METADATA, WEIGHTS

# Written beside pictures by operating systems, cameras and photo programs, and lists of captions.
SIDECARS = {".aae", ".db", ".ini", ".lrprev", ".thm", ".xml", ".xmp"} | {
    ".cls",
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
ENCRYPTED = 1  # in the flags of a member
SHARDS = (".tar", ".parquet")


def top_folder(name: str) -> str:
    """Return the first folder on the way to a file, or "" if it lies in none."""
    first, separator, _ = name.partition("/")
    return first if separator else ""


def find(
    path: str | os.PathLike[str], image_column: str | None = None, split: str | None = None
) -> Source:
    """List the files of a folder, with all folders in it, of an archive, or of the Hub.

    What lies in tar archives and parquet files of a folder counts as its own: they are shards.
    Links are followed; a folder is visited once, however many links lead to it. Hidden files and
    folders, and the sidecars of operating systems and photo programs, are left out. If everything
    lies in one folder, names begin below that.

    Args:
        path: a folder, a zip or tar archive, a parquet file, `hf://datasets/user/name`, a pattern
            of files, or `Several`.
        image_column: which column of parquet files holds the images.
        split: of a data set of the Hub.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: it is none of these, or damaged.
        ImportError: a parquet file needs pyarrow.
        OSError: a data set of the Hub could not be had.
    """
    if hub_sets.is_set(path):
        files = hub_sets.fetch(str(path), split)
        return replace(_sorted(list(_of_hub(files, image_column))), handle=str(files.handle))
    several = path.paths if isinstance(path, Several) else ()
    path = expanded(path)
    if split is not None:
        raise ValueError(
            f"split={split!r} is for named datasets, .npz files and the Hub: "
            f"{os.fspath(path)!r} is a folder or an archive."
        )
    if (path / WEIGHTS).is_file() and (path / METADATA).is_file():
        raise ValueError(
            f"{os.fspath(path)!r} is a model, as save_to_preset and `ganzoo train` write it, and "
            "no folder of images."
        )
    if not several and not path.exists():
        several = tuple(matching(path))
    if several:
        found = list(_of_several(several, image_column))
    elif path.is_dir():
        found = list(_in_folder(path, image_column))
    elif not path.is_file():
        known = path.name in DATASETS
        hint = f" The dataset {path.name!r} is known: it needs no look before fit." if known else ""
        raise FileNotFoundError(f"There is no folder or zip archive at {os.fspath(path)!r}.{hint}")
    elif path.suffix.lower() in SHARDS:
        found = list(_in_shard(path, "", image_column))
    else:
        found = list(_in_archive(path))
    if image_column is not None and not _hold_parquet(path, found):
        raise ValueError(
            f"image_column={image_column!r} is a column of parquet files, and "
            f"{os.fspath(path)!r} holds none."
        )
    return _sorted(found)


def _hold_parquet(path: Path, found: Sequence[Found]) -> bool:
    names = (_name(each) for each in found if not isinstance(each, Folder | Table))
    return path.suffix.lower() == ".parquet" or any(".parquet/" in each.lower() for each in names)


def _sorted(found: Sequence[Found]) -> Source:
    """Sort what was found into files to read, and all else."""
    folders = [each.name for each in found if isinstance(each, Folder)]
    files = [each for each in found if not isinstance(each, Folder | Table)]
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
        tables=tuple(each for each in found if isinstance(each, Table)),
        label_files=tuple(each for each in files if isinstance(each, Entry) and _labels(each.name)),
    )


def entry_of(path: str | os.PathLike[str]) -> Entry:
    """Return one file, wherever it lies; it is opened later.

    Raises:
        FileNotFoundError: there is no such file.
    """
    path = expanded(path)
    if path.is_dir():
        raise ValueError(
            f"{os.fspath(path)!r} is a folder: give one alone, or a list of the files in several."
        )
    if not path.is_file():
        raise FileNotFoundError(f"There is no file at {os.fspath(path)!r}.")
    return Entry(os.fspath(path), marks_of(path.stat()), partial(_open, path))


def _in_shard(path: Path, prefix: str, image_column: str | None) -> Iterator[Found]:
    if path.suffix.lower() == ".tar":
        return in_tar(path, prefix)
    return in_parquet(path, prefix, image_column)


def _of_hub(files: hub_sets.HubFiles, image_column: str | None) -> Iterator[Found]:
    """Yield what lies in files of a repository, where zip archives are shards as well."""
    for name in sorted(files.names):
        yield from _in_shard_or_file(files.folder / name, name, image_column)


def _of_several(paths: Sequence[Path], image_column: str | None) -> Iterator[Found]:
    """Yield what lies in files, of which shards and archives hold many."""
    above = Path(os.path.commonpath([each.absolute().parent for each in paths]))
    for path in dict.fromkeys(paths):
        name = path.absolute().relative_to(above).as_posix()
        if path.is_dir():
            raise ValueError(f"{os.fspath(path)!r} is a folder: give one alone, or files.")
        if not path.is_file():
            raise FileNotFoundError(f"There is no file at {os.fspath(path)!r}.")
        yield from _in_shard_or_file(path, name, image_column)


def _in_shard_or_file(path: Path, name: str, image_column: str | None) -> Iterator[Found]:
    """Yield what lies in a shard, for which zip archives count here, or the file itself."""
    if path.suffix.lower() == ".zip":
        return _in_archive(path, f"{name}/")
    return _in_file(path, name, path.stat(), image_column)


def _in_file(
    path: Path, name: str, status: os.stat_result, image_column: str | None
) -> Iterator[Found]:
    if path.suffix.lower() in SHARDS and status.st_size and not _hidden(name):
        yield from _in_shard(path, f"{name}/", image_column)
    else:
        yield Entry(name, marks_of(status), partial(_open, path))


def _in_folder(root: Path, image_column: str | None) -> Iterator[Found]:
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
                yield from _in_file(child, name, status, image_column)
            elif not stat.S_ISDIR(status.st_mode):  # opening a pipe could wait for ever
                yield name, "a pipe, a socket or a device"
            elif not _hidden(child.name):
                waiting.append((child, f"{name}/"))


def _in_archive(path: Path, prefix: str = "") -> Iterator[Found]:
    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:  # a stranger's file can make it raise anything
        raise ValueError(
            f"{os.fspath(path)!r} is neither a folder nor a whole zip archive: {_other(path)}"
        ) from error
    for member in archive.infolist():
        name = prefix + member_name(member.filename)
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


def _other(path: Path) -> str:
    """Say what a file is that is no archive, and what to give in its place."""
    try:
        with path.open("rb") as file:
            kind = open_image(file).format
    except OSError as error:
        return f"{_reason(error)}."
    except UnusableImageError as error:
        cut_off = str(error) == ZIP
        return "it is cut off; copy or download it again." if cut_off else f"{error}."
    return f"a single image ({kind}). Give its folder, or a list of the paths of several."


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
    return replace(entry, name=entry.name.removeprefix(f"{common}/"))


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
