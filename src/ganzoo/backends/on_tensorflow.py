"""TensorFlow: gradients by a tape."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from ganzoo.backends.stock import (
    DATA_FORMAT,
    conv,
    conv_transpose,
    run_step,
    sync,
    tune,
    unpadded_conv,
)
from ganzoo.types import Tensor

__all__ = [
    "DATA_FORMAT",
    "JIT_COMPILE",
    "batch_norm",
    "conv",
    "conv_transpose",
    "feed",
    "input_gradients",
    "mapped",
    "run_step",
    "sync",
    "tune",
    "unpadded_conv",
    "value_and_gradients",
]

# Keras leaves XLA off where there is no GPU; these networks train 1.6 times faster with it there.
JIT_COMPILE = True


def value_and_gradients(
    objective: Callable[[], tuple[Tensor, Any]],
    variables: Sequence[keras.Variable],
    state: Callable[[], Sequence[keras.Variable]],
) -> tuple[Tensor, Any, list[Tensor]]:
    """Return the objective's loss and what else it returned, and the loss's gradients.

    Args:
        objective: returns a loss and anything else; it may read and assign variables.
        variables: what to differentiate the loss by.
        state: returns every variable that the objective reads or assigns.
    """
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aside = objective()
    return loss, aside, tape.gradient(loss, values)


def input_gradients(
    function: Callable[[Tensor], Tensor],
    images: Tensor,
    state: Callable[[], Sequence[keras.Variable]],
) -> Tensor:
    """Return the gradients of the function's sum, themselves differentiable.

    Args:
        function: from images to numbers; it may read and assign variables.
        images: what to differentiate by.
        state: returns every variable that the function reads or assigns.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        numbers = function(images)
    return tape.gradient(numbers, images)


def batch_norm(
    images: Tensor, gain: Tensor, offset: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Do as `stock.batch_norm`, with the second derivatives that penalties need.

    TensorFlow's variance takes the mean for a constant `c`: right in the first derivatives. But
    the variance is `mean((x - c)^2) - (mean(x) - c)^2`, whose second term, 0, has a second one.
    """
    mean, variance = ops.moments(images, axes=[0, 1, 2])
    variance = variance - ops.square(mean - ops.stop_gradient(mean))
    normalised = ops.batch_normalization(images, mean, variance, -1, offset, gain, epsilon)
    return normalised, mean, variance


def feed(arrays: Any) -> tuple[tf.data.Dataset, int | None]:
    """Do as `stock.feed`, without the generator dataset that Keras would make of a `PyDataset`.

    TensorFlow's generator dataset lowers malloc's threshold for mapped memory in the whole
    process (`ApplyPython311MemoryPatch`), after which each large tensor costs page faults: a
    third of the speed at 28x28.
    """
    batch_size = arrays.batch_size if arrays.top_up else None
    numbers = tf.data.Dataset.range(tf.int64.max if arrays.top_up else arrays.steps)
    batches = through_numpy(
        numbers, lambda number: arrays.batch_after(int(number)), arrays[0], batch_size
    )
    return batches, arrays.steps


def mapped(
    dataset: Any, function: Callable[[Any], Any], first: Any, others: Iterator[Any]
) -> tf.data.Dataset | None:
    """Do as `stock.mapped`, for a `tf.data.Dataset`."""
    if not isinstance(dataset, tf.data.Dataset):
        return None
    return through_numpy(dataset, lambda *batch: function(batch), first, None)


def through_numpy(
    dataset: tf.data.Dataset, function: Callable[..., Any], like: Any, batch_size: int | None
) -> tf.data.Dataset:
    """Return a dataset whose elements have gone through a function of NumPy arrays.

    Args:
        dataset: what the function's arguments come from, those of an element at a time.
        function: returns a batch.
        like: a batch that it returned.
        batch_size: of all batches, or None.
    """
    shapes = [(batch_size, *each.shape[1:]) for each in tf.nest.flatten(like)]
    dtypes = [each.dtype for each in tf.nest.flatten(like)]

    def batch(*element: Any) -> Any:
        def draw(*flat: Any) -> list[Any]:
            return tf.nest.flatten(function(*tf.nest.pack_sequence_as(element, flat)))

        flat = tf.numpy_function(draw, tf.nest.flatten(element), dtypes)
        known = [tf.ensure_shape(each, shape) for each, shape in zip(flat, shapes, strict=True)]
        return tf.nest.pack_sequence_as(like, known)

    return dataset.map(batch).prefetch(2)
