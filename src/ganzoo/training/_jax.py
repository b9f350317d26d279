"""JAX's share of the training: Keras variables as values that flow in and out of pure functions."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras

from ganzoo.types import Tensor


def value_and_gradients(
    objective: Callable[[], tuple[Tensor, Any]],
    variables: Sequence[keras.Variable],
    state: Callable[[], Sequence[keras.Variable]],
) -> tuple[Tensor, Any, list[Tensor]]:
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
    mapping = [
        pair
        for group, values in zip(groups, state, strict=True)
        for pair in zip(group, values, strict=True)
    ]
    with keras.StatelessScope(mapping) as scope:
        logs = step(data)
    return logs, tuple([scope.get_current_value(v) for v in group] for group in groups)
