"""TensorFlow's fast ways: XLA on a CPU, and batches without a generator."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

from ganzoo.backends.contract import Batches
from ganzoo.backends.replicas_tensorflow import shares


def jit_compile(model: keras.Model, asked: bool | str | None) -> bool | str:
    """Compile with XLA on one device, also without a GPU; on several, XLA compiles no step.

    Keras resolves `"auto"` to no XLA where there is no GPU. These networks train 1.6 times faster
    with it there; what a CPU kernel lacks (grouped convolutions), XLA has, too.
    """
    if shares(model) == 1:
        return True if asked is None else asked
    if asked is True:
        raise ValueError(
            "With TensorFlow, XLA compiles no step for several devices: leave out jit_compile=True."
        )
    return "auto"


def feed(arrays: Batches) -> tuple[tf.data.Dataset, int | None]:
    """Feed without the generator dataset that Keras would make of a `PyDataset`.

    TensorFlow's generator dataset lowers malloc's threshold for mapped memory in the whole process
    (`ApplyPython311MemoryPatch`, against leaks such as tensorflow/tensorflow#65675), after which
    each large tensor costs page faults: a third of the speed at 28x28.
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
    """Map a `tf.data.Dataset`."""
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
