"""Convolutions that halve or double: the same numbers on every backend, in its fastest way."""

import keras
from keras import layers, ops

from ganzoo import backends
from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class StridedConv(layers.Conv2D):
    """`Conv2D` with stride 2, each backend's fastest way."""

    def call(self, inputs: Tensor) -> Tensor:
        return self.convolved(inputs, self.kernel.value)

    def convolved(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        outputs = backends.current.conv(inputs, kernel)
        return outputs + self.bias if self.use_bias else outputs


@keras.saving.register_keras_serializable("ganzoo")
class FractionallyStridedConv(layers.Conv2DTranspose):
    """`Conv2DTranspose` with stride 2 and no bias, each backend's fastest way."""

    def call(self, inputs: Tensor) -> Tensor:
        return backends.current.conv_transpose(inputs, self.kernel.value)


@keras.saving.register_keras_serializable("ganzoo")
class ResizeConv(FractionallyStridedConv):
    """Doubles each pixel and convolves with a kernel of 3 x 3: no checkerboard to begin with.

    That is a fractionally-strided convolution whose kernel of 4 x 4 is the one of 3 x 3, added up
    where both halves of a doubled pixel lie: as fast as the paper's.

    Reference:
        [Odena et al., 2016](https://distill.pub/2016/deconv-checkerboard/).
    """

    def call(self, inputs: Tensor) -> Tensor:
        return backends.current.conv_transpose(inputs, smeared(self.kernel.value))


def smeared(kernel: Tensor) -> Tensor:
    """Return the kernel `(4, 4, ...)` that does what `(3, 3, ...)` does to doubled pixels."""
    halves, rest = ([0, 1], [1, 0]), [[0, 0], [0, 0]]
    return sum(ops.pad(kernel, [rows, columns, *rest]) for rows in halves for columns in halves)
