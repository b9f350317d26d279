"""PyTorch: gradients by autograd."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch

from ganzoo.backends.stock import conv_transpose
from ganzoo.types import Tensor

__all__ = ["conv_transpose", "run_step", "value_and_gradients"]


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
    loss, aside = objective()
    gradients = torch.autograd.grad(loss, [variable.value for variable in variables])
    # Detached: a running mean that keeps the graph would keep every batch in memory.
    loss, aside = keras.tree.map_structure(lambda tensor: tensor.detach(), (loss, aside))
    return loss, aside, list(gradients)


def run_step(
    step: Callable[[Any], dict[str, Tensor]],
    groups: Sequence[Sequence[keras.Variable]],
    data: Any,
) -> dict[str, Tensor]:
    """Run a step as Keras' trainer of this backend calls it."""
    return step(data)
