"""What a training is made of beside the two optimizers: the parts that `compile` takes."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from ganzoo import losses
from ganzoo.augmentation import Augmentation
from ganzoo.penalties import Penalty


class Objective(keras.layers.Layer):
    """The checked parts: a Keras layer, so that their variables are saved and seen by JAX."""

    def __init__(
        self,
        loss: str | losses.AdversarialLoss,
        penalties: Iterable[Penalty],
        augmentation: Augmentation | None,
        discriminator_steps: int,
        accumulate: int,
        ema_decay: float | None,
        frozen_stages: int,
    ) -> None:
        super().__init__(name="objective")
        self.loss = losses.get(loss)
        self.penalties = checked(penalties)
        if augmentation is not None and not isinstance(augmentation, Augmentation):
            raise TypeError(
                "augmentation must be a ganzoo.augmentation.Augmentation, which takes a list of "
                f"transformations, not {augmentation!r}."
            )
        self.augmentation = augmentation
        self.discriminator_steps = whole("discriminator_steps", discriminator_steps)
        self.accumulate = whole("accumulate", accumulate)
        number = isinstance(ema_decay, float | np.floating)
        if ema_decay is not None and not (number and 0.0 < ema_decay < 1.0):
            raise ValueError(
                "ema_decay must be a decay between 0 and 1, e.g. 0.999, or None, "
                f"not {ema_decay!r}."
            )
        self.ema_decay = ema_decay
        self.frozen_stages = frozen_stages
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of `compile` that it was made from."""
        save = keras.saving.serialize_keras_object
        return {
            "loss": save(self.loss),
            "penalties": [save(each) for each in self.penalties],
            "augmentation": self.augmentation and save(self.augmentation),
            "discriminator_steps": self.discriminator_steps,
            "accumulate": self.accumulate,
            "ema_decay": self.ema_decay,
            "frozen_stages": self.frozen_stages,
        }


def whole(name: str, number: int) -> int:
    """Return an argument that must be a whole number from 1."""
    if not isinstance(number, int | np.integer) or number < 1:
        raise ValueError(f"{name} must be a whole number from 1, not {number!r}.")
    return int(number)


def checked(penalties: Iterable[Penalty]) -> list[Penalty]:
    """Return penalties as a list."""
    if not isinstance(penalties, Iterable) or isinstance(penalties, str):
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
