"""PyTorch on several devices: a process for each, started by torchrun, Slurm or `--devices`.

Each process runs the whole program. In `fit` they are replicas of one training: each plays on its
rows of every batch, and what one device would see of the whole batch (the gradients, and the
statistics of batch norm) is summed up over all of them by `torch.distributed`.
"""

import atexit
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import torch
from torch import distributed

from ganzoo.launched import place, start
from ganzoo.types import Tensor

OF_MESSAGES = ("onnection closed by peer", "onnection reset by peer", "NCCL", "gloo")

_sharing = False
_control: Any = None  # a group in main memory, so that no GPU is waited for


def join() -> tuple[int, int]:
    """Meet the others by what the launcher has told; each gets a GPU of its own, if there are."""
    global _control
    found = place() if distributed.is_available() else None
    if found is not None and not distributed.is_initialized():
        os.environ.update(
            RANK=str(found.number),
            WORLD_SIZE=str(found.processes),
            MASTER_ADDR=found.address,
            MASTER_PORT=str(found.port),
        )
        if torch.cuda.is_available():
            torch.cuda.set_device(found.local)
        distributed.init_process_group()
        atexit.register(distributed.destroy_process_group)
    if processes() == 1:
        return 0, 1
    if _control is None:
        _control = distributed.new_group(backend="gloo")
    return distributed.get_rank(), processes()


@contextmanager
def spread(count: int | None) -> Iterator[None]:
    if place() is None:
        known = torch.cuda.device_count()
        count = known or 1 if count is None else count
        if known and count > known:
            raise ValueError(f"There are {known} GPUs, not {count}.")
        if count > 1:
            sys.exit(start(count, [sys.executable, "-m", "ganzoo", *sys.argv[1:]]))
    join()
    yield


def is_first() -> bool:
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank() == 0
    found = place()
    return found is None or found.number == 0


def from_all(value: Any) -> list[Any]:
    values = [None] * processes()
    distributed.all_gather_object(values, value, group=_control)
    return values


def highest(number: int) -> int:
    message = torch.tensor(number, device="cpu")
    distributed.all_reduce(message, distributed.ReduceOp.MAX, group=_control)
    return int(message)


def adopt(variables: Sequence[keras.Variable]) -> None:
    if processes() > 1:
        for variable in variables:
            value = variable.value.detach().clone(memory_format=torch.contiguous_format)
            distributed.broadcast(value, 0)
            variable.assign(value)


def lost_another(error: Exception) -> bool:
    """Whether an error came from a message between processes: `torch.distributed` knows no more."""
    return isinstance(error, RuntimeError) and any(each in str(error) for each in OF_MESSAGES)


def shares(model: keras.Model) -> int:
    return processes()


def processes() -> int:
    """Return how many train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rows(count: int, shares: int) -> np.ndarray:
    """Return every so many-th row: parts of a batch are then shared out as the whole is."""
    return np.arange(distributed.get_rank(), count, shares)


@contextmanager
def sharing() -> Iterator[None]:
    global _sharing
    before, _sharing = _sharing, True
    try:
        yield
    finally:
        _sharing = before


def replicas() -> tuple[int, int]:
    if not _sharing or processes() == 1:
        return 0, 1
    return distributed.get_rank(), processes()


def mean_over_replicas(tensor: Tensor) -> Tensor:
    _, count = replicas()
    return tensor if count == 1 else SumOverReplicas.apply(tensor) / count


class SumOverReplicas(torch.autograd.Function):
    """The sum of all replicas' tensors; what is differentiated is the sum of all their losses."""

    @staticmethod
    def forward(context: Any, tensor: Tensor) -> Tensor:
        total = tensor.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        return SumOverReplicas.apply(gradients[0])


def mean_of_each(tensors: Sequence[Tensor]) -> list[Tensor]:
    _, count = replicas()
    if count == 1 or not tensors:
        return list(tensors)
    message = torch.cat([each.reshape(-1) for each in tensors])
    distributed.all_reduce(message)
    parts = torch.split(message / count, [each.numel() for each in tensors])
    return [part.view(each.shape) for part, each in zip(parts, tensors, strict=True)]


def statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Return each channel's mean and variance over the images of all replicas.

    Every replica's two go to all in one message; the variance of all is the mean variance, and the
    variance of the means.

    Args:
        images: `(batch, height, width, channels)`.
    """
    number, count = replicas()
    variance, mean = torch.var_mean(images, dim=(0, 1, 2), correction=0)
    own = torch.zeros(count, 1, 1, device=images.device)
    own[number] = 1.0
    means, variances = SumOverReplicas.apply(own * torch.stack([mean, variance])).unbind(1)
    mean = means.mean(0)
    return mean, variances.mean(0) + (means - mean).square().mean(0)
