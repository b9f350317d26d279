"""The decoded pixels of many files: made once by several threads, kept in memory or on disk."""

import hashlib
import json
import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL

from ganzoo.datasets.folders.decode import UnusableImageError
from ganzoo.datasets.folders.prepare import Preparation
from ganzoo.datasets.folders.sources import Entry, Unusable, printable
from ganzoo.datasets.folders.workers import read_each
from ganzoo.files import home, whole_file

PIXELS, INDEX = "pixels.bin", "index.json"
FORMAT = 1  # of the files; another number for other pixels


@dataclass(frozen=True)
class Index:
    """Which files the pixels are of, and which could not be used, with the reason."""

    names: list[str]
    enlarged: list[str]
    unusable: list[Unusable]


def decode_all(
    entries: Sequence[Entry],
    preparation: Preparation,
    *,
    memory_budget: int,
    strict: bool = False,
    progress: bool = True,
) -> tuple[np.ndarray, Index]:
    """Read every file, in memory or else in a file of the cache folder that is mapped to memory.

    The file is found again when neither the names, sizes and times of the files nor the
    preparation have changed. Two runs that need it at once make it once.

    Args:
        entries: the files.
        preparation: what becomes of each.
        memory_budget: most bytes that the pixels may take in memory.
        strict: whether to stop at the first file that is no usable image.
        progress: whether to show a progress bar.

    Returns:
        uint8 `(n, height, width, channels)`, and what they are.

    Raises:
        ValueError: with `strict`, a file is no usable image.
        OSError: the cache folder cannot be written to.
    """
    shape = (len(entries), *preparation.image_shape)
    if math.prod(shape) > memory_budget:
        images, index = _on_disk(entries, preparation, strict, progress)
    else:
        images = np.empty(shape, np.uint8)
        rows = iter(images)

        def keep(pixels: np.ndarray) -> None:
            next(rows)[...] = pixels

        index = _decode(entries, preparation, keep, strict, progress)
        images = images[: len(index.names)]
    if strict and index.unusable:  # found again
        refuse(*index.unusable[0])
    return images, index


def _on_disk(
    entries: Sequence[Entry], preparation: Preparation, strict: bool, progress: bool
) -> tuple[np.ndarray, Index]:
    from filelock import FileLock

    folder = home() / "folders" / _key(entries, preparation)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        index = _index(folder, preparation)
        if index is None:
            shutil.rmtree(folder, ignore_errors=True)  # what a killed run left behind
            try:
                index = _write(folder, entries, preparation, strict, progress)
            except OSError as error:
                raise OSError(
                    f"The decoded images could not be kept in {folder.parent}: {error}. Set "
                    "GANZOO_HOME to a folder with more room, or raise memory_budget."
                ) from error
    shape = (len(index.names), *preparation.image_shape)
    if not index.names:
        return np.empty(shape, np.uint8), index
    return np.memmap(folder / PIXELS, np.uint8, "r", shape=shape), index


def _write(
    folder: Path, entries: Sequence[Entry], preparation: Preparation, strict: bool, progress: bool
) -> Index:
    with whole_file(folder / PIXELS) as partial, partial.open("wb") as file:
        index = _decode(entries, preparation, file.write, strict, progress)
    with whole_file(folder / INDEX) as partial:  # last: it says that the pixels are whole
        partial.write_text(json.dumps(astuple(index)), encoding="ascii")
    return index


def _index(folder: Path, preparation: Preparation) -> Index | None:
    """Return what a finished run has written, or None."""
    try:
        names, enlarged, unusable = json.loads((folder / INDEX).read_text(encoding="ascii"))
        size = (folder / PIXELS).stat().st_size
    except (FileNotFoundError, ValueError):
        return None
    index = Index(names, enlarged, [(name, why) for name, why in unusable])
    return index if size == len(names) * math.prod(preparation.image_shape) else None


def _key(entries: Sequence[Entry], preparation: Preparation) -> str:
    files = [(entry.name, *entry.mark) for entry in entries]
    parts = [FORMAT, PIL.__version__, asdict(preparation), files]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _decode(
    entries: Sequence[Entry],
    preparation: Preparation,
    keep: Callable[[Any], object],
    strict: bool,
    progress: bool,
) -> Index:
    index = Index([], [], [])
    for entry, result in read_each(entries, preparation, progress):
        if not isinstance(result, UnusableImageError):
            pixels, enlarged = result
            keep(pixels)
            index.names.append(entry.name)
            if enlarged:
                index.enlarged.append(entry.name)
        elif strict:
            refuse(entry.name, str(result))
        else:
            index.unusable.append((entry.name, str(result)))
    return index


def refuse(name: str, why: str) -> None:
    """Raise a `ValueError` about a file that cannot be used."""
    raise ValueError(
        f"{printable(name)} cannot be used: {why}. Remove or replace it, or pass strict=False to "
        "skip it."
    )
