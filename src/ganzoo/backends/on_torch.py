"""PyTorch: gradients by autograd."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch

from ganzoo.backends.stock import conv_transpose
from ganzoo.types import Tensor

__all__ = ["JIT_COMPILE", "batch_norm", "conv_transpose", "run_step", "value_and_gradients"]

JIT_COMPILE = "auto"


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


def batch_norm(
    images: Tensor, gain: Tensor, offset: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Do as `stock.batch_norm`, in one operation of torch instead of a dozen."""
    mean, variance = torch.zeros_like(gain), torch.zeros_like(gain)
    normalised = torch.nn.functional.batch_norm(
        images.permute(0, 3, 1, 2),
        mean,
        variance,
        gain,
        offset,
        training=True,
        momentum=1.0,  # so that the two zeros become the batch's statistics
        eps=epsilon,
    )
    count = images.numel() // images.shape[-1]
    return normalised.permute(0, 2, 3, 1), mean, variance * ((count - 1) / count)
