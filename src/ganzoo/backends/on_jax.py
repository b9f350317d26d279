"""JAX: Keras variables as values that flow in and out of pure functions."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras
from keras import ops

from ganzoo.backends import stock
from ganzoo.backends.stock import DATA_FORMAT, batch_norm, conv, feed
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
    # Scopes do not chain, and `fit` takes the variables' own values away: so every scope gets the
    # value of every variable, and what changed inside is assigned outside.
    everything = state()
    before = [variable.value for variable in everything]

    def stateless(values: list[Tensor]) -> tuple[Tensor, Any]:
        mapping = [*zip(everything, before, strict=True), *zip(variables, values, strict=True)]
        with keras.StatelessScope(mapping) as scope:
            loss, aside = objective()
        return loss, (aside, [scope.get_current_value(variable) for variable in everything])

    values = [variable.value for variable in variables]
    (loss, (aside, after)), gradients = jax.value_and_grad(stateless, has_aux=True)(values)
    differentiated = {id(variable) for variable in variables}
    for variable, old, new in zip(everything, before, after, strict=True):
        if new is not old and id(variable) not in differentiated:
            variable.assign(new)
    return loss, aside, gradients


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


def unpadded_conv(images: Tensor, kernel: Tensor, strides: tuple[int, int], axes: str) -> Tensor:
    """Do as `stock.unpadded_conv`; XLA on a CPU runs it up to three times faster with padding.

    Zeros below and on the right add outputs there, which are cut off, and change no other.
    """
    padded = ops.pad(images, [[0, 0], [0, 1], [0, 1], [0, 0]])  # XLA makes it the convolution's
    rows, columns = (
        (size - width) // stride + 1
        for size, width, stride in zip(images.shape[1:3], kernel.shape[:2], strides, strict=True)
    )
    return stock.unpadded_conv(padded, kernel, strides, axes)[:, :rows, :columns]


@jax.custom_vjp
def conv_transpose(images: Tensor, kernel: Tensor) -> Tensor:
    """Do as `stock.conv_transpose`, with a kernel gradient that XLA runs many times faster.

    XLA is slow at the kernel gradient of a transposed convolution (jax-ml/jax#23783). But that
    is the adjoint of a strided one, `<conv_transpose(x, k), g> = <x, conv(g, k)>`; so both its
    gradients come from the strided convolution of the cotangent `g`.
    """
    return stock.conv_transpose(images, kernel)


def _forward(images: Tensor, kernel: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    return conv_transpose(images, kernel), (images, kernel)


def _backward(saved: tuple[Tensor, Tensor], cotangent: Tensor) -> tuple[Tensor, Tensor]:
    images, kernel = saved
    images_gradient, pull = jax.vjp(lambda kernel: conv(cotangent, kernel), kernel)
    return images_gradient, pull(images)[0]


conv_transpose.defvjp(_forward, _backward)
