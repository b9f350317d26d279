"""From what users call a preset to the folder that holds it."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ganzoo.files import expanded
from ganzoo.names import choose
from ganzoo.presets import hub
from ganzoo.presets.hub import HUB, Handle
from ganzoo.presets.preset import Preset
from ganzoo.presets.preset_folder import METADATA, WHAT_IT_IS, DamagedPresetError, PresetFolder

Known = Callable[[], Mapping[str, Preset]]
"""Finds the presets that have names; called only for what may be a name."""


class Place(NamedTuple):
    """Where a preset lies: in a folder of this disk or on the Hub."""

    where: Path | Handle
    digest: str | None = None  # the SHA-256 of its metadata, where it is pinned


@contextmanager
def opened(
    preset: str | os.PathLike[str],
    known: Known,
    names: Sequence[str],
    revision: str | None = None,
    **hub_options: Any,
) -> Iterator[PresetFolder]:
    """Open a preset for reading; one from the Hub that is damaged does not stay in the cache.

    Args:
        preset: a known name, a folder, or a handle of the Hub.
        known: finds the presets that have names.
        names: the files that will be read.
        revision: for a handle of the Hub.
        **hub_options: `token`, `cache_dir` and `local_files_only`.
    """
    where, digest = locate(preset, known, revision)
    label = os.fspath(preset)
    if isinstance(where, Path):
        yield PresetFolder(where, label, digest)
        return
    folder = hub.download(
        where.repository, names, folder=where.folder, revision=where.revision, **hub_options
    )
    try:
        yield PresetFolder(folder, label, digest, handle=hub.at_commit(where, folder))
    except DamagedPresetError:
        hub.forget(folder, names)
        raise


def locate(preset: str | os.PathLike[str], known: Known, revision: str | None = None) -> Place:
    """Say where a preset lies. A known name wins over a folder, which `./name` asks for."""
    if not isinstance(preset, str | os.PathLike):
        raise TypeError(
            f"A preset is a name, a folder or a handle of the Hub, not {type(preset).__name__}."
        )
    label = os.fspath(preset)
    if hub.is_handle(label):
        return Place(hub.parse(label, revision))
    if revision:
        raise ValueError(f"revision={revision!r} is for presets of the Hub: 'hf://user/repo'.")
    may_be_name = isinstance(preset, str) and not set(preset) & set("/\\")
    names = known() if may_be_name else {}
    if label in names:
        return _named(label, names[label])
    path = expanded(preset)
    if path.is_dir():
        return Place(path)
    if path.exists():
        raise FileNotFoundError(f"{label!r} is a file. {WHAT_IT_IS}")
    if may_be_name:
        try:
            choose("preset", label, names)
        except ValueError as error:
            raise ValueError(
                f"{error} There is no folder of this name either; "
                f"a preset of the Hub is {HUB}user/repo."
            ) from None
    hint = f"On the Hub, that is '{HUB}{label}'. " if hub.FORM.fullmatch(label) else ""
    if "://" in label or label.startswith("git@"):
        hint = f"Presets come from folders and the Hub alone, from there as '{HUB}user/repo'. "
    raise FileNotFoundError(f"{label!r} is no preset: there is no such folder. {hint}{WHAT_IT_IS}")


def _named(name: str, record: Preset) -> Place:
    if record.folder and (Path(record.folder) / METADATA).is_file():
        return Place(Path(record.folder), record.sha256)
    if record.repository and record.commit:
        return Place(Handle(record.repository, revision=record.commit), record.sha256)
    raise FileNotFoundError(
        f"The preset {name!r} is not in this installation, and it is not on the Hub: "
        "install the package that brings it once more."
    )
