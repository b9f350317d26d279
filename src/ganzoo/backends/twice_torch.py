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
    strides, zeros, dilations, groups = way
    return functional.conv2d(images, kernel, None, strides, zeros, dilations, groups)


def leaky_relu(images: Tensor, slope: float) -> Tensor:
    """Rectify as torch does."""
    return (LeakyReLU.apply if _wanted.get() else functional.leaky_relu)(images, slope)


def first_gradient(maps: Tensor, images: Tensor, kernel: Tensor, way: Way, by: int) -> Tensor:
    """Return a gradient of `<conv(images, kernel), maps>`, by the images (0) or the kernel (1).

    Of what it is taken by, only the shape counts.
    """
    strides, zeros, dilations, groups = (
        [each, each] if isinstance(each, int) else list(each) for each in (*way[:3], [way[3]])
    )
    mask = [by == 0, by == 1, False]
    options = (None, strides, zeros, dilations, False, [0, 0], groups[0], mask)
    return torch.ops.aten.convolution_backward(maps, images, kernel, *options)[by]


class Conv(torch.autograd.Function):
    """From images and a kernel to maps."""

    @staticmethod
    def forward(context: Any, images: Tensor, kernel: Tensor, way: Way) -> Tensor:
        context.save_for_backward(images, kernel)
        context.set_materialize_grads(False)
        context.way = way
        strides, zeros, dilations, groups = way
        return functional.conv2d(images, kernel, None, strides, zeros, dilations, groups)

    @staticmethod
    def backward(context: Any, maps: Tensor | None) -> tuple[Tensor | None, Tensor | None, None]:
        (images, kernel), way = context.saved_tensors, context.way
        of_images, of_kernel, _ = wished(context, maps)
        # Within the block, gradients are taken by images alone, which torch does not tell.
        of_kernel = of_kernel and not _wanted.get()
        return (
            ByImages.apply(maps, kernel, images, way) if of_images else None,
            ByKernel.apply(maps, images, kernel, way) if of_kernel else None,
            None,
        )


class ByImages(torch.autograd.Function):
    """From maps and a kernel to images."""

    @staticmethod
    def forward(context: Any, maps: Tensor, kernel: Tensor, like: Tensor, way: Way) -> Tensor:
        context.save_for_backward(maps, kernel)
        context.set_materialize_grads(False)
        context.way = way
        return first_gradient(maps, like, kernel, way, by=0)

    @staticmethod
    def backward(context: Any, images: Tensor | None) -> tuple[Tensor | None, ...]:
        (maps, kernel), way = context.saved_tensors, context.way
        of_maps, of_kernel, *_ = wished(context, images)
        return (
            Conv.apply(images, kernel, way) if of_maps else None,
            ByKernel.apply(maps, images, kernel, way) if of_kernel else None,
            None,
            None,
        )


class ByKernel(torch.autograd.Function):
    """From maps and images to a kernel."""

    @staticmethod
    def forward(context: Any, maps: Tensor, images: Tensor, like: Tensor, way: Way) -> Tensor:
        context.save_for_backward(maps, images)
        context.set_materialize_grads(False)
        context.way = way
        return first_gradient(maps, images, like, way, by=1)

    @staticmethod
    def backward(context: Any, kernel: Tensor | None) -> tuple[Tensor | None, ...]:
        (maps, images), way = context.saved_tensors, context.way
        of_maps, of_images, *_ = wished(context, kernel)
        return (
            Conv.apply(images, kernel, way) if of_maps else None,
            ByImages.apply(maps, kernel, images, way) if of_images else None,
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
