"""From presets to models and back."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops
from PIL import Image

from ganzoo.gan import families
from ganzoo.gan.arguments import GANArguments
from ganzoo.gan.family import Family
from ganzoo.gan.weights import named_weights, weight_shapes
from ganzoo.pictures import image_grid
from ganzoo.presets import writing
from ganzoo.presets.layout import CONFIG, METADATA, WEIGHTS
from ganzoo.presets.reading import PresetFolder
from ganzoo.presets.sources import opened
from ganzoo.training.averaging import SETTLED

CHANGEABLE = ("image_shape", "num_classes", "class_names", "seed", "dtype")
"""GANArguments of the constructor that `from_preset` takes instead of the preset's."""


def load(
    asked: type[Family],
    preset: str | os.PathLike[str],
    load_weights: bool,
    changes: Mapping[str, Any],
    **where: Any,
) -> Family:
    """Build the model of a preset, or a changed one, after everything in it has been checked.

    Args:
        asked: the family, or `GAN` for whichever it is.
        preset: a name, a folder or a handle.
        load_weights: whether to read the weights.
        changes: arguments of the constructor to take instead of the preset's.
        **where: for a handle of the Hub.
    """
    if unknown := sorted(changes.keys() - set(CHANGEABLE)):
        raise TypeError(
            f"from_preset() has no argument {unknown[0]!r}. Of a preset's model, "
            f"{', '.join(CHANGEABLE)} can be changed; for anything else, train a new model."
        )
    side = asked.Arguments.smallest_side
    asked.Arguments.from_config({"image_shape": (side, side, 1), **changes})
    names = [METADATA, CONFIG, *([WEIGHTS] if load_weights else [])]
    with opened(preset, families.presets(), names, **where) as folder:
        config = folder.config()
        family = family_of(asked, config, folder)
        try:
            source = family.Arguments.from_config(config)
            shapes = weight_shapes(family, source)
        except (TypeError, ValueError) as error:
            raise folder.damaged(f"{CONFIG}: {error}") from error
        tensors = folder.weights(shapes) if load_weights else {}
        changed = changed_config(config, source, changes)
        family.Arguments.from_config(changed)  # what is wrong later is the preset's fault
        try:
            model = family(**changed)
        except (TypeError, ValueError) as error:
            raise folder.damaged(f"{CONFIG}: {error}") from error
    if tensors:
        fill(model, tensors, source)
    return model


def family_of(asked: type[Family], config: dict[str, Any], folder: PresetFolder) -> type[Family]:
    """Take the family out of a config, and return its class, which must be the one asked for."""
    try:
        found = families.family(config.pop("family", None))
    except ValueError as error:
        raise folder.damaged(f"{CONFIG}: {error}") from error
    if not issubclass(found, asked):
        raise ValueError(
            f"The preset {folder.label!r} is a {found.__name__}, not a {asked.__name__}: load it "
            f"by {found.__name__}.from_preset, or by ganzoo.from_preset, whatever its family is."
        )
    return found


def changed_config(
    config: Mapping[str, Any], source: GANArguments, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a preset's config with changes; other classes do not keep the names."""
    config = {**config, "num_classes": source.num_classes, **changes}
    if changes.get("class_names"):
        config["num_classes"] = changes.get("num_classes")
    elif config["num_classes"] != source.num_classes:
        config["class_names"] = None
    return config


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


def save(model: Family, folder: str | os.PathLike[str], about: Mapping[str, Any] | None) -> None:
    """Write a model into a preset folder."""
    config = model.get_config()
    model.Arguments.from_config(config)  # what cannot be loaded is not saved
    weights = {
        name: np.asarray(ops.convert_to_numpy(ops.cast(weight, "float32")))
        for name, weight in drawing_weights(model).items()
    }
    config = {"family": model.family, **config}
    writing.save(Path(folder), config, weights, _samples(model), about)


def drawing_weights(model: Family) -> Mapping[str, Any]:
    """Return the weights by name; of the generator those that it draws with."""
    return named_weights(model.drawing_generator, model.discriminator)


def _samples(model: Family) -> Image.Image | None:
    """Return a picture of what the model draws, a column for each class."""
    if model.image_shape[-1] not in (1, 3, 4):
        return None  # no picture has that many channels
    return image_grid(model.generate(100 if model.num_classes else 64, seed=0), model.num_classes)
