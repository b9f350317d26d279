"""Noise between layers, for what in an image is left to chance."""

from typing import Any

import keras
import numpy as np
from keras import ops

from ganzoo import draws
from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class Noise(keras.layers.Layer):
    """Adds the same noise to all channels of a map, times a learned number that begins at 0.

    While training, the noise is drawn anew for each image. An image that is drawn from latents
    gets what its latents say and no more, so there the noise is one map that never changes, which
    keeps what comes after it as loud as it is used to.

    Args:
        seed: what the noise is drawn from.
        still_seed: what the map that never changes is drawn from, by default `seed`.
        **options: as of `keras.layers.Layer`.

    Reference:
        [Karras et al., 2019](https://arxiv.org/abs/1812.04948), section 2.
    """

    def __init__(self, seed: int = 0, still_seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.seed = seed
        self.still_seed = seed if still_seed is None else still_seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(shape=(), initializer="zeros", name="scale")
        shape = (1, *input_shape[1:3], 1)
        self.still = np.random.default_rng(self.still_seed).normal(size=shape).astype("float32")

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        noise = ops.convert_to_tensor(self.still, inputs.dtype)
        if training:
            shape = (ops.shape(inputs)[0], *self.still.shape[1:])
            noise = draws.normal(shape, self.seed_generator, inputs.dtype)
        return inputs + ops.cast(self.scale, inputs.dtype) * noise

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"seed": self.seed, "still_seed": self.still_seed}

    # Keras leaves the random state out (keras-team/keras#19796).

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        store["seed_state"] = ops.convert_to_numpy(self.seed_generator.state)

    def load_own_variables(self, store: Any) -> None:
        self.seed_generator.state.assign(store["seed_state"])
        self.scale.assign(store["0"])
