"""The moving average of a network's weights, which draws better images than the last ones do."""

from collections.abc import Sequence

import keras
from keras import ops

from ganzoo import backends
from ganzoo.types import Tensor

SETTLED = 1_000_000
"""What the rounds of weights that are no first ones count as: past the warm-up of any average."""


def average_of(network: keras.Model) -> keras.Model:
    """Return a network like this one and with its weights, which no optimizer trains."""
    average = keras.models.clone_model(network)
    average.trainable = False
    for to, weight in zip(average.weights, network.weights, strict=True):
        to.assign(ops.convert_to_numpy(weight))  # a copy: JAX must not give one buffer away twice
    return average


def update(
    averages: Sequence[keras.Variable],
    weights: Sequence[keras.Variable],
    decay: float,
    rounds: Tensor,
) -> None:
    """Move averages a step towards the weights, the statistics of batch norm among them.

    Args:
        averages: of each weight.
        weights: as they are now.
        decay: what an average keeps of itself; `(1 + rounds) / (10 + rounds)` where that is less,
            so that the first weights are soon forgotten.
        rounds: how many rounds the weights have been trained for, in all trainings.

    Reference:
        [Yazici et al., 2019](https://arxiv.org/abs/1806.04498), equation 4.
    """
    rounds = ops.cast(rounds, "float32")
    step = 1.0 - ops.minimum(decay, (1.0 + rounds) / (10.0 + rounds))
    for average, weight in zip(averages, weights, strict=True):
        share = ops.cast(step, average.dtype)
        average.assign(backends.current.lerp(average.value, weight.value, share))
