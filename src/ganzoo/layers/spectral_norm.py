"""Spectral normalisation, as layers whose kernel is divided while they are called."""

from typing import Any

import keras
from keras import layers, ops

from ganzoo.layers.convolutions import Conv2D, finished
from ganzoo.layers.normal import Normal
from ganzoo.types import Tensor


class SpectralNorm:
    """Divides a layer's kernel by its largest singular value, as power iteration sees it.

    Keras' own wrapper assigns the divided kernel to the layer: its backends' gradients differ.

    Reference:
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), algorithm 1.
    """

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)  # type: ignore[misc]
        self.direction = self.add_weight(  # type: ignore[attr-defined]
            (self.kernel.shape[-1],),  # type: ignore[attr-defined]
            Normal(stddev=1.0, seed=0),
            trainable=False,
            autocast=False,  # torch would assign to a copy in half precision
            name="direction",
        )

    # Keras' convolutions and products save their kernel and bias alone.

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)  # type: ignore[misc]
        store["direction"] = ops.convert_to_numpy(self.direction)

    def load_own_variables(self, store: Any) -> None:
        super().load_own_variables(store)  # type: ignore[misc]
        self.direction.assign(store["direction"])

    def divided(self, training: bool) -> Tensor:
        """Return the kernel; while training, take one step of the power iteration before."""
        kernel = ops.cast(ops.convert_to_tensor(self.kernel), "float32")  # type: ignore[attr-defined]
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        constant, left = ops.stop_gradient(matrix), ops.cast(self.direction.value, "float32")
        right = ops.normalize(ops.matmul(constant, left), axis=-1)
        if training:
            left = ops.normalize(ops.matmul(right, constant), axis=-1)
            self.direction.assign(left)
        largest = ops.sum(ops.matmul(right, matrix) * left)
        return ops.cast(kernel / largest, self.compute_dtype)  # type: ignore[attr-defined]


@keras.saving.register_keras_serializable("ganzoo")
class SpectralConv2D(SpectralNorm, Conv2D):
    """`Conv2D` under spectral normalisation."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return finished(self, self.convolution_op(inputs, self.divided(training)))


@keras.saving.register_keras_serializable("ganzoo")
class SpectralDense(SpectralNorm, layers.Dense):
    """`Dense` under spectral normalisation."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return finished(self, ops.matmul(inputs, self.divided(training)))
