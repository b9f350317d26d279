"""From presets to models and back."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from keras import ops
from PIL import Image

from ganzoo.files import expanded
from ganzoo.gan import families
from ganzoo.gan.arguments import GANArguments
from ganzoo.gan.family import Family
from ganzoo.gan.weights import check_size, named_weights, weight_shapes
from ganzoo.pictures import image_grid
from ganzoo.presets import card, preset_folder
from ganzoo.presets.locate import opened
from ganzoo.presets.preset_folder import (
    CONFIG,
    METADATA,
    WEIGHTS,
    DamagedPresetError,
    PresetFolder,
)
from ganzoo.training.averaging import SETTLED

CHANGEABLE = ("image_shape", "num_classes", "class_names", "attributes", "seed", "dtype")
"""Arguments of the constructor that `from_preset` takes instead of the preset's."""


@dataclass(frozen=True)
class Description:
    """What a preset says of its model, checked, its weights apart."""

    handle: str  # names the same preset another time: of the Hub, the commit that was read
    family: type[Family]
    arguments: Any
    dtype: str
    name: str
    metadata: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """What tells these weights from others."""
        return str(self.metadata["files"].get(WEIGHTS, {}).get("sha256"))

    def config(self) -> dict[str, Any]:
        """Return the family and all arguments of the constructor, as `config.json` has them."""
        model = {"dtype": self.dtype, "name": self.name}
        return {"family": self.family.family, **self.arguments.config(), **model}

    def facts(self) -> list[tuple[str, Any]]:
        """Return what its card says, line by line."""
        try:
            return card.facts(self.config(), self.metadata)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DamagedPresetError(
                f"The preset {self.handle!r} is damaged: {METADATA} is incomplete ({error!r:.200})."
            ) from error


def describe(
    preset: str | os.PathLike[str], asked: type[Family] = Family, **where: Any
) -> Description:
    """Return what a preset says of its model, without reading its weights.

    Args:
        preset: a name, a folder or a handle.
        asked: the family that it must be of, by default any.
        **where: for a handle of the Hub: `revision`, `token`, `cache_dir`, `local_files_only`.

    Raises:
        ValueError, ImportError, OSError: as `from_preset` does.
    """
    with opened(preset, families.presets, [METADATA, CONFIG], **where) as folder:
        return read(folder, asked)


def load(
    preset: str | os.PathLike[str],
    asked: type[Family],
    load_weights: bool,
    changes: Mapping[str, Any],
    **where: Any,
) -> Family:
    """Build the model of a preset, or a changed one, after everything in it has been checked."""
    check_changes(asked, changes)
    names = [METADATA, CONFIG, *([WEIGHTS] if load_weights else [])]
    with opened(preset, families.presets, names, **where) as folder:
        said = read(folder, asked)
        target = changed(said.arguments, changes)
        with blaming(folder, Exception):  # whatever a network of a stranger's numbers runs into
            shapes = weight_shapes(said.family, said.arguments)
        tensors = folder.weights(shapes) if load_weights else {}
        with blaming(folder, TypeError, ValueError):  # memory may lack for a change
            dtype = changes.get("dtype", said.dtype)
            model = said.family(**target.config(), dtype=dtype, name=said.name)
    if tensors:
        fill(model, tensors, said.arguments)
    return model


def check_changes(asked: type[Family], changes: Mapping[str, Any]) -> None:
    """Raise for changes that no model of the family can have, before a preset is asked for."""
    if unknown := sorted(changes.keys() - set(CHANGEABLE)):
        raise TypeError(
            f"from_preset() has no argument {unknown[0]!r}. Of a preset's model, "
            f"{', '.join(CHANGEABLE)} can be changed; for anything else, train a new model."
        )
    side = asked.Arguments.smallest_side
    asked.Arguments.from_config({"image_shape": (side, side, 1), **changes})


def read(folder: PresetFolder, asked: type[Family]) -> Description:
    """Check what a preset's folder says of its model."""
    config = folder.config()
    name = config.pop("family", None)
    if not isinstance(name, str):
        raise folder.damaged(f"{CONFIG} does not say of which family the model is.")
    try:
        found = asked if name == getattr(asked, "family", None) else families.family(name)
    except ValueError as error:
        raise ValueError(f"The preset {folder.label!r} cannot be loaded. {error}") from error
    if not issubclass(found, asked):
        raise ValueError(
            f"The preset {folder.label!r} is a {found.__name__}, not a {asked.__name__}: load it "
            f"by {found.__name__}.from_preset, or by ganzoo.from_preset, whatever its family is."
        )
    with blaming(folder, Exception):
        arguments = found.Arguments.from_config(config)
    return Description(
        folder.handle,
        found,
        arguments,
        config.get("dtype", "float32"),
        config.get("name", name),
        folder.metadata,
    )


@contextmanager
def blaming(folder: PresetFolder, *kinds: type[Exception]) -> Iterator[None]:
    """Say that a preset's config is at fault for errors of some kinds."""
    try:
        yield
    except kinds as error:
        raise folder.damaged(f"{CONFIG}: {error}") from error


def changed(source: Any, changes: Mapping[str, Any]) -> Any:
    """Return arguments with changes, checked; other classes do not keep the names."""
    changes = {name: value for name, value in changes.items() if name != "dtype"}
    if changes.get("attributes"):
        changes = {"num_classes": None, "class_names": None, **changes}
    elif changes.get("class_names"):
        changes = {"num_classes": None, "attributes": None, **changes}
    elif "num_classes" in changes:
        other = changes["num_classes"] != source.num_classes
        changes = {"attributes": None, **({"class_names": None} if other else {}), **changes}
    return replace(source, **changes)


def fill(model: Family, tensors: Mapping[str, np.ndarray], source: GANArguments) -> None:
    """Give a model the weights of a preset; the model knows what of them begins anew."""
    weights = drawing_weights(model)
    if replace(source, seed=None) != replace(model.arguments, seed=None):
        fresh = {name: ops.convert_to_numpy(weight) for name, weight in weights.items()}
        tensors, reinitialized = model.transplant(tensors, source, model.arguments, fresh)
        model.reinitialized = tuple(reinitialized)
    if not model.reinitialized:
        model.rounds_played.assign(SETTLED)  # an average has no first weights to forget
    for name, tensor in tensors.items():
        weights[name].assign(tensor)
    model.inherited_stages = model.shared_stages(source, model.arguments)


def save(
    model: Family,
    folder: str | os.PathLike[str],
    about: Mapping[str, Any] | None,
    dtype: str | None = None,
) -> None:
    """Write a model into a preset folder; what could not be loaded is not saved."""
    card.check(about or {})
    config = model.get_config() | ({} if dtype is None else {"dtype": dtype})
    model.Arguments.from_config(config)
    with model.drawer.drawing(model):
        weights = {
            name: np.asarray(ops.convert_to_numpy(ops.cast(weight, "float32")))
            for name, weight in drawing_weights(model).items()
        }
    check_size({name: weight.shape for name, weight in weights.items()})
    preset_folder.save(
        expanded(folder),
        {"family": model.family, **config},
        weights,
        _samples(model),
        {"description": model.description, **(about or {})},
    )


def drawing_weights(model: Family) -> Mapping[str, Any]:
    """Return the weights by name; of the generator those that it draws with."""
    return named_weights(model.drawing_generator, model.discriminator)


def _samples(model: Family) -> Image.Image | None:
    """Return a picture of what the model draws, a column for each class or attribute."""
    if model.image_shape[-1] not in (1, 3, 4):
        return None  # no picture has that many channels
    count = 64 if model.turns is None else 100 // model.turns * model.turns or 100
    return image_grid(model.generate(count, seed=0), model.turns)
