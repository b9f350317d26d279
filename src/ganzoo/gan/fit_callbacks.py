"""The callbacks of a `fit`: in the order of their tasks, and those that go on with a training."""

import warnings
from typing import Any, Protocol, runtime_checkable

import keras

from ganzoo.callbacks.finite_losses import FiniteLosses
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.gan.feeding import Feed


@runtime_checkable
class Resumes(Protocol):
    """A callback that can go on with a training that was stopped."""

    def resume(self, model: keras.Model, initial_epoch: int) -> int:
        """Restore the model, and return the epoch to go on with; at least `initial_epoch`."""
        ...


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

    Raises:
        ValueError: a callback that would go on with other batches than it stopped at.
    """
    found = keras.tree.flatten(getattr(callbacks, "callbacks", callbacks) or [])
    for each in found:
        if isinstance(each, keras.callbacks.BackupAndRestore) and each.save_freq != "epoch":
            raise ValueError(
                f"BackupAndRestore(save_freq={each.save_freq!r}) saves within an epoch, and would "
                "go on at its beginning, with images that the model has seen already. Use "
                'save_freq="epoch", or ganzoo.callbacks.ExactResume.'
            )
    if not any(isinstance(each, FiniteLosses) for each in found):
        found = [FiniteLosses(), *found]
    return sorted(
        found, key=lambda each: isinstance(each, Resumes) - isinstance(each, FiniteLosses)
    )


def begun(
    model: keras.Model,
    callbacks: list[keras.callbacks.Callback],
    feed: Feed,
    initial_epoch: int,
) -> tuple[list[keras.callbacks.Callback], int]:
    """Let callbacks restore the model; return all callbacks, and the epoch to go on with."""
    for each in callbacks:
        if isinstance(each, Resumes):
            if not feed.resumable:
                warnings.warn(
                    f"{type(each).__name__} restores the model, but these batches begin anew in "
                    "their own order: a training that is stopped will not go on as if it had not "
                    "been. An array, a folder, a name or a keras.utils.PyDataset does.",
                    stacklevel=3,
                )
            initial_epoch = each.resume(model, initial_epoch)
    if feed.arrays is not None:
        callbacks = [OrderOfEpoch(feed.arrays), *callbacks]
    return callbacks, initial_epoch


def say_if_finished(initial_epoch: int, epochs: int, verbose: Any) -> None:
    """Say so where nothing is left to train: the history will be empty."""
    if verbose and initial_epoch >= epochs:
        print(
            f"Nothing is left to train: the training stands after epoch {initial_epoch}, and "
            f"epochs={epochs} is the one to stop after. Ask for more epochs to go on."
        )
