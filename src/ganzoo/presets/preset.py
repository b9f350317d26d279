"""What is known of a preset before it is opened, and the presets that other packages bring."""

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from ganzoo.types import ImageShape

GROUP = "ganzoo.presets"


@dataclass(frozen=True)
class Preset:
    """A preset that can be called by its name: what it is, and where it lies.

    A package adds presets to `ganzoo.GAN.presets` by an entry point of the group
    `ganzoo.presets` that names a mapping from names to records:
    `[project.entry-points."ganzoo.presets"]`, `my_package = "my_package.presets:PRESETS"`.

    Args:
        family: what its `config.json` calls its family.
        description: one sentence.
        dataset: what it was trained on.
        image_shape: `(height, width, channels)` of its images.
        parameters: how many numbers its weights hold.
        size: bytes of its weights' file.
        rights: what may be done with it, and with what it was trained on.
        sha256: the SHA-256 of its `metadata.json`, which holds those of its other files.
        folder: where a copy lies on this disk; used when it is there.
        repository: `"user/repo"` on the Hugging Face Hub, used when there is no copy.
        commit: the full commit in that repository.

    Example:
        ```python
        import ganzoo

        for name, preset in ganzoo.GAN.presets.items():
            print(name, preset.image_shape, preset.description)
        ```
    """

    family: str
    description: str
    dataset: str
    image_shape: ImageShape
    parameters: int
    size: int
    rights: str
    sha256: str
    folder: str | os.PathLike[str] | None = None
    repository: str | None = None
    commit: str | None = None


def plugin_presets(taken: Sequence[str]) -> Mapping[str, Preset]:
    """Return the presets of the installed packages.

    One whose name is taken is left out, and so is a package whose presets cannot be loaded; each
    with a warning.

    Args:
        taken: the names of ganzoo's own presets.
    """
    presets: dict[str, Preset] = {}
    owners = dict.fromkeys(taken, "ganzoo")
    for package, added in _plugins():
        for name, preset in added.items():
            if name in owners:
                _warn_of_twin(name, package, owners[name])
            else:
                presets[name], owners[name] = preset, package
    return presets


@cache
def _warn_of_twin(name: str, package: str, first: str) -> None:
    warnings.warn(
        f"Both {first} and {package} bring a preset named {name!r}: that of {first} is used. Load "
        "the other by its folder or its handle on the Hub, or ask its authors for another name.",
        stacklevel=2,
    )


@cache
def _plugins() -> list[tuple[str, dict[str, Preset]]]:
    """Return the presets of each installed package; looked for once, and warned of once."""
    points = entry_points(group=GROUP)
    return [(owner(point), _load(point, owner(point))) for point in points]


def owner(point: EntryPoint) -> str:
    """Return what a user can uninstall: the package that brings an entry point."""
    return point.dist.name if point.dist else point.value


def _load(point: EntryPoint, package: str) -> dict[str, Preset]:
    try:
        presets = dict(point.load())
        if wrong := [name for name, each in presets.items() if not isinstance(each, Preset)]:
            raise TypeError(f"{wrong[0]!r} is no ganzoo.Preset")
        return presets
    except Exception as error:  # whatever a stranger's module raises
        warnings.warn(
            f"The presets of {package} are left out, because {point.value} cannot be loaded "
            f"({type(error).__name__}: {error}). Update or uninstall {package}.",
            stacklevel=2,
        )
        return {}
