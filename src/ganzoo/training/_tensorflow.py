"""TensorFlow's share of the training: gradients by a tape."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from ganzoo.types import Tensor


def value_and_gradients(
    objective: Callable[[], tuple[Tensor, Any]],
    variables: Sequence[keras.Variable],
    state: Callable[[], Sequence[keras.Variable]],
) -> tuple[Tensor, Any, list[Tensor]]:
    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aside = objective()
    return loss, aside, tape.gradient(loss, values)


def run_step(
    step: Callable[[Any], dict[str, Tensor]],
    groups: Sequence[Sequence[keras.Variable]],
    data: Any,
) -> dict[str, Tensor]:
    return step(data)
