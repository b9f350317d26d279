"""Files on the user's disk: where ganzoo keeps them, and how it writes them whole or not at all."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PARTIAL_PREFIX = ".partial-"
UNSUPPORTED = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)  # network drives that cannot flush
REMEDIES = {
    errno.ENOSPC: "Free some space, or choose another folder.",
    errno.EDQUOT: "Your quota is used up: free some space, or choose another folder.",
    errno.EFBIG: "No file may be so large there: choose a folder on another drive.",
    errno.ENOENT: "Choose a folder that can be made.",
    errno.ENOTDIR: "A part of the path is a file: choose another folder.",
    errno.EEXIST: "A part of the path is a file: choose another folder.",
    errno.EACCES: "Choose a folder that you may write to.",
    errno.EPERM: "Choose a folder that you may write to.",
    errno.EROFS: "Choose a folder that you may write to.",
    errno.EIO: "The drive failed: choose another one.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
}
"""What to do about errors of the disk."""


def home() -> Path:
    """Return ganzoo's cache folder: `GANZOO_HOME`, else `ganzoo` in the user's cache folder.

    Raises:
        FileNotFoundError: the account has no home folder, and no variable names another.
    """
    if chosen := os.environ.get("GANZOO_HOME"):
        return expanded(chosen)
    try:
        return expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "ganzoo"
    except FileNotFoundError as error:
        raise FileNotFoundError(
            "This account has no home folder for ganzoo's cache: set GANZOO_HOME to a folder that "
            "you may write to."
        ) from error


def expanded(path: str | os.PathLike[str]) -> Path:
    """Return a path with the home folder in place of `~`.

    Raises:
        FileNotFoundError: the account has no home folder.
        ValueError: the path is empty, which would mean the current folder.
        TypeError: it is none.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"Expected the path of a file or folder, not {type(path).__name__}.")
    if not os.fspath(path):
        raise ValueError("The path is empty: give one, or '.' for the current folder.")
    path = Path(os.path.expanduser(path))  # unlike Path's, it leaves a file called "~x" alone
    if path.parts[:1] == ("~",):
        raise FileNotFoundError(
            f"{path} begins with the home folder, and this account has none: give the whole path, "
            "or set HOME."
        )
    return path


def folder_at(path: str | os.PathLike[str]) -> Path:
    """Return the path of a folder that files are to be written to; it may be made later.

    Raises:
        NotADirectoryError: there is a file.
        FileNotFoundError, ValueError, TypeError: as `expanded` does.
    """
    folder = expanded(path)
    if blocking := next((each for each in (folder, *folder.parents) if each.is_file()), None):
        raise NotADirectoryError(f"{blocking} is a file, and no folder: choose another place.")
    return folder


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path to write to; it becomes `path` only if the block succeeds.

    The bytes are on disk before the name appears, so that a kill, a full disk or a power cut
    leaves either the old file or the new one. The temporary path lies in the same folder, begins
    with `PARTIAL_PREFIX` and keeps the suffix of `path` (some writers choose a format by it).

    Raises:
        OSError: the file cannot be written there; the message says which, why, and what to do.
    """
    path = expanded(path)
    partial = _beside(path)
    with _plainly(path, partial):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            _flush_file(partial)
            os.replace(partial, path)
            _flush_folder(path.parent)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder to fill; it becomes `path` only if the block succeeds.

    A folder that is there already is replaced with all that is in it. No system exchanges two
    folders at once: a kill between the two renamings leaves both under temporary names.

    Raises:
        OSError: the folder cannot be written there; the message says which, why, and what to do.
    """
    path = expanded(path)
    partial, old = _beside(path), _beside(path)
    with _plainly(path, partial):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        try:
            yield partial
            for each in (*partial.rglob("*"), partial):
                (_flush_folder if each.is_dir() else _flush_file)(each)
            if path.exists():
                os.replace(path, old)
            try:
                os.replace(partial, path)
            except OSError:
                if old.exists():
                    os.replace(old, path)
                raise
            _flush_folder(path.parent)
        finally:
            for each in (partial, old):
                shutil.rmtree(each, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.with_name(f"{PARTIAL_PREFIX}{secrets.token_hex(8)}{path.suffix}")


@contextmanager
def _plainly(path: Path, partial: Path) -> Iterator[None]:
    """Let errors of writing name the user's path, and what to do."""
    try:
        yield
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0)
        if error.filename is None:
            ours = remedy is not None  # a full disk names no file
        else:
            named = Path(os.fsdecode(error.filename))
            ours = named in (path, partial, *path.parents) or partial in named.parents
        if not ours or not error.strerror:
            raise
        kind = type(OSError(error.errno, error.strerror))
        plain = kind(f"{path} could not be written: {error.strerror}. {remedy or ''}".strip())
        plain.errno = error.errno
        raise plain from error


def _flush_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)


def _flush_folder(path: Path) -> None:
    """Flush a folder where that can be done: not on Windows, nor on many network drives.

    The bytes are safe already; what a power cut could lose is the new name.
    """
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
