"""TensorFlow on several devices: the replicas of a `tf.distribute.MirroredStrategy`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ganzoo.launched import place
from ganzoo.types import Tensor

SEVERAL = (
    "On TensorFlow, one process trains on all devices of a machine, and several were started: "
    "start one, or set KERAS_BACKEND to torch or jax."
)


def join() -> tuple[int, int]:
    if place() is not None:
        raise RuntimeError(SEVERAL)
    return 0, 1


def shares(model: keras.Model) -> int:
    count = model.distribute_strategy.num_replicas_in_sync
    if count > 1 and not all(is_mirrored(each) for each in model.variables):
        raise ValueError(
            "The model was built outside of the scope of its tf.distribute strategy, on one "
            "device: build it, or load it, within."
        )
    return count


def is_mirrored(variable: keras.Variable) -> bool:
    """Whether all replicas of a strategy have a variable."""
    return isinstance(variable.value, tf.distribute.DistributedValues)


@contextmanager
def beside(model: keras.Model) -> Iterator[None]:
    if shares(model) == 1:
        yield
        return
    with model.distribute_strategy.scope():
        try:
            yield
        except RuntimeError as error:
            if "Mixing different tf.distribute.Strategy" in str(error):
                raise ValueError(
                    "An optimizer was made outside of the scope of the model's tf.distribute "
                    "strategy: make it within, or give its name or config."
                ) from None
            raise


def dealt(model: keras.Model, batch: Any) -> Any:
    """Give each replica its block; TensorFlow does so with datasets alone."""
    count = shares(model)
    if count == 1:
        return batch

    def block(array: np.ndarray | None) -> Any:
        if array is None:
            return None
        parts = np.split(array, count)
        return model.distribute_strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(parts[context.replica_id_in_sync_group])
        )

    return tuple(map(block, batch))


def rows(count: int, shares: int) -> np.ndarray:
    """Return rows so that each replica, of which TensorFlow gives each a block, has every n-th.

    Parts of a batch are then shared out as the whole is.
    """
    return np.arange(count).reshape(-1, shares).T.reshape(-1)


_alone = False


@contextmanager
def alone(*models: keras.Model) -> Iterator[None]:
    """Let every replica do the same, with batches that it has the whole of."""
    global _alone
    before, _alone = _alone, True
    try:
        yield
    finally:
        _alone = before


def copies(model: keras.Model) -> int:
    """Return the number of replicas: TensorFlow gives each a block, and so the whole batch."""
    return shares(model)


def replicas() -> tuple[Any, int]:
    context = tf.distribute.get_replica_context()
    if _alone or context is None:  # in a strategy's scope, but in no replica
        return 0, 1
    return context.replica_id_in_sync_group, context.num_replicas_in_sync


def mean_over_replicas(tensor: Tensor) -> Tensor:
    if replicas()[1] == 1:
        return tensor
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, tensor)


def mean_of_each(tensors: Sequence[Tensor]) -> list[Tensor]:
    return mean_over_replicas(list(tensors)) if tensors else []


def tune(optimizer: keras.optimizers.Optimizer, variables: Sequence[keras.Variable]) -> None:
    """Let an optimizer take gradients that are the mean over replicas: Keras would add them up."""
    if tf.distribute.get_strategy().num_replicas_in_sync > 1:
        if optimizer.gradient_accumulation_steps or optimizer.ema_overwrite_frequency:
            raise ValueError(
                "Under a tf.distribute strategy, an optimizer of Keras can have no "
                "gradient_accumulation_steps (compile has accumulate), and no "
                "ema_overwrite_frequency: leave them out."
            )
        optimizer._all_reduce_sum_gradients = lambda pairs: pairs


def statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return each channel's mean and variance over the images of all replicas.

    They have the second derivatives that penalties need. Means are sums times a share: the gradient
    of TensorFlow's mean divides by a constant where the batch's size is known, which XLA makes a
    product, and by a number where it is open.

    The variance takes the mean for a constant `c`, as TensorFlow's own does
    (tensorflow/tensorflow#19609): right in the first derivatives. But the variance is
    `mean((x - c)^2) - (mean(x) - c)^2`, whose second term, 0, has a second one.
    """
    share = 1.0 / ops.cast(ops.size(images) // images.shape[-1], images.dtype)
    mean = ops.sum(images, axis=(0, 1, 2)) * share
    constant = ops.stop_gradient(mean)
    variance = ops.sum(ops.square(images - constant), axis=(0, 1, 2)) * share
    variance = variance - ops.square(mean - constant)
    if replicas()[1] == 1:
        return mean, variance
    whole = mean_over_replicas(mean)
    return whole, mean_over_replicas(variance + ops.square(mean - whole))


@contextmanager
def spread(count: int | None) -> Iterator[None]:
    if place() is not None:
        raise ValueError(SEVERAL)
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    devices = tf.config.list_physical_devices(kind)
    if kind == "CPU" and count is not None and count > 1:
        parts = [tf.config.LogicalDeviceConfiguration()] * count
        tf.config.set_logical_device_configuration(devices[0], parts)
        devices = parts
    if count is not None and count > len(devices):
        raise ValueError(f"There are {len(devices)} GPUs, not {count}.")
    count = len(devices) if count is None else count
    if count == 1:
        yield
        return
    names = [f"{kind}:{number}" for number in range(count)]
    with tf.distribute.MirroredStrategy(names).scope():
        yield
