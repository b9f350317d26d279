"""JAX: Keras variables as values that flow in and out of pure functions."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras
from jax import lax
from keras import ops

from ganzoo.backends import stock
from ganzoo.backends.stock import DATA_FORMAT, batch_norm, feed, mapped, tune
from ganzoo.types import Tensor

__all__ = [
    "DATA_FORMAT",
    "JIT_COMPILE",
    "batch_norm",
    "conv",
    "conv_transpose",
    "feed",
    "input_gradients",
    "mapped",
    "run_step",
    "sync",
    "tune",
    "unpadded_conv",
    "value_and_gradients",
]

JIT_COMPILE = "auto"
BLOCK = 8  # images that `spread` makes at a time


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

    def stateless(values: list[Tensor]) -> tuple[Tensor, Any]:
        (loss, aside), after = in_scope(objective, [*before, *zip(variables, values, strict=True)])
        return loss, (aside, after)

    before = [(variable, variable.value) for variable in state()]
    values = [variable.value for variable in variables]
    (loss, (aside, after)), gradients = jax.value_and_grad(stateless, has_aux=True)(values)
    assign_changed(before, after, but=variables)
    return loss, aside, gradients


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

    def stateless(images: Tensor) -> tuple[Tensor, list[Tensor]]:
        numbers, after = in_scope(lambda: function(images), before)
        return numbers.sum(), after

    before = [(variable, variable.value) for variable in state()]
    gradients, after = jax.grad(stateless, has_aux=True)(images)
    assign_changed(before, after)
    return gradients


# Scopes do not chain, and `fit` takes the variables' own values away: so every scope gets the
# value of every variable, and what changed inside is assigned outside.


def in_scope(
    function: Callable[[], Any], mapping: Sequence[tuple[keras.Variable, Tensor]]
) -> tuple[Any, list[Tensor]]:
    """Return what a function returns, and the values that it leaves each variable with."""
    with keras.StatelessScope(mapping) as scope:
        result = function()
    return result, [scope.get_current_value(variable) for variable, _ in mapping]


def assign_changed(
    before: Sequence[tuple[keras.Variable, Tensor]],
    after: Sequence[Tensor],
    but: Sequence[keras.Variable] = (),
) -> None:
    """Give variables the values that they were left with, except some that were not changed."""
    unchanged = {id(variable) for variable in but}
    for (variable, old), new in zip(before, after, strict=False):
        if new is not old and id(variable) not in unchanged:
            variable.assign(new)


def run_step(
    step: Callable[[Any], dict[str, Tensor]],
    groups: Sequence[Sequence[keras.Variable]],
    state: Sequence[Sequence[Tensor]],
    data: Any,
) -> tuple[dict[str, Tensor], tuple[list[Tensor], ...]]:
    """Run a step as Keras' trainer of this backend calls it."""
    mapping = [
        pair
        for group, values in zip(groups, state, strict=True)
        for pair in zip(group, values, strict=True)
    ]
    with keras.StatelessScope(mapping) as scope:
        logs = step(data)
    return logs, tuple([scope.get_current_value(v) for v in group] for group in groups)


def sync(model: keras.Model) -> None:
    """Do as `stock.sync`: within an epoch, Keras' trainer of this backend holds the values."""
    model.jax_state_sync()


def unpadded_conv(images: Tensor, kernel: Tensor, strides: tuple[int, int], axes: str) -> Tensor:
    """Do as `stock.unpadded_conv`; XLA on a CPU runs it up to three times faster with padding.

    Zeros below and on the right add outputs there, which are cut off, and change no other.
    """
    if not on_processor():
        return stock.unpadded_conv(images, kernel, strides, axes)
    padded = ops.pad(images, [[0, 0], [0, 1], [0, 1], [0, 0]])  # XLA makes it the convolution's
    rows, columns = (
        (size - width) // stride + 1
        for size, width, stride in zip(images.shape[1:3], kernel.shape[:2], strides, strict=True)
    )
    return stock.unpadded_conv(padded, kernel, strides, axes)[:, :rows, :columns]


# XLA reaches half of a processor's speed where it spreads an image over a larger one, a hundredth
# in the kernel gradient of a transposed convolution (jax-ml/jax#23783). But `conv_transpose` is
# the adjoint of `conv`, `<conv_transpose(x, k), g> = <x, conv(g, k)>`, so that all gradients of
# both come from a fast way to do each, and from one fast kernel gradient.
# On a GPU, where this has not been measured, all is left to XLA.


def conv(images: Tensor, kernel: Tensor) -> Tensor:
    """Do as `stock.conv`, with gradients that a processor computes faster."""
    return gather(images, kernel) if on_processor() else stock.conv(images, kernel)


def conv_transpose(images: Tensor, kernel: Tensor) -> Tensor:
    """Do as `stock.conv_transpose`, in a way that is faster on a processor."""
    counted = isinstance(images.shape[0], int)  # an exported model's batch size is a symbol
    fast = on_processor() and counted
    return spread(images, kernel) if fast else stock.conv_transpose(images, kernel)


def on_processor() -> bool:
    return jax.default_backend() == "cpu"


@jax.custom_vjp
def gather(images: Tensor, kernel: Tensor) -> Tensor:
    """Make a pixel of every 4x4 pixels."""
    return stock.conv(images, kernel)


@jax.custom_vjp
@jax.jit  # also outside of `fit`: a bare lax.map would be compiled at every call
def spread(images: Tensor, kernel: Tensor) -> Tensor:
    """Make 4x4 pixels of every pixel, and add up where they overlap.

    A few images at a time, so that all their 4x4 pixels stay in the processor's cache.
    """
    *_, channels, filters = kernel.shape
    tiles = kernel.reshape(2, 2, 2, 2, channels, filters).transpose(0, 2, 1, 3, 4, 5)
    tiles = tiles.reshape(16 * channels, filters)
    return lax.map(lambda image: spread_image(image, tiles), images, batch_size=BLOCK)


def spread_image(image: Tensor, tiles: Tensor) -> Tensor:
    """Spread the pixels of one image `(height, width, filters)`.

    The 4x4 pixels are 2x2 tiles of 2x2 pixels, so that whole tiles overlap: one product makes
    the tiles of all pixels, and four sums add them up.
    """
    height, width, _ = image.shape
    made = (image @ tiles.T).reshape(height, width, 2, 2, -1)
    total = sum(
        jnp.pad(made[:, :, a, b], ((a, 1 - a), (b, 1 - b), (0, 0))) for a in (0, 1) for b in (0, 1)
    )
    total = total.reshape(height + 1, width + 1, 2, 2, -1).transpose(0, 2, 1, 3, 4)
    return total.reshape(2 * height + 2, 2 * width + 2, -1)[1:-1, 1:-1]


def kernel_gradient(images: Tensor, kernel: Tensor, cotangent: Tensor) -> Tensor:
    """Return the gradient of `<conv(images, kernel), cotangent>`."""
    return jax.vjp(lambda kernel: stock.conv(images, kernel), kernel)[1](cotangent)[0]


def gather_backward(saved: tuple[Tensor, Tensor], cotangent: Tensor) -> tuple[Tensor, Tensor]:
    images, kernel = saved
    _, height, width, _ = images.shape  # an odd size lacks the last row or column
    images_gradient = spread(cotangent, kernel)[:, :height, :width]
    return images_gradient, kernel_gradient(images, kernel, cotangent)


def spread_backward(saved: tuple[Tensor, Tensor], cotangent: Tensor) -> tuple[Tensor, Tensor]:
    images, kernel = saved
    return gather(cotangent, kernel), kernel_gradient(cotangent, kernel, images)


gather.defvjp(lambda images, kernel: (gather(images, kernel), (images, kernel)), gather_backward)
spread.defvjp(lambda images, kernel: (spread(images, kernel), (images, kernel)), spread_backward)
