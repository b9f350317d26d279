"""Maps made twice as large."""

from typing import Any

import keras
from keras import ops

from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class Enlarged(keras.layers.Layer):
    """`UpSampling2D(2, interpolation="bilinear")`, in operations that every backend exports."""

    def call(self, inputs: Tensor) -> Tensor:
        height, width, channels = inputs.shape[1:]
        rows = ops.reshape(between(inputs, axis=1), (-1, 2 * height, width, channels))
        return ops.reshape(between(rows, axis=2), (-1, 2 * height, 2 * width, channels))

    def get_config(self) -> dict[str, Any]:
        return super().get_config()  # Keras wants one of who is given a policy as dtype


def between(maps: Tensor, axis: int) -> Tensor:
    """Return two pixels for each, a quarter of the way to its neighbours, on a new axis."""
    last = maps.shape[axis] - 1
    if axis == 1:
        before = ops.concatenate([maps[:, :1], maps[:, :last]], axis=1)
        after = ops.concatenate([maps[:, 1:], maps[:, last:]], axis=1)
    else:
        before = ops.concatenate([maps[:, :, :1], maps[:, :, :last]], axis=2)
        after = ops.concatenate([maps[:, :, 1:], maps[:, :, last:]], axis=2)
    return ops.stack([0.75 * maps + 0.25 * before, 0.75 * maps + 0.25 * after], axis=axis + 1)
