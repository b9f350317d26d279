"""Files on the user's disk: where ganzoo keeps them, and how it writes them whole or not at all."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL_PREFIX = ".partial-"


def home() -> Path:
    """Return ganzoo's cache folder: `GANZOO_HOME`, else `ganzoo` in the user's cache folder."""
    if chosen := os.environ.get("GANZOO_HOME"):
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ganzoo"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path to write to; it becomes `path` only if the block succeeds.

    The bytes are on disk before the name appears, so that a kill, a full disk or a power cut
    leaves either the old file or the new one. The temporary path lies in the same folder, begins
    with `PARTIAL_PREFIX` and keeps the suffix of `path` (some writers choose a format by it).
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _beside(path)
    try:
        yield partial
        _flush_to_disk(partial)
        os.replace(partial, path)
        _flush_to_disk(path.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder to fill; it becomes `path` only if the block succeeds.

    A folder that is there already is replaced with all that is in it. No system exchanges two
    folders at once: a kill between the two renamings leaves both under temporary names.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial, old = _beside(path), _beside(path)
    partial.mkdir()
    try:
        yield partial
        for each in (*partial.rglob("*"), partial):
            _flush_to_disk(each)
        if path.exists():
            os.replace(path, old)
        try:
            os.replace(partial, path)
        except OSError:
            if old.exists():
                os.replace(old, path)
            raise
        _flush_to_disk(path.parent)
    finally:
        for each in (partial, old):
            shutil.rmtree(each, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.with_name(f"{PARTIAL_PREFIX}{secrets.token_hex(8)}{path.suffix}")


def _flush_to_disk(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
