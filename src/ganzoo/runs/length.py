"""How long a training is: so many hours or images, or until its score gets no better."""

import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import keras

from ganzoo import backends
from ganzoo.callbacks import BestSnapshot
from ganzoo.callbacks.best_epoch import last_progress

OPEN = 10_000  # epochs of a training that ends by its score
OPEN_ROUNDS = 10_000  # in which noise fades where the end is not known
PATIENCE = 5000  # rounds without progress, and a third of all, end an open training
EPOCHS = 60  # of a training whose epochs would be far longer or shorter
LONGEST, SHORTEST = 20, 240  # epochs that a training has at least and at most as they are
SLACK = 1.03  # a machine is not always equally fast
LOOKING = 0.05  # of the time, for pictures and scores, or as many seconds as follow
LOOKING_SECONDS = 10.0
ENDING = 20.0  # seconds to write the model, its card and the film


class Length(NamedTuple):
    """Epochs, and the rounds of each; None for as many as show every image once."""

    epochs: int
    steps_per_epoch: int | None


def in_seconds(left: float, round_seconds: float, begin_seconds: float, steps: int) -> Length:
    """Return what a training comes to in a time.

    Args:
        left: seconds from now on.
        round_seconds: what a round takes.
        begin_seconds: what passes before the first.
        steps: how many show every image once.

    Raises:
        ValueError: the time is too short for anything.
    """
    for_rounds = left - begin_seconds - ENDING
    rounds = int((for_rounds - max(LOOKING * for_rounds, LOOKING_SECONDS)) / SLACK / round_seconds)
    if rounds < 1:
        needed = begin_seconds + ENDING + LOOKING_SECONDS + 100 * round_seconds
        raise ValueError(
            f"The time is too short: this machine takes {round_seconds:.2f} s for a round, and a "
            f"hundred of them with beginning and end {needed / 3600:.2f} hours, of which "
            f"{max(left, 0.0) / 3600:.2f} are left after reading and measuring: give "
            f"{math.ceil((needed - left) / 36) / 100:.2f} more at least."
        )
    if LONGEST * steps <= rounds <= SHORTEST * steps:
        return Length(rounds // steps, None)
    each = math.ceil(rounds / EPOCHS)
    return Length(rounds // each, each)


def in_images(count: int, batch_size: int, steps: int) -> Length:
    """Return how many epochs show so many images, at least one."""
    return Length(max(round(count / (steps * batch_size)), 1), None)


class Deadline(keras.callbacks.Callback):
    """Ends a training after the epoch behind which the next one would come too late.

    What is left of it, the same training goes on with. It stands before what looks at the model,
    so that the last look is known to be the last.

    Args:
        end: when it is to have ended, of `time.monotonic`.
        say: called with a sentence where it ends early.
    """

    def __init__(self, end: float, say: Callable[[str], None] = print) -> None:
        super().__init__()
        self.end, self.say = end, say

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._ended = math.inf
        # The longest that other callbacks took after an epoch, as after the last.
        self._looked = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._begun = time.monotonic()
        self._looked = max(self._looked, self._begun - self._ended)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._ended = now = time.monotonic()
        late = now + (now - self._begun) + self._looked > self.end
        if self.model.stopping.several:
            late = backends.current.highest(int(late)) > 0
        epochs = self.params["epochs"]
        if late and epoch + 1 < epochs:
            self.model.stop_training = True
            self.say(
                f"The time is over after epoch {epoch + 1} of {epochs}: rounds took longer than "
                "when they were measured. The same command goes on with the rest."
            )


class Plateau(keras.callbacks.Callback):
    """Ends a training whose score has stopped getting better, and says how it stands.

    Args:
        snapshot: the one that scores it.
        ended: called with the number of epochs when it ends.
        say: called with a line after each score that is due.
    """

    def __init__(
        self,
        snapshot: BestSnapshot,
        ended: Callable[[int], None],
        say: Callable[[str], None] = print,
    ) -> None:
        super().__init__()
        self.snapshot, self.ended, self.say = snapshot, ended, say

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._begun = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        progress = last_progress(self.snapshot.scores)
        seconds = time.monotonic() - self._begun
        end = last_epoch(progress, self.params["steps"])
        if not self.snapshot.due(epoch) or self.snapshot.best is None:
            return
        if epoch + 1 >= end:
            self.model.stop_training = True
            self.ended(epoch + 1)
            self.say(f"The score has not got better since epoch {progress}: the training ends.")
            return
        left = max((end - epoch - 1) * seconds / 60, 1)
        self.say(
            f"Epoch {epoch + 1}: {self.snapshot.metric} {self.snapshot.scores[epoch + 1]:.4g}, got "
            f"better last at epoch {progress}. Ends in {left:.0f} min if it does not again."
        )


def last_epoch(progress: int, steps: int | None) -> int:
    """Return the epoch after which a training ends that has not got better since another."""
    patience = math.ceil(PATIENCE / (steps or 1))
    return max(progress + patience, math.ceil(1.5 * progress))
