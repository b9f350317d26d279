"""What a backend does by Keras' own operations, unless it has a faster way to the same numbers."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
from keras import ops

from ganzoo.types import Tensor

DATA_FORMAT = "channels_last"  # what a network of stock layers is fastest in
STAGE = {"strides": 2, "padding": "same", "data_format": "channels_last"}


def conv(images: Tensor, kernel: Tensor) -> Tensor:
    """Halve the images' size, rounded up, by a strided convolution.

    Args:
        images: `(batch, height, width, channels)`.
        kernel: `(4, 4, channels, filters)`.

    Returns:
        `(batch, ceil(height / 2), ceil(width / 2), filters)`.
    """
    return ops.conv(images, kernel, **STAGE)


def unpadded_conv(images: Tensor, kernel: Tensor, strides: tuple[int, int], axes: str) -> Tensor:
    """Convolve without padding.

    Args:
        images: `(batch, height, width, channels)`, or as `axes` says.
        kernel: `(rows, columns, channels, filters)`.
        strides: down and across.
        axes: the images' data format.
    """
    return ops.conv(images, kernel, strides, "valid", axes)


def conv_transpose(images: Tensor, kernel: Tensor) -> Tensor:
    """Double the images' size by a fractionally-strided convolution.

    Args:
        images: `(batch, height, width, channels)`.
        kernel: `(4, 4, filters, channels)`.

    Returns:
        `(batch, 2 height, 2 width, filters)`.
    """
    return ops.conv_transpose(images, kernel, **STAGE)


def batch_norm(
    images: Tensor, gain: Tensor, offset: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise images by the statistics of their batch.

    Args:
        images: `(batch, height, width, channels)`.
        gain: `(channels,)`.
        offset: `(channels,)`.
        epsilon: added to the variance.

    Returns:
        The normalised images, and each channel's mean and (biased) variance.
    """
    mean, variance = ops.moments(images, axes=[0, 1, 2])
    normalised = ops.batch_normalization(images, mean, variance, -1, offset, gain, epsilon)
    return normalised, mean, variance


def feed(arrays: Any) -> tuple[Any, int | None]:
    """Return an `ImageArrays` as `fit` and `evaluate` take it, and the steps to ask for."""
    return arrays, None


def mapped(dataset: Any, function: Callable[[Any], Any], first: Any, others: Iterator[Any]) -> Any:
    """Return a dataset of the backend's own kind with its batches gone through a function.

    Args:
        dataset: anything that yields batches.
        function: from a batch to one of NumPy arrays.
        first: what it made of the first batch.
        others: those after the first, of the pass that was begun with it.

    Returns:
        The dataset; None where it is not of the backend's kind.
    """
    return None


def run_step(
    step: Callable[[Any], dict[str, Tensor]],
    groups: Sequence[Sequence[keras.Variable]],
    data: Any,
) -> dict[str, Tensor]:
    """Run a step as the trainer calls it where variables hold their own values."""
    return step(data)


def tune(optimizer: keras.optimizers.Optimizer, variables: Sequence[keras.Variable]) -> None:
    """Make an optimizer's steps on these variables as fast as the backend can; same numbers.

    Args:
        optimizer: built for the variables.
        variables: a network's trainable variables.
    """


def sync(model: keras.Model) -> None:
    """Give variables the values that `fit` has come to, so that a callback may draw with them.

    Args:
        model: what this thread is training.
    """
