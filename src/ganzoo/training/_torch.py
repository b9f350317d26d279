"""PyTorch's share of the training: gradients by autograd."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch

from ganzoo.types import Tensor


def value_and_gradients(
    objective: Callable[[], tuple[Tensor, Any]],
    variables: Sequence[keras.Variable],
    state: Callable[[], Sequence[keras.Variable]],
) -> tuple[Tensor, Any, list[Tensor]]:
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
    return step(data)
