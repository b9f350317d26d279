"""Batch normalisation."""

from typing import Any

import keras
from keras import layers, ops

from ganzoo import backends
from ganzoo.layers.exact import exact
from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class BatchNorm(layers.BatchNormalization):
    """`BatchNormalization` over the channels, each backend's fastest way.

    As in Keras, one whose `trainable` is False normalises by the statistics that it has, also
    while training, and leaves them as they are.
    """

    def call(self, inputs: Tensor, training: bool = False, mask: Any = None) -> Tensor:
        if not (training and self.trainable):
            return super().call(inputs, training=False)
        whole = exact(self.compute_dtype)
        images, gain, offset = (ops.cast(x, whole) for x in (inputs, self.gamma, self.beta))
        normalised, mean, variance = backends.current.batch_norm(images, gain, offset, self.epsilon)
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            share = ops.cast(now * (1.0 - self.momentum), moving.dtype)
            moving.assign(moving * self.momentum + share)
        return ops.cast(normalised, self.compute_dtype)
