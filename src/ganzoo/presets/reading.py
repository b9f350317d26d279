"""Read preset folders that strangers may have written."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo._version import __version__
from ganzoo.presets import tensors
from ganzoo.presets.layout import (
    CONFIG,
    FORMAT,
    HASHED,
    METADATA,
    WEIGHTS,
    most_bytes,
    sha256,
    size,
)

WHAT_IT_IS = "A preset is a folder that save_to_preset or `ganzoo train` has written."


class PresetFolder:
    """A preset folder that is opened for reading: every file is checked before it is used.

    Args:
        folder: where it lies.
        label: how the user knows it, for messages.
        digest: the SHA-256 that its `metadata.json` must have, where it is pinned.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is damaged, or written by a newer ganzoo.
    """

    def __init__(self, folder: Path, label: str, digest: str | None = None) -> None:
        self.folder = folder
        self.label = label
        self.metadata = self._metadata(digest)

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return self._object(CONFIG, self.checked(CONFIG))

    def weights(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
        """Return the weights by name, which must have these shapes."""
        path = self.checked(WEIGHTS)
        try:
            return tensors.load(path, shapes)
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
                    f"expected {str(expected.get(what))[:64]}. It was changed, or its writing cut "
                    "short: save or download the preset again."
                )
        return path

    def damaged(self, reason: object) -> ValueError:
        """Return the error to raise."""
        return ValueError(f"The preset {self.label!r} is damaged: {reason}")

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
                f"which reads up to {FORMAT}). Update ganzoo: pip install -U ganzoo"
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
