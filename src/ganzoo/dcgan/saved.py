"""From presets to models and back."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import keras
import numpy as np
from keras import ops
from PIL import Image

from ganzoo.dcgan.architecture import Architecture, from_config
from ganzoo.dcgan.transplant import shared_stages, transplant
from ganzoo.pictures import image_grid
from ganzoo.presets import writing
from ganzoo.presets.layout import CONFIG, METADATA, WEIGHTS
from ganzoo.presets.sources import opened

if TYPE_CHECKING:
    from ganzoo.dcgan.model import DCGAN

Model = TypeVar("Model", bound="DCGAN")
CHANGEABLE = ("image_shape", "num_classes", "class_names", "seed", "dtype")
"""Arguments of the constructor that `from_preset` takes instead of the preset's."""


def load(
    model_class: type[Model],
    preset: str | os.PathLike[str],
    load_weights: bool,
    changes: Mapping[str, Any],
    **where: Any,
) -> Model:
    """Build the model of a preset, or a changed one, after everything in it has been checked."""
    check_changes(changes)  # so that whatever is wrong later is the preset's fault
    names = [METADATA, CONFIG, *([WEIGHTS] if load_weights else [])]
    with opened(preset, model_class.presets, names, **where) as folder:
        config = folder.config()
        try:
            source = from_config(config)
            shapes = source.weight_shapes()
        except (TypeError, ValueError) as error:
            raise folder.damaged(f"{CONFIG}: {error}") from error
        tensors = folder.weights(shapes) if load_weights else {}
        try:
            model = model_class(**changed(config, source, changes))
        except (TypeError, ValueError) as error:
            raise folder.damaged(f"{CONFIG}: {error}") from error
    if tensors:
        fill(model, tensors, source)
    return model


def check_changes(changes: Mapping[str, Any]) -> None:
    """Check what a user wants otherwise than a preset has it, by itself."""
    if unknown := sorted(changes.keys() - CHANGEABLE):
        raise TypeError(
            f"from_preset() has no argument {unknown[0]!r}. Of a preset's model, "
            f"{', '.join(CHANGEABLE)} can be changed; for anything else, train a new model."
        )
    from_config({"image_shape": (8, 8, 1), **changes})


def changed(
    config: Mapping[str, Any], source: Architecture, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a preset's config with changes; other classes do not keep the names."""
    config = {**config, "num_classes": source.num_classes, **changes}
    if changes.get("class_names"):
        config["num_classes"] = changes.get("num_classes")
    elif config["num_classes"] != source.num_classes:
        config["class_names"] = None
    return config


def fill(model: "DCGAN", tensors: Mapping[str, np.ndarray], source: Architecture) -> None:
    """Give a model the weights of a preset; the model knows what of them starts afresh."""
    weights = named_weights(model)
    target = from_config(model.get_config())
    if replace(source, seed=None) != replace(target, seed=None):
        fresh = {name: ops.convert_to_numpy(weight) for name, weight in weights.items()}
        tensors, afresh = transplant(tensors, source, target, fresh)
        model.afresh = tuple(afresh)
    for name, tensor in tensors.items():
        weights[name].assign(tensor)
    model.inherited_stages = shared_stages(source, target)


def save(model: "DCGAN", folder: str | os.PathLike[str], about: Mapping[str, Any] | None) -> None:
    """Write a model into a preset folder."""
    config = model.get_config()
    from_config(config)  # what cannot be loaded is not saved
    weights = {
        name: np.asarray(ops.convert_to_numpy(ops.cast(weight, "float32")))
        for name, weight in named_weights(model).items()
    }
    writing.save(Path(folder), config, weights, _samples(model), about)


def named_weights(model: "DCGAN") -> dict[str, keras.Variable]:
    """Return both networks' weights by names that do not depend on Keras' automatic ones.

    Of the generator those that it draws with, which are averages while it is trained.
    """
    drawing = model.averaged_generator or model.generator
    return {
        f"{network.name}.{index:02}.{weight.name}": weight
        for network in (drawing, model.discriminator)
        for index, weight in enumerate(network.weights)
    }


def _samples(model: "DCGAN") -> Image.Image | None:
    """Return a picture of what the model draws, a column for each class."""
    if model.image_shape[-1] not in (1, 3, 4):
        return None  # no picture has that many channels
    return image_grid(model.generate(100 if model.num_classes else 64, seed=0), model.num_classes)
