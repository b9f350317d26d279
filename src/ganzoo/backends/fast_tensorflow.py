"""TensorFlow's fast ways: XLA on a CPU, and batches without a generator."""

from typing import Any

import tensorflow as tf

from ganzoo.backends.contract import Batches
from ganzoo.types import Tensor

# Keras resolves `jit_compile="auto"` to no XLA where there is no GPU. These networks train 1.6
# times faster with it there; what a CPU kernel lacks (grouped convolutions), XLA has, too.
JIT_COMPILE: bool | str = True


def feed(arrays: Batches) -> tuple[tf.data.Dataset, int | None]:
    """Feed without the generator dataset that Keras would make of a `PyDataset`.

    TensorFlow's generator dataset lowers malloc's threshold for mapped memory in the whole process
    (`ApplyPython311MemoryPatch`, against leaks such as tensorflow/tensorflow#65675), after which
    each large tensor costs page faults: a third of the speed at 28x28.
    """
    like = arrays.batch(arrays.epoch, 0)
    batch_size = arrays.batch_size if arrays.top_up else None
    shapes = [(batch_size, *each.shape[1:]) for each in tf.nest.flatten(like)]
    dtypes = [each.dtype for each in tf.nest.flatten(like)]

    def draw(number: Any) -> list[Any]:
        return tf.nest.flatten(arrays.batch(*divmod(int(number), arrays.steps)))

    def batch(number: Tensor) -> Any:
        flat = tf.numpy_function(draw, [number], dtypes)
        known = [tf.ensure_shape(each, shape) for each, shape in zip(flat, shapes, strict=True)]
        return tf.nest.pack_sequence_as(like, known)

    numbers = tf.data.Dataset.range(arrays.steps)
    if arrays.top_up:  # training: batch i of epoch e has the number e * steps + i, without an end
        numbers = tf.data.Dataset.range(arrays.epoch * arrays.steps, tf.int64.max)
    return numbers.map(batch).prefetch(2), arrays.steps
