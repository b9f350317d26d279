"""JAX: Keras variables as values that flow in and out of pure functions."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import keras

from ganzoo.backends.contract import Aside
from ganzoo.backends.fast_jax import conv, conv_transpose
from ganzoo.backends.replicas_jax import (
    adopt,
    alone,
    from_all,
    highest,
    is_first,
    join,
    lost_another,
    rows,
    shares,
    spread,
)
from ganzoo.backends.stock import (
    DATA_FORMAT,
    average_pool,
    batch_norm,
    beside,
    copies,
    dealt,
    export_options,
    feed,
    jit_compile,
    keep_memory,
    leaky_relu,
    lerp,
    mapped,
    mean_of_each,
    mean_over_replicas,
    replicas,
    sharing,
    shifted,
    tune,
)
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


MOST_KEPT = 2**30  # bytes of compiled programs
WORTH_KEEPING = 0.2  # seconds of compiling


def keep_programs(folder: Path) -> None:
    if jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", str(folder))
        # Without a largest size, JAX does not lock the folder against other processes.
        jax.config.update("jax_compilation_cache_max_size", MOST_KEPT)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", WORTH_KEEPING)


def value_and_gradients(
    objective: Callable[[], tuple[Tensor, Aside]],
    variables: Sequence[keras.Variable],
    state: Callable[[], Sequence[keras.Variable]],
) -> tuple[Tensor, Aside, list[Tensor]]:
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
    function: Callable[[], Aside], mapping: Sequence[tuple[keras.Variable, Tensor]]
) -> tuple[Aside, list[Tensor]]:
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
    *arguments: Any,
) -> tuple[dict[str, Tensor], tuple[list[Tensor], ...]]:
    state, data = arguments
    mapping = [
        pair
        for group, values in zip(groups, state, strict=True)
        for pair in zip(group, values, strict=True)
    ]
    with keras.StatelessScope(mapping) as scope:
        logs = step(data)
    return logs, tuple([scope.get_current_value(v) for v in group] for group in groups)


def sync(model: keras.Model) -> None:
    model.jax_state_sync()


@contextmanager
def keeping(model: keras.Model) -> Iterator[None]:
    """Give back what Keras has taken away for a step that did not come to run."""
    sync(model)
    variables = [*model.variables, *model.metrics_variables]
    if model.compiled:
        variables += model.optimizer.variables
    before = [(variable, variable.value) for variable in variables]
    try:
        yield
    except BaseException:
        for variable, value in before:
            if variable._value is None and not value.is_deleted():
                variable.assign(value)
        raise


def leave_out(model: keras.Model, *arguments: Any) -> tuple[dict[str, Tensor], Any]:
    values, batches = arguments
    for _ in range(model.steps_per_execution):
        next(batches)
    return {}, values
