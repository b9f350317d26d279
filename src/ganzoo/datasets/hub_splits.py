"""Which files of a repository on the Hub belong to a split: as its card says, or as paths do."""

import re
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

WORDS = {  # in the path of a file, which say its split
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
SPLITS = {word: split for split, words in WORDS.items() for word in words}
SHARD = re.compile(r"(.+)-\d{5}-of-\d{5}(?:-[0-9a-f]+)?")  # as the Hub's library calls its files
LABEL_FILES = ("metadata.csv", "metadata.jsonl", "labels.csv", "dataset.json")
SUFFIXES = (
    *(".parquet", ".tar", ".zip"),
    *(".avif", ".bmp", ".gif", ".heic", ".jp2", ".jpeg", ".jpg", ".jxl", ".pgm", ".png"),
    *(".ppm", ".tga", ".tif", ".tiff", ".webp"),
)
LETTERS = re.compile(r"[a-z]+")


def files_of(
    names: Sequence[str], split: str, folder: str = "", configurations: Sequence[Any] = ()
) -> list[str]:
    """Return the files of a split: as the card says, or else as the paths of the files do.

    Args:
        names: all files of a repository.
        split: its name.
        folder: a folder, or a configuration of the card; "" for the default one, or all.
        configurations: what the card says of them.

    Raises:
        ValueError: there is no such split, or no such folder or configuration.
    """
    readable = [name for name in names if _is_data(name)]
    if not readable:
        endings = sorted({PurePosixPath(name).suffix for name in names} - {"", ".md"})
        raise ValueError(
            "has no images, and no zip, tar or parquet files, but "
            f"{', '.join(endings) or 'nothing'}. Where the Hub has made parquet files of it, they "
            "are at '@refs/convert/parquet'."
        )
    names = readable
    by_split = _by_card(names, configurations, folder)
    if not by_split:
        inside = [each for each in names if each.startswith(f"{folder}/".lstrip("/"))]
        if not inside:
            raise ValueError(f"has no folder or configuration {folder!r}.")
        for name in inside:
            by_split.setdefault(split_of(name), []).append(name)
        if by_split.keys() == {""}:
            return by_split[""]
    if split not in by_split:
        known = ", ".join(sorted(filter(None, by_split)))
        raise ValueError(f"has no split {split!r}, but {known}.")
    beside = [each for each in by_split.get("", ()) if PurePosixPath(each).name in LABEL_FILES]
    return [*by_split[split], *beside]


def _is_data(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and (path.name in LABEL_FILES or path.suffix.lower() in SUFFIXES)


def split_of(name: str) -> str:
    """Return the split that the path of a file says, or ""."""
    path = PurePosixPath(name)
    if match := SHARD.fullmatch(path.stem):
        return SPLITS.get(match[1], match[1])
    words = [word for part in path.parts for word in LETTERS.findall(part.lower())]
    return next((SPLITS[word] for word in words if word in SPLITS), "")


def _by_card(
    names: Sequence[str], configurations: Sequence[Any], asked: str
) -> dict[str, list[str]]:
    """Return the files of each split of a configuration, the default one if none is asked for."""
    known = [each for each in configurations if isinstance(each, dict)]
    chosen = (
        [each for each in known if each.get("config_name") == asked]
        if asked
        else [
            *(each for each in known if each.get("default") is True),
            *(each for each in known if each.get("config_name") == "default"),
            *known,
        ]
    )
    found: dict[str, list[str]] = {}
    said = chosen[0].get("data_files") if chosen else None
    for each in said if isinstance(said, list) else []:
        if isinstance(each, dict) and isinstance(each.get("split"), str):
            paths = each.get("path")
            patterns = [str(path) for path in (paths if isinstance(paths, list) else [paths])]
            found[each["split"]] = [n for n in names if any(fnmatch(n, p) for p in patterns)]
    return {split: files for split, files in found.items() if files}
