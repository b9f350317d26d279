"""The families of GANs: a line for each that comes with ganzoo, and those of other authors.

A class is known from where it is defined on. A package brings one that nobody has to import by an
entry point of the group `ganzoo.families`, `my_family = "my_package:MyGAN"`, and presets by the
group `ganzoo.presets`.
"""

import warnings
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from ganzoo.gan.family import Family
from ganzoo.presets.preset import Preset, owner, plugin_presets

GROUP = "ganzoo.families"
FAMILIES = {
    "dcgan": "ganzoo.dcgan:DCGAN",
    "fastgan": "ganzoo.fastgan:FastGAN",
}
"""What a preset calls its family, and where its class is."""

_defined: dict[str, type[Family]] = {}


def define(family: type[Family]) -> None:
    """Know a class from now on, in this process; one that is defined anew replaces the older."""
    _defined[family.family] = family


def known() -> dict[str, EntryPoint | type[Family]]:
    """Return where each family's class is: ganzoo's, those defined here, those of packages.

    No class is loaded for it.
    """
    own = {name: EntryPoint(name, value, GROUP) for name, value in FAMILIES.items()}
    found: dict[str, EntryPoint | type[Family]] = {**_defined, **own}
    for point in entry_points(group=GROUP):
        if point.name in own:
            warn_of_twin(point, own[point.name])
        found.setdefault(point.name, point)
    return found


def family(name: str) -> type[Family]:
    """Return the class of a family.

    Raises:
        ValueError: no such family is defined or installed.
        ImportError: the package that brings it is broken.
    """
    if (where := known().get(name)) is None:
        raise ValueError(
            f"No installed package brings the family {name[:80]!r}; known: {', '.join(known())}. "
            "Install the package that does, or a newer ganzoo."
        )
    return load(where) if isinstance(where, EntryPoint) else where


@cache
def load(point: EntryPoint) -> type[Family]:
    """Return the class that an entry point names."""
    try:
        found = point.load()
        if not (isinstance(found, type) and issubclass(found, Family)):
            raise TypeError(f"{point.value} is no subclass of ganzoo.GAN")
        if found.family != point.name:
            raise ValueError(f"{point.value} calls its family {found.family!r}")
    except Exception as error:  # whatever a stranger's module raises
        package = owner(point)
        raise ImportError(
            f"The family {point.name!r} of {package} cannot be loaded "
            f"({type(error).__name__}: {error}). Update or uninstall {package}."
        ) from error
    return found


def presets(of: str | None = None) -> Mapping[str, Preset]:
    """Return the presets that have names; ganzoo's own go first.

    Args:
        of: the family, by default every one that is known.
    """
    own = own_presets()
    found = own | {
        name: preset for name, preset in plugin_presets(tuple(own)).items() if has_family(preset)
    }
    return {name: preset for name, preset in found.items() if of in (None, preset.family)}


def own_presets() -> dict[str, Preset]:
    """Return the presets that come with ganzoo."""
    own: dict[str, Preset] = {}
    for name in FAMILIES:
        own |= family(name).own_presets
    return own


def has_family(preset: Preset) -> bool:
    """Whether the family of a preset is known; says so if it is not."""
    if preset.family in known():
        return True
    warn_of_orphan(preset)
    return False


@cache
def warn_of_orphan(preset: Preset) -> None:
    """Say once that a preset is left out."""
    warnings.warn(
        f"A preset of another package ({preset.description}) is left out: no installed package "
        f"brings its family {preset.family!r}.",
        stacklevel=2,
    )


@cache
def warn_of_twin(point: EntryPoint, first: EntryPoint) -> None:
    """Say once that a family's name is taken."""
    warnings.warn(
        f"Both {owner(first)} and {owner(point)} bring a family named {point.name!r}: that of "
        f"{owner(first)} is used. Ask the authors of the other for another name.",
        stacklevel=2,
    )
