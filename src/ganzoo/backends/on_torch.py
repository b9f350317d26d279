"""PyTorch: gradients by autograd."""

import math
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import partial
from itertools import chain
from typing import Any

import keras
import torch
from torch.nn import functional
from torch.optim.adam import adam
from torch.utils.data import DataLoader

from ganzoo.backends.stock import feed, run_step, sync, unpadded_conv
from ganzoo.types import Tensor

__all__ = [
    "DATA_FORMAT",
    "JIT_COMPILE",
    "batch_norm",
    "conv",
    "conv_transpose",
    "feed",
    "free_batch",
    "input_gradients",
    "mapped",
    "run_step",
    "sync",
    "tune",
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


def input_gradients(
    function: Callable[[Tensor], Tensor],
    images: Tensor,
    state: Callable[[], Sequence[keras.Variable]],
) -> Tensor:
    """Return the gradients of the function's sum, themselves differentiable.

    Args:
        function: from images to numbers; it may read and assign variables.
        images: what to differentiate by.
        state: returns every variable that the function reads or assigns.
    """
    images = images.detach().requires_grad_()
    (gradients,) = torch.autograd.grad(function(images).sum(), images, create_graph=True)
    return gradients


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


def mapped(
    dataset: Any, function: Callable[[Any], Any], first: Any, others: Iterator[Any]
) -> DataLoader[Any] | None:
    """Do as `stock.mapped`, for a `DataLoader`.

    It is one of the same class, and its first epoch is the pass that was begun, so that workers
    start once, and random numbers are drawn, as without the function.
    """
    if not isinstance(dataset, DataLoader):
        return None
    begun = [chain([first], map(function, others))]

    class Mapped(type(dataset)):  # type: ignore[misc]
        def __iter__(self) -> Iterator[Any]:
            # A generator: Keras asks for a pass at an epoch's end that it then makes no use of.
            yield from begun.pop() if begun else map(function, super().__iter__())

    loader = copy(dataset)
    loader.__class__ = Mapped
    return loader


def tune(optimizer: keras.optimizers.Optimizer, variables: Sequence[keras.Variable]) -> None:
    """Do as `stock.tune`: convolve without reordering kernels, and step over memory once.

    Keras' Adam passes over the weights about fourteen times, torch's fused one once. On a GPU,
    where this has not been measured, all is left as it is.
    """
    if any(variable.value.device.type != "cpu" for variable in variables):
        return
    for variable in [*variables, *optimizer.variables]:
        if len(variable.shape) == 4:
            kernel = variable.value.data.permute(3, 2, 0, 1)
            kernel = kernel.contiguous(memory_format=torch.channels_last)
            variable.value.data = kernel.permute(2, 3, 1, 0)
    if type(optimizer) is type(keras.optimizers.Adam()) and not optimizer.amsgrad:
        optimizer._parallel_update_step = partial(fused_adam, optimizer)


def fused_adam(
    optimizer: keras.optimizers.Adam,
    gradients: Sequence[Tensor],
    variables: Sequence[keras.Variable],
    learning_rate: Any,
) -> None:
    """Do as the `_parallel_update_step` of Keras' Adam."""
    weights = [variable.value for variable in variables]
    positions = [optimizer._get_variable_index(variable) for variable in variables]
    step = int(optimizer.iterations) + 1
    adam(
        weights,
        # The fused step goes through memory without a look at the strides.
        [like(weight, gradient) for weight, gradient in zip(weights, gradients, strict=True)],
        [optimizer._momentums[position].value for position in positions],
        [optimizer._velocities[position].value for position in positions],
        max_exp_avg_sqs=[],
        state_steps=[torch.tensor(step - 1.0) for _ in weights],
        fused=True,
        amsgrad=False,
        maximize=False,
        beta1=optimizer.beta_1,
        beta2=optimizer.beta_2,
        lr=float(learning_rate),
        weight_decay=0.0,  # Keras decays before the step
        # Keras adds epsilon before it corrects the second moment's bias, torch after.
        eps=optimizer.epsilon / math.sqrt(1.0 - optimizer.beta_2**step),
    )


def like(weight: Tensor, gradient: Tensor) -> Tensor:
    """Return the gradient in the weight's memory layout."""
    if gradient.stride() == weight.stride():
        return gradient
    return torch.empty_like(weight).copy_(gradient)


def free_batch(inputs: Any) -> Any:
    """Return the `dynamic_shapes` by which `torch.export` leaves the batch size open.

    Args:
        inputs: a tensor, or a structure of tensors of the same batch size.
    """
    batch = torch.export.Dim("batch")
    return keras.tree.map_structure(lambda _: {0: batch}, inputs)
