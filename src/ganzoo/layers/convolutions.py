"""Convolutions: Keras' layers, whose numbers come in each backend's fastest way."""

from typing import Any

import keras
from keras import ops

from ganzoo import backends
from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class Conv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D`, each backend's fastest way."""

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        return backends.current.conv(
            inputs,
            ops.convert_to_tensor(kernel),
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )


@keras.saving.register_keras_serializable("ganzoo")
class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`, each backend's fastest way."""

    def call(self, inputs: Tensor) -> Tensor:
        return finished(self, self.convolution_op(inputs, ops.convert_to_tensor(self.kernel)))

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        return backends.current.conv_transpose(
            inputs,
            kernel,
            self.strides,
            self.padding,
            self.output_padding,
            self.data_format,
            self.dilation_rate,
        )


@keras.saving.register_keras_serializable("ganzoo")
class ResizeConv(Conv2DTranspose):
    """Doubles each pixel and convolves with a kernel of 3 x 3: no checkerboard to begin with.

    That is a transposed convolution with stride 2 whose kernel of 4 x 4 is the one of 3 x 3,
    added up where both halves of a doubled pixel lie: as fast as the paper's.

    Args:
        filters: of the maps that it makes.
        kernel_size: 3.
        strides: 2.
        padding: `"same"`.
        **options: as of `keras.layers.Conv2DTranspose`.

    Raises:
        ValueError: sizes that would make it another convolution.

    Reference:
        [Odena et al., 2016](https://distill.pub/2016/deconv-checkerboard/).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any = 3,
        strides: Any = 2,
        padding: str = "same",
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, **options)
        sizes = (self.kernel_size, self.strides, self.padding, self.dilation_rate)
        if sizes != ((3, 3), (2, 2), "same", (1, 1)) or self.output_padding is not None:
            raise ValueError(
                "ResizeConv has kernel_size=3, strides=2, padding='same' and no dilation_rate or "
                f"output_padding, not {sizes[0]}, {sizes[1]}, {sizes[2]!r}, {sizes[3]} and "
                f"{self.output_padding}."
            )

    def add_weight(self, *arguments: Any, **options: Any) -> keras.Variable:
        if options.get("name") == "kernel":
            options["autocast"] = False  # it is added up before it is rounded
        return super().add_weight(*arguments, **options)

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        whole = ops.cast(doubling_kernel(kernel), self.compute_dtype)
        return super().convolution_op(inputs, whole)


def doubling_kernel(kernel: Tensor) -> Tensor:
    """Return the kernel `(4, 4, ...)` that does what `(3, 3, ...)` does to doubled pixels.

    Its last axis comes first in memory, as torch's convolutions read it.
    """
    kernel = ops.moveaxis(kernel, -1, 0)
    halves, rest = ([0, 1], [1, 0]), [0, 0]
    whole = sum(
        ops.pad(kernel, [rest, rows, columns, rest]) for rows in halves for columns in halves
    )
    return ops.moveaxis(whole, 0, -1)


def finished(layer: keras.Layer, outputs: Tensor) -> Tensor:
    """Add a layer's bias, if it has one, and apply its activation.

    Args:
        layer: a convolution or a dense layer.
        outputs: what it has made of its inputs by its kernel.
    """
    if layer.use_bias:
        first = getattr(layer, "data_format", None) == "channels_first"
        outputs = outputs + (ops.reshape(layer.bias, (-1, 1, 1)) if first else layer.bias)
    return outputs if layer.activation is None else layer.activation(outputs)
