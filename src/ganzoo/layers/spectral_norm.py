"""Spectral normalisation, as layers whose kernel is divided while they are called."""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from ganzoo.layers.convolutions import Conv2D, ResizeConv, finished
from ganzoo.layers.exact import exact
from ganzoo.types import Tensor

FIRST_STEPS = 15  # as other libraries take


class SpectralNorm:
    """Divides a layer's kernel by its largest singular value, as power iteration sees it.

    The iteration begins with some steps where the layer is built, and takes one at each call in
    training; it is never in half precision. Keras' own wrapper assigns the
    divided kernel to the layer: its backends' gradients differ.

    Reference:
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), algorithm 1.
    """

    filters_axis = -1  # of the kernel

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)  # type: ignore[misc]
        self.direction = self.add_weight(
            shape=(self.kernel.shape[self.filters_axis],),  # type: ignore[attr-defined]
            initializer=self.first_direction,
            dtype=exact(self.compute_dtype),  # type: ignore[attr-defined]
            trainable=False,
            autocast=False,  # torch would assign to a copy in half precision
            name="direction",
        )

    def add_weight(self, *arguments: Any, **options: Any) -> keras.Variable:
        if options.get("name") == "kernel":
            options["autocast"] = False  # it is divided before it is rounded
        return super().add_weight(*arguments, **options)  # type: ignore[misc]

    def first_direction(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        """Return about the singular vector that belongs to the kernel's largest singular value."""
        kernel = ops.convert_to_numpy(self.kernel)  # type: ignore[attr-defined]
        matrix = np.moveaxis(kernel, self.filters_axis, -1).astype("float64")
        matrix = matrix.reshape(-1, matrix.shape[-1])
        direction = np.random.default_rng(0).normal(size=shape)
        for _ in range(FIRST_STEPS):
            direction = matrix.T @ (matrix @ direction)
            direction /= np.linalg.norm(direction) + 1e-12
        return ops.convert_to_tensor(direction, dtype)

    # Keras' convolutions and products save their kernel and bias alone.

    def save_own_variables(self, store: Any) -> None:
        for weight in self.weights:  # type: ignore[attr-defined]
            store[weight.name] = ops.convert_to_numpy(weight)

    def load_own_variables(self, store: Any) -> None:
        for weight in self.weights:  # type: ignore[attr-defined]
            weight.assign(store[weight.name])

    def divided(self, training: bool) -> Tensor:
        """Return the kernel, exactly; while training, take a step of the iteration before."""
        kernel = ops.convert_to_tensor(self.kernel)  # type: ignore[attr-defined]
        kernel = ops.cast(kernel, exact(self.compute_dtype))  # type: ignore[attr-defined]
        matrix = ops.moveaxis(kernel, self.filters_axis, -1)
        matrix = ops.reshape(matrix, (-1, matrix.shape[-1]))
        constant, left = ops.stop_gradient(matrix), self.direction.value
        right = ops.normalize(ops.matmul(constant, left), axis=-1)
        if training:
            left = ops.normalize(ops.matmul(right, constant), axis=-1)
            self.direction.assign(left)
        else:  # an average of directions is shorter than they are
            left = ops.normalize(left, axis=-1)
        largest = ops.sum(ops.matmul(right, matrix) * left)
        return kernel * (1.0 / largest)  # a division of each number takes longer

    def kernel_of(self, inputs: Tensor, training: bool) -> Tensor:
        """Return the divided kernel in the dtype of what it is applied to."""
        return ops.cast(self.divided(training), inputs.dtype)


@keras.saving.register_keras_serializable("ganzoo")
class SpectralConv2D(SpectralNorm, Conv2D):
    """`Conv2D` under spectral normalisation."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return finished(self, self.convolution_op(inputs, self.kernel_of(inputs, training)))


@keras.saving.register_keras_serializable("ganzoo")
class SpectralResizeConv(SpectralNorm, ResizeConv):
    """`ResizeConv` under spectral normalisation, of the kernel of 3 x 3."""

    filters_axis = -2

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return finished(self, self.convolution_op(inputs, self.kernel_of(inputs, training)))


@keras.saving.register_keras_serializable("ganzoo")
class SpectralDense(SpectralNorm, layers.Dense):
    """`Dense` under spectral normalisation."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return finished(self, ops.matmul(inputs, self.kernel_of(inputs, training)))
