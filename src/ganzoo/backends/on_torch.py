"""PyTorch: gradients by autograd."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from itertools import chain
from typing import Any

import keras
import torch
from torch.utils.data import DataLoader

from ganzoo.backends.contract import Aside
from ganzoo.backends.fast_torch import (
    DATA_FORMAT,
    average_pool,
    batch_norm,
    conv,
    conv_transpose,
    keep_memory,
    lerp,
    shifted,
    tune,
)
from ganzoo.backends.replicas_torch import (
    adopt,
    from_all,
    highest,
    is_first,
    join,
    lost_another,
    mean_of_each,
    mean_over_replicas,
    replicas,
    rows,
    shares,
    sharing,
    spread,
)
from ganzoo.backends.stock import (
    alone,
    beside,
    copies,
    dealt,
    feed,
    jit_compile,
    keep_programs,
    keeping,
    leave_out,
    run_step,
    sync,
)
from ganzoo.backends.twice_torch import leaky_relu, wanted
from ganzoo.types import Tensor

__all__ = [
    "DATA_FORMAT",
    "adopt",
    "alone",
    "average_pool",
    "batch_norm",
    "beside",
    "conv",
    "conv_transpose",
    "copies",
    "dealt",
    "export_options",
    "feed",
    "from_all",
    "highest",
    "input_gradients",
    "is_first",
    "jit_compile",
    "join",
    "keep_memory",
    "keep_programs",
    "keeping",
    "leaky_relu",
    "leave_out",
    "lerp",
    "lost_another",
    "mapped",
    "mean_of_each",
    "mean_over_replicas",
    "replicas",
    "rows",
    "run_step",
    "shares",
    "sharing",
    "shifted",
    "spread",
    "sync",
    "tune",
    "value_and_gradients",
]


def value_and_gradients(
    objective: Callable[[], tuple[Tensor, Aside]],
    variables: Sequence[keras.Variable],
    state: Callable[[], Sequence[keras.Variable]],
) -> tuple[Tensor, Aside, list[Tensor]]:
    loss, aside = objective()
    values = [variable.value for variable in variables]
    gradients = torch.autograd.grad(loss, values) if values else ()  # of a frozen network
    # Detached: a running mean that keeps the graph would keep every batch in memory.
    loss, aside = keras.tree.map_structure(lambda tensor: tensor.detach(), (loss, aside))
    return loss, aside, mean_of_each(gradients)


def input_gradients(
    function: Callable[[Tensor], Tensor],
    images: Tensor,
    state: Callable[[], Sequence[keras.Variable]],
) -> Tensor:
    images = images.detach().requires_grad_()
    with wanted():
        numbers = function(images).sum()
        (gradients,) = torch.autograd.grad(numbers, images, create_graph=True)
    return gradients


def mapped(
    dataset: Any, function: Callable[[Any], Any], first: Any, others: Iterator[Any]
) -> DataLoader[Any] | None:
    """Map a `DataLoader`.

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


def export_options(format: str, inputs: Any) -> Mapping[str, Any]:
    if format != "torch":
        return {}
    batch = torch.export.Dim("batch")
    shapes = keras.tree.map_structure(lambda _: {0: batch}, inputs)
    return {"dynamic_shapes": [(shapes,)]}  # Keras' `forward` takes one list of arguments
