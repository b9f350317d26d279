"""TensorFlow's fast ways: XLA on a CPU, with convolutions that it is good at, and batches."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from ganzoo.backends import stock
from ganzoo.backends.contract import Batches, Pair
from ganzoo.backends.halving import Gradients, Product, halving, zeros_around
from ganzoo.backends.replicas_tensorflow import shares
from ganzoo.types import Tensor


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


def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Pair = 1,
    padding: str = "valid",
    data_format: str = "channels_last",
    dilation_rate: Pair = 1,
) -> Tensor:
    """Convolve with gradients that XLA is fast at on a CPU, also within a condition."""
    options = (strides, padding, data_format, dilation_rate)
    if by_xla_on_cpu() and stock.is_4x4_by_2(kernel, *options):
        return strided(inputs, kernel)
    return stock.conv(inputs, kernel, *options)


def by_xla_on_cpu() -> bool:
    """Say whether XLA is to compute on a CPU, as it does on one device unless told otherwise."""
    alone = tf.distribute.get_strategy().num_replicas_in_sync == 1
    return alone and tf.inside_function() and not tf.config.list_physical_devices("GPU")


def kernel_gradient(images: Tensor, maps: Tensor) -> Tensor:
    """Convolve images by maps, channels being images: see `fast_jax.kernel_gradient`."""
    kernel = tf.nn.conv2d(
        tf.transpose(images, (3, 1, 2, 0)),
        tf.transpose(maps, (1, 2, 0, 3)),
        strides=1,
        padding=[(0, 0), *zeros_around(images, maps), (0, 0)],
        dilations=2,
    )
    return tf.transpose(kernel, (1, 2, 0, 3))


def with_gradients(product: Product, gradients: Gradients) -> Product:
    """Return a product with these gradients."""

    @tf.custom_gradient
    def known(a: Tensor, b: Tensor) -> tuple[Tensor, Any]:
        return product(a, b), lambda by: gradients(a, b, by)

    return known


strided, _ = halving(
    with_gradients,
    partial(stock.conv, strides=2, padding="same"),
    partial(stock.conv_transpose, strides=2, padding="same"),
    kernel_gradient,
)
