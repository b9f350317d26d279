"""From presets to models and back."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import keras
import numpy as np
from keras import ops
from PIL import Image

from ganzoo.dcgan.architecture import from_config
from ganzoo.pictures import image_grid
from ganzoo.presets import writing
from ganzoo.presets.layout import CONFIG, METADATA, WEIGHTS
from ganzoo.presets.sources import opened

if TYPE_CHECKING:
    from ganzoo.dcgan.model import DCGAN

Model = TypeVar("Model", bound="DCGAN")


def load(
    model_class: type[Model],
    preset: str | os.PathLike[str],
    load_weights: bool,
    **where: Any,
) -> Model:
    """Build the model of a preset, after everything in it has been checked."""
    names = [METADATA, CONFIG, *([WEIGHTS] if load_weights else [])]
    with opened(preset, model_class.presets, names, **where) as folder:
        config = folder.config()
        try:
            shapes = from_config(config).weight_shapes()
        except (TypeError, ValueError) as error:
            raise folder.damaged(f"{CONFIG}: {error}") from error
        tensors = folder.weights(shapes) if load_weights else {}
        try:
            model = model_class(**config)
        except (TypeError, ValueError) as error:
            raise folder.damaged(f"{CONFIG}: {error}") from error
    weights = named_weights(model)
    for name, tensor in tensors.items():
        weights[name].assign(tensor)
    return model


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
