"""What a backend does by Keras' own operations, unless it has a faster way to the same numbers."""

from keras import ops

from ganzoo.types import Tensor

STAGE = {"strides": 2, "padding": "same", "data_format": "channels_last"}


def conv_transpose(images: Tensor, kernel: Tensor) -> Tensor:
    """Double the images' size by a fractionally-strided convolution.

    Args:
        images: `(batch, height, width, channels)`.
        kernel: `(kernel height, kernel width, filters, channels)`.

    Returns:
        `(batch, 2 height, 2 width, filters)`.
    """
    return ops.conv_transpose(images, kernel, **STAGE)
