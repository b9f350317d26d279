"""The folder of a preset: a model as plain data, all of it hashed and none of it executed.

`metadata.json` holds the size and the SHA-256 of the other files and is written last, so that a
save that was killed is found out. The exception is the model card `README.md`: it is for people,
who edit it on the Hub, and never loaded.
"""

import json
import math
import os
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganzoo._version import __version__
from ganzoo.files import whole_file
from ganzoo.presets import card
from ganzoo.storage import load_tensors, save_tensors, sha256

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
METADATA = "metadata.json"
CARD = "README.md"
HASHED = (CONFIG, WEIGHTS, *card.PICTURES)

FORMAT = 2
MOST_JSON = 2**20  # bytes of a JSON file
MOST_BYTES = 2**30  # bytes of any file
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
POINTER = b"version https://git-lfs"  # what Git leaves in the place of a large file

WHAT_IT_IS = "A preset is a folder that save_to_preset or `ganzoo train` has written."


class DamagedPresetError(ValueError):
    """A preset holds something else than it should."""


class PresetFolder:
    """A preset folder that is opened for reading: every file is checked before it is used.

    Args:
        folder: where it lies.
        label: how the user knows it, for messages.
        digest: the SHA-256 that its `metadata.json` must have, where it is pinned.
        handle: what names the same preset another time, by default the label.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is damaged, or written by a newer ganzoo.
    """

    def __init__(
        self, folder: Path, label: str, digest: str | None = None, handle: str | None = None
    ) -> None:
        self.folder = folder
        self.label = label
        self.handle = handle or label
        self.metadata = self._metadata(digest)

    def config(self) -> dict[str, Any]:
        """Return the family and the constructor's arguments."""
        return self._object(CONFIG, self.checked(CONFIG))

    def weights(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
        """Return the weights by name, which must have these shapes."""
        path = self.checked(WEIGHTS)
        try:
            return load_tensors(path, shapes)
        except ValueError as error:
            raise self.damaged(error) from error

    def checked(self, name: str) -> Path:
        """Return the path of a file after comparing it with the metadata."""
        expected, path = self.metadata["files"].get(name), self._path(name)
        if expected is None:
            raise self.damaged(f"{METADATA} does not list {name}.")
        for what, measure in (("size", size), ("sha256", sha256)):
            if (found := measure(path)) != expected.get(what):
                raise self.damaged(
                    f"{name} is not the file that {METADATA} describes: its {what} is {found}, "
                    f"expected {str(expected.get(what))[:64]}. {why(path)}"
                )
        return path

    def damaged(self, reason: object) -> DamagedPresetError:
        """Return the error to raise."""
        return DamagedPresetError(f"The preset {self.label!r} is damaged: {reason}")

    def _metadata(self, digest: str | None) -> dict[str, Any]:
        path = self._path(METADATA)
        if digest and (found := sha256(path)) != digest:
            raise self.damaged(f"the SHA-256 of its {METADATA} is {found}, expected {digest}.")
        metadata = self._object(METADATA, path)
        format, files = metadata.get("format"), metadata.get("files")
        if isinstance(format, int) and format > FORMAT:
            raise ValueError(
                f"The preset {self.label!r} was written by a newer ganzoo "
                f"({str(metadata.get('ganzoo'))[:20]}, format {format}; this is {__version__}, "
                f"which reads up to {FORMAT}): update ganzoo."
            )
        if format != FORMAT or isinstance(format, bool):
            raise self.damaged(f"{METADATA} has no format that ganzoo knows.")
        if not isinstance(files, dict) or not all(isinstance(e, dict) for e in files.values()):
            raise self.damaged(f"{METADATA} has no list of files.")
        if unknown := [name for name in files if name not in HASHED]:
            raise self.damaged(f"{METADATA} lists {unknown[0][:80]!r}, which is no preset's file.")
        return metadata

    def _path(self, name: str) -> Path:
        """Return the path of a regular file of bearable size; links are the Hub cache's way."""
        path = self.folder / name
        if not path.is_file():
            raise FileNotFoundError(f"{self.label!r} is no preset: it has no {name}. {WHAT_IT_IS}")
        if (found := size(path)) > (most := most_bytes(name)):
            raise self.damaged(f"{name} has {found:,} bytes, and no preset's has above {most:,}.")
        return path

    def _object(self, name: str, path: Path) -> dict[str, Any]:
        try:
            value = json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            raise self.damaged(f"{name} is no JSON ({str(error)[:80]}).") from error
        if not isinstance(value, dict):
            raise self.damaged(f"{name} is no JSON object.")
        return value


def save(
    folder: Path,
    config: dict[str, Any],
    weights: Mapping[str, np.ndarray],
    samples: Image.Image | None = None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write a preset folder, each file whole or not at all; other files there are left alone.

    A film or curves of the training that lie in the folder become part of the preset.

    Args:
        folder: created when needed.
        config: the family and the constructor's arguments, plain numbers, strings and lists.
        weights: the weights by name.
        samples: a picture of what the model draws.
        about: what is known of the model, for people: kept in `metadata.json`, shown on the card.

    Raises:
        ValueError: weights that are not finite, or more text than a preset may hold.
        TypeError: something that JSON cannot hold.
        OSError: the folder cannot be written.
    """
    metadata = {
        "format": FORMAT,
        "ganzoo": __version__,
        "keras": version("keras"),
        "parameters": sum(math.prod(tensor.shape) for tensor in weights.values()),
        "about": dict(about or {}),
    }
    pictures = [
        name
        for name in card.PICTURES
        if name != card.SAMPLES and os.path.isfile(folder / name)  # of any name
    ]
    if samples:
        pictures.insert(0, card.SAMPLES)
    metadata = json.loads(_json(METADATA, metadata))  # fails before anything is written
    texts = {CONFIG: _json(CONFIG, config), CARD: card.render(config, metadata, pictures)}
    with whole_file(folder / WEIGHTS) as partial:
        save_tensors(partial, weights)
    for name, text in texts.items():
        with whole_file(folder / name) as partial:
            partial.write_text(text, encoding="utf-8")
    if samples:
        with whole_file(folder / card.SAMPLES) as partial:
            samples.save(partial)
    metadata["files"] = {
        name: {"size": size(folder / name), "sha256": sha256(folder / name)}
        for name in (CONFIG, WEIGHTS, *pictures)
    }
    with whole_file(folder / METADATA) as partial:
        partial.write_text(_json(METADATA, metadata), encoding="utf-8")


def plain(value: Any) -> Any:
    """Return what JSON can hold in the place of NumPy's numbers and of paths."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(
        "What is to be known of a model is plain data, numbers, texts, lists and dicts of them, "
        f"not {type(value).__name__}."
    )


def most_bytes(name: str) -> int:
    """Return how large a preset's file of that name may be."""
    return MOST_JSON if name.endswith(".json") else MOST_BYTES


def size(path: Path) -> int:
    """Return the bytes of a file."""
    return path.stat().st_size


def why(path: Path) -> str:
    """Say how a file may have come to differ from what was written, and what to do."""
    with path.open("rb") as file:
        if file.read(len(POINTER)) == POINTER:
            return "It is a pointer of Git LFS: run `git lfs pull`, or load the preset by hf://."
    return "It was changed, or its writing cut short: save or download the preset again."


def _json(name: str, value: Any) -> str:
    try:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=plain)
    except ValueError as error:
        raise ValueError(f"{name} cannot hold NaN, infinite numbers or loops: {error}.") from error
    if LONE_SURROGATE.search(text):  # of a file's name that is no UTF-8
        text = json.dumps(value, indent=2, allow_nan=False, default=plain)
    text += "\n"
    if len(text.encode()) > MOST_JSON:
        raise ValueError(f"{name} would be larger than {MOST_JSON:,} bytes: shorten it.")
    return text
