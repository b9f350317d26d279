"""The decoded pixels of many files: made once by several threads, kept in memory or on disk."""

import hashlib
import json
import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import PIL

from ganzoo.datasets.folders.decode import UnusableImageError
from ganzoo.datasets.folders.entries import Entry, Unusable
from ganzoo.datasets.folders.levels import Seen, levels_of
from ganzoo.datasets.folders.prepare import Preparation, Prepared
from ganzoo.datasets.folders.workers import read_each
from ganzoo.files import home, whole_file
from ganzoo.launched import place
from ganzoo.names import printable

PIXELS, INDEX = "pixels.bin", "index.json"
FORMAT = 2  # of the files; another number for other pixels


@dataclass(frozen=True)
class Index:
    """Which files the pixels are of, and which could not be used, with the reason.

    `seen` are the numbers of those that have more than 8 bits.
    """

    names: list[str] = field(default_factory=list)
    enlarged: list[str] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """What is to be decoded, and how."""

    entries: Sequence[Entry]
    preparation: Preparation
    limit: int
    strict: bool
    progress: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all images, if every file is one."""
        return min(len(self.entries), self.limit), *self.preparation.image_shape


def decode_all(
    entries: Sequence[Entry],
    preparation: Preparation,
    *,
    memory_budget: int,
    limit: int | None = None,
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
        limit: how many images to make at most; files after those are not opened.
        strict: whether to stop at the first file that is no usable image.
        progress: whether to show a progress bar.

    Returns:
        uint8 `(n, height, width, channels)`, and what they are.

    Raises:
        ValueError: with `strict`, a file is no usable image.
        OSError: the cache folder cannot be written to.
    """
    most = len(entries) if limit is None else limit
    task = Task(entries, preparation, most, strict, progress)
    if math.prod(task.shape) > memory_budget or place() is not None:  # for all processes
        images, index = _on_disk(task)
    else:
        images = np.empty(task.shape, np.uint8)
        index = _decode(task, lambda: _filling(images))
        images = images[: len(index.names)]
    if strict and index.unusable:  # found again
        refuse(*index.unusable[0])
    return images, index


def _filling(images: np.ndarray) -> Callable[[np.ndarray], None]:
    rows = iter(images)

    def keep(pixels: np.ndarray) -> None:
        next(rows)[...] = pixels

    return keep


def _on_disk(task: Task) -> tuple[np.ndarray, Index]:
    from filelock import FileLock

    folder = home() / "folders" / _key(task)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        index = _index(folder, task.preparation)
        if index is None:
            shutil.rmtree(folder, ignore_errors=True)  # what a killed run left behind
            try:
                index = _write(folder, task)
            except OSError as error:
                raise OSError(
                    f"The decoded images could not be kept in {folder.parent}: {error}. Set "
                    "GANZOO_HOME to a folder with more room, or raise memory_budget."
                ) from error
    shape = (len(index.names), *task.preparation.image_shape)
    if not index.names:
        return np.empty(shape, np.uint8), index
    return np.memmap(folder / PIXELS, np.uint8, "r", shape=shape), index


def _write(folder: Path, task: Task) -> Index:
    with whole_file(folder / PIXELS) as partial, partial.open("wb") as file:

        def begin() -> Callable[[Any], object]:
            file.seek(0)
            return file.write

        index = _decode(task, begin)
    with whole_file(folder / INDEX) as partial:  # last: it says that the pixels are whole
        partial.write_text(json.dumps(astuple(index)), encoding="ascii")
    return index


def _index(folder: Path, preparation: Preparation) -> Index | None:
    """Return what a finished run has written, or None."""
    try:
        names, enlarged, unusable, seen = json.loads((folder / INDEX).read_text(encoding="ascii"))
        size = (folder / PIXELS).stat().st_size
    except (FileNotFoundError, ValueError):
        return None
    reasons = [(name, why) for name, why in unusable]
    index = Index(names, enlarged, reasons, [Seen(*each) for each in seen])
    return index if size == len(names) * math.prod(preparation.image_shape) else None


def _key(task: Task) -> str:
    parts = [FORMAT, PIL.__version__, asdict(task.preparation), task.shape[0]]
    digest = hashlib.sha256(json.dumps(parts).encode())
    for entry in task.entries:
        digest.update(json.dumps([entry.name, *entry.mark]).encode())
    return digest.hexdigest()[:32]


def _decode(task: Task, begin: Callable[[], Callable[[Any], object]]) -> Index:
    """Decode every file; once more where they have more than 8 bits, and other levels suit them.

    Args:
        task: what to decode.
        begin: returns what takes the images, the first one first.
    """
    index = _pass(task, begin())
    levels = levels_of(index.seen)
    if index.seen and levels != task.preparation.levels:
        index = _pass(replace(task, preparation=replace(task.preparation, levels=levels)), begin())
    return index


def _pass(task: Task, keep: Callable[[Any], object]) -> Index:
    index = Index()

    def take(entry: Entry, result: Prepared | UnusableImageError) -> None:
        if not isinstance(result, UnusableImageError):
            keep(result.pixels)
            index.names.append(entry.name)
            if result.enlarged:
                index.enlarged.append(entry.name)
            if result.seen:
                index.seen.append(result.seen)
        elif task.strict:
            refuse(entry.name, str(result))
        else:
            index.unusable.append((entry.name, str(result)))

    opened = 0
    while opened < len(task.entries) and (missing := task.limit - len(index.names)) > 0:
        part = task.entries[opened : opened + missing]
        opened += len(part)
        read_each(part, task.preparation, take, task.progress)
    return index


def refuse(name: str, why: str) -> NoReturn:
    """Raise a `ValueError` about a file that cannot be used."""
    raise ValueError(
        f"{printable(name)} cannot be used: {why}. Remove or replace it, or pass strict=False to "
        "skip it."
    )
