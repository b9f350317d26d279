"""Initial weights."""

from typing import Any

import keras
import numpy as np
from keras import ops

from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class Normal(keras.initializers.RandomNormal):
    """`RandomNormal` drawn by NumPy: the same on every backend.

    JAX would compile a program for every shape, which takes longer than to draw images.
    """

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        numbers = np.random.default_rng(self.seed).normal(self.mean, self.stddev, shape)
        return ops.convert_to_tensor(numbers.astype("float32"), dtype)
