"""From what users call a preset to the folder that holds it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ganzoo.names import choose
from ganzoo.presets import hub
from ganzoo.presets.layout import METADATA
from ganzoo.presets.reading import WHAT_IT_IS, PresetFolder
from ganzoo.presets.record import Preset

HUB = "hf://"


class Source(NamedTuple):
    """Where a preset lies: in a folder, or else in a repository of the Hub."""

    folder: Path | None = None
    repository: str = ""
    revision: str | None = None
    digest: str | None = None  # the SHA-256 of its metadata, where it is pinned


@contextmanager
def opened(
    preset: str | os.PathLike[str],
    known: Mapping[str, Preset],
    names: Sequence[str],
    revision: str | None = None,
    **hub_options: Any,
) -> Iterator[PresetFolder]:
    """Open a preset for reading; one from the Hub that is refused does not stay in the cache.

    Args:
        preset: a known name, a folder, or a handle of the Hub.
        known: the presets that have names.
        names: the files that will be read.
        revision: for a handle of the Hub.
        **hub_options: `token`, `cache_dir` and `local_files_only`.
    """
    source, label = locate(preset, known, revision), os.fspath(preset)
    if source.folder:
        yield PresetFolder(source.folder, label, source.digest)
        return
    folder = hub.download(source.repository, names, revision=source.revision, **hub_options)
    try:
        yield PresetFolder(folder, label, source.digest)
    except ValueError:
        hub.forget(folder, names)
        raise


def locate(
    preset: str | os.PathLike[str], known: Mapping[str, Preset], revision: str | None = None
) -> Source:
    """Say where a preset lies. A known name wins over a folder, which `./name` asks for."""
    label = os.fspath(preset)
    if label.startswith(HUB):
        return Source(None, *hub.parse(label, revision))
    if revision:
        raise ValueError(f"revision={revision!r} is for presets of the Hub: 'hf://user/repo'.")
    if isinstance(preset, str) and preset in known:
        return _named(preset, known[preset])
    if Path(preset).is_dir():
        return Source(Path(preset))
    if isinstance(preset, str) and not set(preset) & set("/\\"):
        try:
            choose("preset", preset, known)
        except ValueError as error:
            raise ValueError(
                f"{error} There is no folder of this name either; "
                f"a preset of the Hub is {HUB}user/repo."
            ) from None
    raise FileNotFoundError(f"{label!r} is no preset: there is no such folder. {WHAT_IT_IS}")


def _named(name: str, record: Preset) -> Source:
    if record.folder and (Path(record.folder) / METADATA).is_file():
        return Source(Path(record.folder), digest=record.sha256)
    if record.repository and record.commit:
        return Source(None, record.repository, record.commit, record.sha256)
    raise FileNotFoundError(
        f"The preset {name!r} is not in this installation, and it is not on the Hub: "
        "install the package that brings it once more."
    )
