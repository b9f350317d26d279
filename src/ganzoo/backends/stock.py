"""What a backend does by Keras' own means, unless it has a way of its own: see `contract`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import keras
from keras import ops

from ganzoo.backends.contract import Batches, Pair
from ganzoo.types import Tensor

DATA_FORMAT = "channels_last"


def replicas() -> tuple[Any, int]:
    return 0, 1


def mean_over_replicas(tensor: Tensor) -> Tensor:
    return tensor


def mean_of_each(tensors: Sequence[Tensor]) -> list[Tensor]:
    return list(tensors)


def beside(model: keras.Model) -> AbstractContextManager[None]:
    return nullcontext()


def jit_compile(model: keras.Model, asked: bool | str | None) -> bool | str:
    return "auto" if asked is None else asked


def dealt(model: keras.Model, batch: Any) -> Any:
    return batch


def copies(model: keras.Model) -> int:
    return 1


def keep_memory() -> None:
    """Do nothing: what allocates has no such setting."""


def keep_programs(folder: Path) -> None:
    """Do nothing: nothing that is compiled outlives a process."""


def alone(*models: keras.Model) -> AbstractContextManager[None]:
    return nullcontext()


def sharing() -> AbstractContextManager[None]:
    return nullcontext()


def join() -> tuple[int, int]:
    return 0, 1


def is_first() -> bool:
    return True


def from_all(value: Any) -> list[Any]:
    return [value]


def highest(number: int) -> int:
    return number


def adopt(variables: Sequence[keras.Variable]) -> None:
    """Do nothing: there is one process."""


def lost_another(error: Exception) -> bool:
    return False


def mapped(dataset: Any, function: Callable[[Any], Any], first: Any, others: Iterator[Any]) -> Any:
    return None


def run_step(
    step: Callable[[Any], dict[str, Tensor]],
    groups: Sequence[Sequence[keras.Variable]],
    *arguments: Any,
) -> dict[str, Tensor]:
    return step(*arguments)


def sync(model: keras.Model) -> None:
    """Do nothing: variables hold their own values."""


def keeping(model: keras.Model) -> AbstractContextManager[None]:
    """Do nothing: no step takes values away."""
    return nullcontext()


def leave_out(model: keras.Model, *arguments: Any) -> Any:
    return {}  # the batch is among the arguments


def feed(arrays: Batches) -> tuple[Any, int | None]:
    return arrays, None


def export_options(format: str, inputs: Any) -> Mapping[str, Any]:
    return {}


def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Pair = 1,
    padding: str = "valid",
    data_format: str = "channels_last",
    dilation_rate: Pair = 1,
) -> Tensor:
    return ops.conv(inputs, kernel, strides, padding, data_format, dilation_rate)


def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: Pair = 1,
    padding: str = "valid",
    output_padding: Pair | None = None,
    data_format: str = "channels_last",
    dilation_rate: Pair = 1,
) -> Tensor:
    return ops.conv_transpose(
        inputs, kernel, strides, padding, output_padding, data_format, dilation_rate
    )


def is_4x4_by_2(
    kernel: Tensor, strides: Pair, padding: str, data_format: str, dilation_rate: Pair
) -> bool:
    """Say whether a convolution is one of 4x4 with stride 2, which halves or doubles images."""
    return (
        tuple(kernel.shape[:2]) == (4, 4)
        and strides in (2, (2, 2))
        and dilation_rate in (1, (1, 1))
        and (padding, data_format) == ("same", "channels_last")
    )


def average_pool(images: Tensor, size: int) -> Tensor:
    return ops.average_pool(images, size, size, data_format="channels_last")


def leaky_relu(images: Tensor, slope: float) -> Tensor:
    return ops.leaky_relu(images, slope)


def shifted(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Multiply by matrices of zeros and ones: fast, and so is the gradient."""
    _, height, width, _ = images.shape
    rows, columns = shift_matrix(height, down), shift_matrix(width, right)
    return ops.einsum("bij,bjwc,bvw->bivc", rows, images, columns)


def shift_matrix(size: int, shift: Tensor) -> Tensor:
    """Return 1 where a row or column goes to, and 0 elsewhere: `(batch, to, from)`."""
    places = ops.arange(size, dtype=shift.dtype)
    moved = places[None, :, None] - places[None, None, :]
    return ops.cast(moved == shift[..., 0], shift.dtype)


def lerp(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    return start + (end - start) * share


def batch_norm(
    images: Tensor, gain: Tensor, offset: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    mean, variance = ops.moments(images, axes=[0, 1, 2])
    normalised = ops.batch_normalization(images, mean, variance, -1, offset, gain, epsilon)
    return normalised, mean, variance


def tune(optimizer: keras.optimizers.Optimizer, variables: Sequence[keras.Variable]) -> None:
    """Do nothing: Keras' own steps are as fast as the framework can."""
