"""TensorFlow: gradients by a tape."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from ganzoo.backends.contract import Aside
from ganzoo.backends.fast_tensorflow import conv, feed, jit_compile, mapped
from ganzoo.backends.replicas_tensorflow import (
    alone,
    beside,
    copies,
    dealt,
    join,
    mean_of_each,
    mean_over_replicas,
    replicas,
    rows,
    shares,
    spread,
    statistics,
    tune,
)
from ganzoo.backends.stock import (
    DATA_FORMAT,
    adopt,
    average_pool,
    conv_transpose,
    export_options,
    from_all,
    highest,
    is_first,
    keep_memory,
    keep_programs,
    keeping,
    leaky_relu,
    lerp,
    lost_another,
    run_step,
    sharing,
    shifted,
    sync,
)
from ganzoo.types import Tensor

__all__ = [
    "DATA_FORMAT",
    "adopt",
    "alone",
    "average_pool",
    "batch_norm",
    "beside",
    "conv",
    "conv_transpose",
    "copies",
    "dealt",
    "export_options",
    "feed",
    "from_all",
    "highest",
    "input_gradients",
    "is_first",
    "jit_compile",
    "join",
    "keep_memory",
    "keep_programs",
    "keeping",
    "leaky_relu",
    "leave_out",
    "lerp",
    "lost_another",
    "mapped",
    "mean_of_each",
    "mean_over_replicas",
    "replicas",
    "rows",
    "run_step",
    "shares",
    "sharing",
    "shifted",
    "spread",
    "sync",
    "tune",
    "value_and_gradients",
]


def value_and_gradients(
    objective: Callable[[], tuple[Tensor, Aside]],
    variables: Sequence[keras.Variable],
    state: Callable[[], Sequence[keras.Variable]],
) -> tuple[Tensor, Aside, list[Tensor]]:
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aside = objective()
    gradients = tape.gradient(loss, values)
    return loss, aside, mean_of_each(gradients)


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
    """Do as `stock.batch_norm`, over all replicas."""
    mean, variance = statistics(images)
    normalised = ops.batch_normalization(images, mean, variance, -1, offset, gain, epsilon)
    return normalised, mean, variance


def leave_out(model: keras.Model, *arguments: Any) -> Any:
    (batches,) = arguments
    for _ in range(model.steps_per_execution):
        next(batches)
    return {}
