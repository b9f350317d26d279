"""PyTorch's fast ways: no copies to another memory layout and back, and Adam in one pass.

A permuted view of channels-last images is what torch calls the channels-last memory format: it is
one from layer to layer, if nobody copies it. Keras copies it twice before each convolution
(keras-team/keras#23279, mended after 3.15.1), and its batch norm and Adam pass over memory many
times where torch has one kernel (keras-team/keras#21313).
"""

import ctypes
import math
import platform
from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import torch
from torch.nn import functional
from torch.optim.adam import adam

from ganzoo.backends import stock, twice_torch
from ganzoo.backends.contract import Pair
from ganzoo.backends.replicas_torch import replicas, statistics
from ganzoo.types import Tensor

DATA_FORMAT = "channels_first"  # Keras' layers copy channels-last maps (keras-team/keras#23649)


# What glibc's malloc.h calls them, and as much as it takes.
TRIM_THRESHOLD, MMAP_THRESHOLD = (-1, 2**31 - 1), (-3, 2**25)


def keep_memory() -> None:
    """Let malloc keep what is freed: else each round gets its maps anew, page by page."""
    if platform.libc_ver()[0] == "glibc":
        malloc = ctypes.CDLL(None)
        for threshold in (TRIM_THRESHOLD, MMAP_THRESHOLD):
            malloc.mallopt(*threshold)


def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Pair = 1,
    padding: str = "valid",
    data_format: str = "channels_last",
    dilation_rate: Pair = 1,
) -> Tensor:
    """Convolve views."""
    if data_format != "channels_last":
        return stock.conv(inputs, kernel, strides, padding, data_format, dilation_rate)
    images, kernel = channels_first(inputs), of_torch(kernel)
    zeros = (0, 0)
    if padding == "same":
        images, zeros = padded(images, kernel.shape[2:], pair(strides), pair(dilation_rate))
    groups = images.shape[1] // kernel.shape[1]
    return channels_last(twice_torch.conv(images, kernel, (strides, zeros, dilation_rate, groups)))


def padded(
    images: Tensor, widths: tuple[int, int], strides: tuple[int, int], dilations: tuple[int, int]
) -> tuple[Tensor, tuple[int, int]]:
    """Return images, and the zeros that are to be put before and behind: down, and across.

    Then maps are of the images' size by the strides, rounded up. An odd number of zeros has one
    more behind, which torch's convolutions do not do.
    """
    down, across = (
        max((math.ceil(size / stride) - 1) * stride + (width - 1) * dilation + 1 - size, 0)
        for size, width, stride, dilation in zip(
            images.shape[2:], widths, strides, dilations, strict=True
        )
    )
    if down % 2 or across % 2:
        images = functional.pad(images, (0, across % 2, 0, down % 2))
    return images, (down // 2, across // 2)


def pair(number: Pair) -> tuple[int, int]:
    """Return a number down and across."""
    return (number, number) if isinstance(number, int) else number


def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: Pair = 1,
    padding: str = "valid",
    output_padding: Pair | None = None,
    data_format: str = "channels_last",
    dilation_rate: Pair = 1,
) -> Tensor:
    """Convolve views, where torch's padding is that of Keras."""
    plain = stock.is_4x4_by_2(kernel, strides, padding, data_format, dilation_rate)
    if not plain or output_padding is not None:
        return stock.conv_transpose(
            inputs, kernel, strides, padding, output_padding, data_format, dilation_rate
        )
    images, kernel = channels_first(inputs), of_torch(kernel)
    return channels_last(functional.conv_transpose2d(images, kernel, stride=2, padding=1))


def of_torch(kernel: Tensor) -> Tensor:
    """Return a kernel with the axes that torch expects; a view, but where torch takes none."""
    kernel = kernel.permute(3, 2, 0, 1)
    return kernel.contiguous() if kernel.dtype == torch.float64 else kernel


def channels_first(images: Tensor) -> Tensor:
    """Return a view with the axes that torch expects; the memory stays as it is."""
    return images.permute(0, 3, 1, 2)


def channels_last(images: Tensor) -> Tensor:
    """Return a view with the axes that Keras expects."""
    return images.permute(0, 2, 3, 1)


def average_pool(images: Tensor, size: int) -> Tensor:
    """Pool views; Keras copies them before, and torch their gradients after."""
    return channels_last(functional.avg_pool2d(channels_first(images), size))


def shifted(images: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Look up each pixel, three times as fast as products with matrices.

    What is looked up beyond a side is the pixel at the side, times zero.
    """
    batch, height, width, channels = images.shape
    rows, no_row = sources(height, down[:, 0, 0])
    columns, no_column = sources(width, right[:, 0, 0])
    numbers = torch.arange(batch, device=images.device)[:, None] * height + rows
    numbers = numbers[:, :, None] * width + columns[:, None, :]
    found = images.reshape(-1, channels).index_select(0, numbers.reshape(-1))
    gone = no_row[:, :, None, None] | no_column[:, None, :, None]
    return found.reshape(images.shape) * ~gone


def sources(size: int, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Return which row or column comes where, and whether it lies beyond the image."""
    source = torch.arange(size, device=shift.device) - shift.long()
    return source.clamp(0, size - 1), (source < 0) | (source >= size)


def lerp(start: Tensor, end: Tensor, share: Tensor) -> Tensor:
    """Pass over memory once."""
    return torch.lerp(start, end, share)


def batch_norm(
    images: Tensor, gain: Tensor, offset: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise in one pass of torch; Keras' operations take a dozen. Replicas need two."""
    if replicas()[1] > 1:
        mean, variance = statistics(images)
        factor = gain * torch.rsqrt(variance + epsilon)
        return torch.addcmul(offset, images - mean, factor), mean, variance
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


def tune(optimizer: keras.optimizers.Optimizer, variables: Sequence[keras.Variable]) -> None:
    """Lay kernels as convolutions read them, and step over memory once instead of fourteen times.

    On a GPU, where this has not been measured, all is left as it is. So is Keras' Adam where it
    has lost a name that the faster step needs: it would be slower, and still be right.
    """
    if any(variable.value.device.type != "cpu" for variable in variables):
        return
    for variable in [*variables, *optimizer.variables]:
        if len(variable.shape) == 4:
            kernel = variable.value.data.permute(3, 2, 0, 1)
            kernel = kernel.contiguous(memory_format=torch.channels_last)
            variable.value.data = kernel.permute(2, 3, 1, 0)
    known = all(hasattr(optimizer, name) for name in OF_ADAM)
    if known and type(optimizer) is type(keras.optimizers.Adam()) and not optimizer.amsgrad:
        moments = zip(optimizer._momentums, optimizer._velocities, strict=True)
        # Of an optimizer that was built for other variables, Keras will refuse each step.
        of_each = {id(v): pair for v, pair in zip(variables, moments, strict=False)}
        optimizer._parallel_update_step = partial(fused_adam, optimizer, of_each)


OF_ADAM = ("_parallel_update_step", "_momentums", "_velocities")
"""Private names of Keras' Adam on torch."""


def fused_adam(
    optimizer: keras.optimizers.Adam,
    moments: dict[int, tuple[keras.Variable, keras.Variable]],
    gradients: Sequence[Tensor],
    variables: Sequence[keras.Variable],
    learning_rate: Any,
) -> None:
    """Do as the `_parallel_update_step` of Keras' Adam.

    Args:
        optimizer: the Adam.
        moments: of each variable, by its `id`: the first and the second.
        gradients: of the variables, clipped and decayed.
        variables: what to step on.
        learning_rate: a tensor `()`.
    """
    weights = [variable.value for variable in variables]
    first, second = zip(*(moments[id(variable)] for variable in variables), strict=True)
    step = int(optimizer.iterations) + 1
    adam(
        weights,
        # The fused step goes through memory without a look at the strides.
        [in_layout_of(weight, each) for weight, each in zip(weights, gradients, strict=True)],
        [moment.value for moment in first],
        [moment.value for moment in second],
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


def in_layout_of(weight: Tensor, gradient: Tensor) -> Tensor:
    """Return the gradient in the weight's memory layout."""
    if gradient.stride() == weight.stride():
        return gradient
    return torch.empty_like(weight).copy_(gradient)
