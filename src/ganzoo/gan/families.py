"""The families of GANs: a line for each that comes with ganzoo, and those of other authors.

A class is known from where it is defined on. A package brings one that nobody has to import by an
entry point of the group `ganzoo.families`, `my_family = "my_package:MyGAN"`, and presets by the
group `ganzoo.presets`.
"""

import warnings
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ganzoo.gan.family import Family
from ganzoo.names import choose
from ganzoo.presets.record import Preset, plugin_presets

GROUP = "ganzoo.families"
FAMILIES = {
    "dcgan": "ganzoo.dcgan:DCGAN",
}
"""What a preset calls its family, and where its class is."""

_defined: dict[str, type[Family]] = {}


def define(family: type[Family]) -> None:
    """Know a class from now on, in this process; one that is defined anew replaces the older."""
    _defined[family.family] = family


def known() -> dict[str, EntryPoint | type[Family]]:
    """Return where each family's class is: ganzoo's, those defined here, those of packages."""
    own = {name: EntryPoint(name, value, GROUP) for name, value in FAMILIES.items()}
    return own | {
        name: where
        for name, where in (
            {each.name: each for each in entry_points(group=GROUP)} | _defined
        ).items()
        if name not in own
    }


def family(name: Any) -> type[Family]:
    """Return the class of a family.

    Raises:
        ValueError: no such family is defined or installed.
    """
    where = choose("family", name if isinstance(name, str) else repr(name), known())
    return load(where) if isinstance(where, EntryPoint) else where


@cache
def load(point: EntryPoint) -> type[Family]:
    """Return the class that an entry point names."""
    found: type[Family] = point.load()
    if found.family != point.name:
        raise ValueError(
            f"{point.value} is of the family {found.family!r}, and its package calls it "
            f"{point.name!r}: ask its authors for one name."
        )
    return found


def presets() -> Mapping[str, Preset]:
    """Return the presets that have names, of all families; ganzoo's own go first."""
    own: dict[str, Preset] = {}
    for name in FAMILIES:
        own |= family(name).own_presets
    return own | {
        name: preset for name, preset in plugin_presets(tuple(own)).items() if has_family(preset)
    }


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
