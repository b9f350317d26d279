"""TensorFlow: gradients by a tape."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from ganzoo.backends.contract import Aside
from ganzoo.backends.fast_tensorflow import JIT_COMPILE, feed, mapped
from ganzoo.backends.stock import (
    DATA_FORMAT,
    conv,
    conv_transpose,
    export_options,
    keeping,
    run_step,
    sync,
    tune,
)
from ganzoo.types import Tensor

__all__ = [
    "DATA_FORMAT",
    "JIT_COMPILE",
    "batch_norm",
    "conv",
    "conv_transpose",
    "export_options",
    "feed",
    "input_gradients",
    "keeping",
    "leave_out",
    "mapped",
    "run_step",
    "sync",
    "tune",
    "value_and_gradients",
]


def value_and_gradients(
    objective: Callable[[], tuple[Tensor, Aside]],
    variables: Sequence[keras.Variable],
    state: Callable[[], Sequence[keras.Variable]],
) -> tuple[Tensor, Aside, list[Tensor]]:
    if tf.distribute.get_strategy().num_replicas_in_sync > 1:
        raise NotImplementedError(
            "ganzoo does not train on several devices at once with TensorFlow: Keras would add up "
            "their gradients instead of averaging them. Train outside of the strategy's scope."
        )
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aside = objective()
    gradients = tape.gradient(loss, values)
    return loss, aside, gradients


def input_gradients(
    function: Callable[[Tensor], Tensor],
    images: Tensor,
    state: Callable[[], Sequence[keras.Variable]],
) -> Tensor:
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        numbers = function(images)
    return tape.gradient(numbers, images)


def batch_norm(
    images: Tensor, gain: Tensor, offset: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Do as `stock.batch_norm`, with the second derivatives that penalties need.

    Means are sums times a share: the gradient of TensorFlow's mean divides by a constant where the
    batch's size is known, which XLA makes a product, and by a number where it is open.

    The variance takes the mean for a constant `c`, as TensorFlow's own does
    (tensorflow/tensorflow#19609): right in the first derivatives. But the variance is
    `mean((x - c)^2) - (mean(x) - c)^2`, whose second term, 0, has a second one.
    """
    share = 1.0 / ops.cast(ops.size(images) // images.shape[-1], images.dtype)
    mean = ops.sum(images, axis=(0, 1, 2)) * share
    constant = ops.stop_gradient(mean)
    variance = ops.sum(ops.square(images - constant), axis=(0, 1, 2)) * share
    variance = variance - ops.square(mean - constant)
    normalised = ops.batch_normalization(images, mean, variance, -1, offset, gain, epsilon)
    return normalised, mean, variance


def leave_out(model: keras.Model, *arguments: Any) -> Any:
    (batches,) = arguments
    for _ in range(model.steps_per_execution):
        next(batches)
    return {}
