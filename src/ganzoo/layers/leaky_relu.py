"""A rectifier that leaks."""

import keras

from ganzoo import backends
from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class LeakyReLU(keras.layers.LeakyReLU):
    """`keras.layers.LeakyReLU`, each backend's fastest way to second derivatives."""

    def call(self, inputs: Tensor) -> Tensor:
        return backends.current.leaky_relu(inputs, self.negative_slope)
