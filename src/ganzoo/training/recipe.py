"""What a training is made of beside the two optimizers: the parts that `compile` takes."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from ganzoo import losses
from ganzoo.augmentation import Augmentation
from ganzoo.penalties import Penalty


class Recipe(keras.layers.Layer):
    """The checked parts: a Keras layer, so that their variables are saved and seen by JAX."""

    def __init__(
        self,
        loss: str | losses.AdversarialLoss,
        penalties: Iterable[Penalty],
        augmentation: Augmentation | None,
        discriminator_rounds: int,
        moving_average: float | None,
        frozen_stages: int,
    ) -> None:
        super().__init__(name="recipe")
        self.loss = losses.get(loss)
        self.penalties = checked(penalties)
        if augmentation is not None and not isinstance(augmentation, Augmentation):
            raise TypeError(
                "augmentation must be a ganzoo.augmentation.Augmentation, which takes a list of "
                f"transformations, not {augmentation!r}."
            )
        self.augmentation = augmentation
        if not isinstance(discriminator_rounds, int | np.integer) or discriminator_rounds < 1:
            raise ValueError(
                f"discriminator_rounds must be a whole number from 1, not {discriminator_rounds!r}."
            )
        self.discriminator_rounds = int(discriminator_rounds)
        number = isinstance(moving_average, float | np.floating)
        if moving_average is not None and not (number and 0.0 < moving_average < 1.0):
            raise ValueError(
                "moving_average must be a decay between 0 and 1, e.g. 0.999, or None, "
                f"not {moving_average!r}."
            )
        self.moving_average = moving_average
        self.frozen_stages = frozen_stages
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of `compile` that it was made from."""
        save = keras.saving.serialize_keras_object
        return {
            "loss": save(self.loss),
            "penalties": [save(each) for each in self.penalties],
            "augmentation": self.augmentation and save(self.augmentation),
            "discriminator_rounds": self.discriminator_rounds,
            "moving_average": self.moving_average,
            "frozen_stages": self.frozen_stages,
        }


def checked(penalties: Iterable[Penalty]) -> list[Penalty]:
    """Return penalties as a list."""
    if not isinstance(penalties, Iterable):
        raise TypeError(
            f"penalties must be a list, e.g. [ganzoo.penalties.R1()], not {penalties!r}."
        )
    listed = list(penalties)
    for each in listed:
        if not isinstance(each, Penalty):
            raise TypeError(
                "penalties must be objects of ganzoo.penalties, e.g. [ganzoo.penalties.R1()], "
                f"not {each!r}."
            )
    return listed


def loaded(config: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `compile` that `get_config` has described."""
    load = keras.saving.deserialize_keras_object
    return config | {
        "loss": load(config["loss"]),
        "penalties": [load(each) for each in config["penalties"]],
        "augmentation": config["augmentation"] and load(config["augmentation"]),
    }
