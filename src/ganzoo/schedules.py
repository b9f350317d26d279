"""Numbers that may change with the rounds played, as learning rates do.

A round is an update of the generator. All schedules of a training count the same rounds, those
since `compile`: of both learning rates, of a penalty's weight, of an augmentation's probability.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from ganzoo.types import Tensor

__all__ = ["ByRounds", "Scheduled", "at"]

Scheduled: TypeAlias = float | LearningRateSchedule
"""A number, or a `keras.optimizers.schedules.LearningRateSchedule` of the rounds played."""


def at(value: Scheduled, rounds: Tensor) -> Any:
    """Return what a number has come to after so many rounds."""
    return ops.cast(value(rounds), "float32") if isinstance(value, LearningRateSchedule) else value


class ByRounds(LearningRateSchedule):
    """A schedule that counts rounds, whatever steps its optimizer counts.

    Args:
        schedule: of the rounds played.
        rounds: the variable that counts them.
    """

    def __init__(self, schedule: LearningRateSchedule, rounds: keras.Variable) -> None:
        self.schedule, self.rounds = schedule, rounds
        self._held: Tensor | None = None

    def __call__(self, step: Tensor) -> Tensor:
        return self.schedule(self.rounds if self._held is None else self._held)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Count no further within the block, in which the variable may not be at hand.

        Keras' scopes of an optimizer's variables know those of that optimizer alone.
        """
        self._held = ops.convert_to_tensor(self.rounds)
        try:
            yield
        finally:
            self._held = None

    def get_config(self) -> dict[str, Any]:
        """Return the schedule's alone: the counter belongs to the training."""
        return {"schedule": keras.saving.serialize_keras_object(self.schedule)}
