"""What looks at the model after some epochs, and knows what that costs."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import keras

OnEpochEnd = Callable[..., None]


class Looking(keras.callbacks.Callback):
    """A callback that looks at the model after every so many epochs, after the first and the last.

    Attributes:
        every: after how many epochs it looks.
        took: how long the last look took, in seconds.
    """

    every = 1
    took = 0.0

    def due(self, epoch: int) -> bool:
        """Whether it looks after an epoch, counted from 0."""
        last = (self.params or {}).get("epochs") == epoch + 1
        last = last or getattr(self.model, "stop_training", False)  # by a callback before
        return epoch == 0 or last or (epoch + 1) % self.every == 0


def timed(look: OnEpochEnd) -> OnEpochEnd:
    """Note how long an `on_epoch_end` takes."""

    @wraps(look)
    def on_epoch_end(self: Looking, epoch: int, logs: dict[str, Any] | None = None) -> None:
        begun = time.monotonic()
        look(self, epoch, logs)
        self.took = time.monotonic() - begun

    return on_epoch_end


def checked_every(every: int) -> int:
    """Return the number of epochs from one look to the next.

    Raises:
        ValueError: it is below 1.
    """
    if every < 1:
        raise ValueError(f"every must be at least 1, not {every}.")
    return every
