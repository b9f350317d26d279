"""PyTorch's operations for what is differentiated twice, as a penalty on gradients is.

Torch's second derivatives cost much more than their arithmetic: that of a convolution copies its
maps and takes them for kernels, and that of a leaky ReLU is all zeros, which go back through the
whole network. Here a convolution, its gradient by the images and its gradient by the kernel are
the derivatives of one another, as all three are those of `<conv(images, kernel), maps>`, and each
is a kernel that torch has.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

import torch
from torch.nn import functional

from ganzoo.types import Tensor

Way: TypeAlias = tuple[Any, Any, Any, int]
"""A convolution's strides, zeros, dilations and groups."""
IMAGES, KERNEL = 0, 1
"""What a convolution's gradient is taken by."""
_wanted: ContextVar[bool] = ContextVar("differentiated_twice", default=False)


@contextmanager
def wanted() -> Iterator[None]:
    """Let what is computed in the block be differentiated by images, there, and then again."""
    before = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(before)


def conv(images: Tensor, kernel: Tensor, way: Way) -> Tensor:
    """Convolve as torch does, channels first."""
    if _wanted.get():
        return Conv.apply(images, kernel, way)
    return functional.conv2d(images, kernel, None, *way)


def leaky_relu(images: Tensor, slope: float) -> Tensor:
    """Rectify as torch does."""
    return (LeakyReLU.apply if _wanted.get() else functional.leaky_relu)(images, slope)


class Conv(torch.autograd.Function):
    """From images and a kernel to maps."""

    @staticmethod
    def forward(context: Any, images: Tensor, kernel: Tensor, way: Way) -> Tensor:
        context.save_for_backward(images, kernel)
        context.set_materialize_grads(False)
        context.way = way
        return functional.conv2d(images, kernel, None, *way)

    @staticmethod
    def backward(context: Any, maps: Tensor | None) -> tuple[Tensor | None, Tensor | None, None]:
        (images, kernel), way = context.saved_tensors, context.way
        of_images, of_kernel, _ = wished(context, maps)
        # Within the block, gradients are taken by images alone, which torch does not tell.
        of_kernel = of_kernel and not _wanted.get()
        return (
            ConvGradient.apply(maps, kernel, images, way, IMAGES) if of_images else None,
            ConvGradient.apply(maps, images, kernel, way, KERNEL) if of_kernel else None,
            None,
        )


class ConvGradient(torch.autograd.Function):
    """From maps, and a kernel or images, to the other of the two.

    Of `like`, what the gradient is taken by, only the shape counts.
    """

    @staticmethod
    def forward(
        context: Any, maps: Tensor, given: Tensor, like: Tensor, way: Way, by: int
    ) -> Tensor:
        context.save_for_backward(maps, given)
        context.set_materialize_grads(False)
        context.way, context.by = way, by
        strides, zeros, dilations = (
            [each, each] if isinstance(each, int) else list(each) for each in way[:3]
        )
        pair = (like, given) if by == IMAGES else (given, like)
        mask = [by == IMAGES, by == KERNEL, False]
        options = (None, strides, zeros, dilations, False, [0, 0], way[3], mask)
        return torch.ops.aten.convolution_backward(maps, *pair, *options)[by]

    @staticmethod
    def backward(context: Any, found: Tensor | None) -> tuple[Tensor | None, ...]:
        (maps, given), way, by = context.saved_tensors, context.way, context.by
        of_maps, of_given, *_ = wished(context, found)
        pair = (found, given) if by == IMAGES else (given, found)
        other = KERNEL if by == IMAGES else IMAGES
        return (
            Conv.apply(*pair, way) if of_maps else None,
            ConvGradient.apply(maps, found, given, way, other) if of_given else None,
            None,
            None,
            None,
        )


class LeakyReLU(torch.autograd.Function):
    """Where a value is on one side of 0, that is a constant to its derivative."""

    @staticmethod
    def forward(context: Any, images: Tensor, slope: float) -> Tensor:
        context.save_for_backward(images)
        context.set_materialize_grads(False)
        context.slope = slope
        return functional.leaky_relu(images, slope)

    @staticmethod
    def backward(context: Any, gradients: Tensor | None) -> tuple[Tensor | None, None]:
        if gradients is None:
            return None, None
        (images,) = context.saved_tensors
        backward = torch.ops.aten.leaky_relu_backward
        return backward(gradients, images.detach(), context.slope, False), None


def wished(context: Any, cotangent: Tensor | None) -> tuple[bool, ...]:
    """Return which arguments a gradient is wanted of: of none, where nothing comes back."""
    none = (False,) * len(context.needs_input_grad)
    return none if cotangent is None else context.needs_input_grad
