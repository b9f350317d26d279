"""PyTorch: gradients by autograd."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import torch
from torch.nn import functional

from ganzoo.backends.stock import feed, run_step, unpadded_conv
from ganzoo.types import Tensor

__all__ = [
    "DATA_FORMAT",
    "JIT_COMPILE",
    "batch_norm",
    "conv",
    "conv_transpose",
    "feed",
    "run_step",
    "unpadded_conv",
    "value_and_gradients",
]

JIT_COMPILE = "auto"

# Keras' layers copy channels-last maps twice. These keep the memory as it is: a permuted view of
# channels-last images stays one from layer to layer.
DATA_FORMAT = "channels_first"


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


def conv(images: Tensor, kernel: Tensor) -> Tensor:
    """Do as `stock.conv`, without its copies to another memory layout and back."""
    images = channels_first(images)
    height, width = images.shape[2:]
    if height % 2 or width % 2:
        images = functional.pad(images, (0, width % 2, 0, height % 2))
    return channels_last(functional.conv2d(images, kernel.permute(3, 2, 0, 1), stride=2, padding=1))


def conv_transpose(images: Tensor, kernel: Tensor) -> Tensor:
    """Do as `stock.conv_transpose`, without its copies to another memory layout and back."""
    return channels_last(
        functional.conv_transpose2d(
            channels_first(images), kernel.permute(3, 2, 0, 1), stride=2, padding=1
        )
    )


def channels_first(images: Tensor) -> Tensor:
    """Return a view with the axes that torch expects; the memory stays as it is."""
    return images.permute(0, 3, 1, 2)


def channels_last(images: Tensor) -> Tensor:
    """Return a view with the axes that Keras expects."""
    return images.permute(0, 2, 3, 1)


def batch_norm(
    images: Tensor, gain: Tensor, offset: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Do as `stock.batch_norm`, in one operation of torch instead of a dozen."""
    mean, variance = torch.zeros_like(gain), torch.zeros_like(gain)
    normalised = functional.batch_norm(
        channels_first(images),
        mean,
        variance,
        gain,
        offset,
        training=True,
        momentum=1.0,  # so that the two zeros become the batch's statistics
        eps=epsilon,
    )
    count = images.numel() // images.shape[-1]
    return channels_last(normalised), mean, variance * ((count - 1) / count)
