"""How often a run is looked at: so that looking takes a twentieth of the time."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras

from ganzoo.callbacks.looking import Looking

SHARE = 0.05  # of the training's time, for pictures, scores and the doctor
ALWAYS = 10.0  # seconds of a whole training that they may take in any case
ONCE = 3  # looks that there are anyway: after the first epochs, and the last


class Spacing(keras.callbacks.Callback):
    """Measures the second epoch of a `fit`, whose looks are warm, and spaces those to come.

    Args:
        looking: the callbacks to space; they stand before this one.
        note: called with the number of epochs from one look to the next, once it is known.
    """

    def __init__(self, looking: Sequence[Looking], note: Callable[[int], None]) -> None:
        super().__init__()
        self.looking, self.note = looking, note
        self._epochs = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._epochs = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._begun = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epochs += 1
        if self._epochs == 2:
            looked = sum(each.took for each in self.looking)
            trained = time.monotonic() - self._begun - looked
            every = spaced(looked, trained, self.params["epochs"])
            for each in self.looking:
                each.every = every
            self.note(every)


def spaced(looked: float, trained: float, epochs: int) -> int:
    """Return how many epochs to leave from one look to the next.

    Args:
        looked: seconds of a look.
        trained: seconds of an epoch without it.
        epochs: how many there are.
    """
    allowed = max(SHARE * trained * epochs, ALWAYS) - ONCE * looked
    if allowed <= looked:
        return max(epochs, 1)
    return max(math.ceil(looked * epochs / allowed), 1)
