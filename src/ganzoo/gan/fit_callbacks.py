"""The callbacks of a `fit`: in the order of their tasks, and those that go on with a training."""

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, Protocol, runtime_checkable

import keras

from ganzoo import backends
from ganzoo.callbacks.finite_losses import FiniteLosses
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.batches import length_of
from ganzoo.gan.arguments import checked
from ganzoo.gan.feeding import Feed
from ganzoo.gan.stopping import BeforeSteps, BetweenSteps, Saves


@runtime_checkable
class Resumes(Protocol):
    """A callback that can go on with a training that was stopped."""

    def resume(self, model: keras.Model, initial_epoch: int) -> int:
        """Restore the model, and return the epoch to go on with; at least `initial_epoch`."""
        ...


FIT = list(inspect.signature(keras.Model.fit).parameters)[1:]


def check_options(options: Mapping[str, Any]) -> None:
    """Check what Keras takes unseen, before anything is read or restored."""
    if unknown := sorted(options.keys() - set(FIT)):
        close = get_close_matches(unknown[0], FIT, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(FIT)}."
        raise TypeError(f"fit() has no argument {unknown[0]!r}: {hint}")
    for name in ("validation_batch_size", "validation_steps"):
        if options.get(name) is not None:
            checked(name, options[name], 1)


class OrderOfEpoch(keras.callbacks.Callback):
    """Lets the images' order be that of the epoch, whichever callback chose where to begin."""

    def __init__(self, arrays: ImageArrays) -> None:
        super().__init__()
        self.arrays = arrays

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.arrays.go_to(epoch)


def in_turn(callbacks: Any) -> list[keras.callbacks.Callback]:
    """Return callbacks in the order of their tasks, otherwise as they are.

    `FiniteLosses` is first, so that nothing broken is saved; what resumes is last, so that what
    the others keep of an epoch is there when the epoch counts as finished.
    """
    found = listed(callbacks)
    if not any(isinstance(each, FiniteLosses) for each in found):
        found = [FiniteLosses(), *found]
    return sorted(
        found, key=lambda each: isinstance(each, Resumes) - isinstance(each, FiniteLosses)
    )


def listed(callbacks: Any) -> list[keras.callbacks.Callback]:
    """Return what a user gives as callbacks as one list."""
    return keras.tree.flatten(getattr(callbacks, "callbacks", callbacks) or [])


def begun(
    model: keras.Model,
    callbacks: list[keras.callbacks.Callback],
    feed: Feed,
    initial_epoch: int,
) -> tuple[list[keras.callbacks.Callback], int, int]:
    """Let callbacks restore the model.

    Returns:
        All callbacks, the epoch to go on with, and how many of its steps are done.
    """
    done = 0
    for each in callbacks:
        if isinstance(each, Resumes):
            if not feed.resumable:
                warnings.warn(
                    f"{type(each).__name__} restores the model, but these batches begin anew in "
                    "their own order: a training that is stopped will not go on as if it had not "
                    "been. An array, a folder, a name or a keras.utils.PyDataset does.",
                    stacklevel=3,
                )
            if isinstance(each, Saves):
                each.steps = steps_of(feed)
            initial_epoch = each.resume(model, initial_epoch)
            done = each.step if isinstance(each, Saves) else 0
    order = [] if feed.arrays is None else [OrderOfEpoch(feed.arrays)]
    savers = [each for each in callbacks if isinstance(each, Saves)]
    between = BetweenSteps(model.stopping, savers)
    all_of_them = [between, *order, *callbacks, BeforeSteps(model.stopping)]
    return all_of_them, initial_epoch, done


def steps_of(feed: Feed) -> int | None:
    """Return how many steps an epoch has, or None where that is seen at its end."""
    if feed.arrays is not None:
        return feed.arrays.steps
    return feed.steps or length_of(feed.data)


class WithinEpoch(keras.callbacks.CallbackList):
    """Callbacks that are not told of the steps that were done before the training was stopped."""

    def __init__(self, callbacks: Sequence[Any], done: int, verbose: Any, **params: Any) -> None:
        add = {"add_history": True, "add_progbar": verbose != 0}
        super().__init__(callbacks, **add, verbose=verbose, **params)
        self.done = done

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if batch >= self.done:
            super().on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if batch >= self.done:
            super().on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.done = 0
        super().on_epoch_end(epoch, logs)


@contextmanager
def leaving_out(model: keras.Model, steps: int) -> Iterator[None]:
    """Let the first steps of a `fit` take their batches, and do nothing."""
    if not steps:
        yield
        return
    model.make_train_function()
    train = model.train_function
    left = steps

    def take(*arguments: Any) -> Any:
        nonlocal left
        left -= model.steps_per_execution
        if left <= 0:
            model.train_function = train
        return backends.current.leave_out(model, *arguments)

    model.train_function = take
    try:
        yield
    finally:
        model.train_function = train


def say_if_finished(initial_epoch: int, epochs: int, verbose: Any) -> None:
    """Say so where nothing is left to train: the history will be empty."""
    if verbose and initial_epoch >= epochs:
        print(
            f"Nothing is left to train: the training stands after epoch {initial_epoch}, and "
            f"epochs={epochs} is the one to stop after. Ask for more epochs to go on."
        )
