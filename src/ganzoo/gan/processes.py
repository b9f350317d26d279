"""Processes that train one model together: alike when they begin, and of one mind after that.

Each runs the same program. The first of them alone runs the user's callbacks: it prints, scores,
draws and saves, and what it changes holds for all of them.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import keras

from ganzoo import backends
from ganzoo._version import __version__
from ganzoo.callbacks.finite_losses import FiniteLosses
from ganzoo.callbacks.same_recipe import recipe_of
from ganzoo.callbacks.state_file import variables
from ganzoo.gan.feeding import Feed
from ganzoo.gan.stopping import Stopping

LOST = (
    "Another process of this training has ended, see what it says; so this one ends as well. The "
    "last checkpoint is whole: start them all again to go on."
)


class Processes:
    """Those that were started together to train; most often one.

    Attributes:
        number: of this one, from 0.
        count: how many there are.
    """

    def __init__(self, number: int, count: int) -> None:
        self.number, self.count = number, count

    @classmethod
    def of(cls, model: Any) -> Self:
        """Meet the others, where there are some, and agree upon the seed if none was given."""
        found = cls(*backends.current.join())
        if found.count > 1:
            found._check("seed", model.seed if model.seed_given else None)
            if not model.seed_given:
                model.arguments.seed = found.from_first(model.seed)
        return found

    @property
    def first(self) -> bool:
        """Whether this one prints, writes and draws."""
        return self.number == 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Say it plainly if another one ends in the block; the first one's warnings are enough."""
        if self.count == 1:
            yield
            return
        with warnings.catch_warnings():
            if not self.first:
                warnings.simplefilter("ignore")
            try:
                yield
            except Exception as error:
                if backends.current.lost_another(error):
                    raise RuntimeError(LOST) from None
                raise

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Let the first do something before the others, which find what it leaves in a cache."""
        if not self.first:
            self.from_first(None)
        try:
            yield
        finally:
            if self.first:
                self.from_first(None)

    def callbacks(
        self, given: list[keras.callbacks.Callback], stopping: Stopping
    ) -> list[keras.callbacks.Callback]:
        """Return those of this process."""
        stopping.several, stopping.ends = self.count > 1, False
        if self.count == 1:
            return given
        own = given if self.first else [FiniteLosses()]
        return [*own, OfOneMind(self, stopping)]

    def from_first(self, value: Any) -> Any:
        """Return the first one's value."""
        return value if self.count == 1 else backends.current.from_all(value)[0]

    def check_alike(self, model: Any, feed: Feed) -> None:
        """Check that all are to train alike.

        Raises:
            ValueError: they have other versions, models, recipes or images.
        """
        if self.count > 1:
            for name, value in described(model, feed).items():
                self._check(name, value)

    def begin(self, model: Any, initial_epoch: int, done: int) -> tuple[int, int]:
        """Take the first one's weights, optimizers and random state, and begin where it does."""
        if self.count > 1:
            backends.current.adopt(variables(model))
        return self.from_first((initial_epoch, done))

    def _check(self, name: str, own: Any) -> None:
        values = backends.current.from_all(own)
        for number, value in enumerate(values):
            if value != values[0]:
                raise ValueError(
                    f"The processes of this training differ in their {name}: process 0 has "
                    f"{values[0]!r:.200}, process {number} {value!r:.200}. Start all of them alike."
                )


def described(model: Any, feed: Feed) -> Mapping[str, Any]:
    """Return what all processes must have alike."""
    of_images = None
    if (arrays := feed.arrays) is not None:
        options = {k: v for k, v in arrays.options.items() if k not in ("rows", "places")}
        of_images = (arrays.digest(), options)
    return {
        "versions": {"ganzoo": __version__, "keras": keras.version()},
        "model": model.get_config() | {"seed": None, "name": None},
        "recipe": recipe_of(model),
        "images": of_images,
        "steps": feed.steps,
    }


class OfOneMind(keras.callbacks.Callback):
    """The last callback of every process: what the first one's have changed holds for all."""

    def __init__(self, processes: Processes, stopping: Stopping) -> None:
        super().__init__()
        self.processes, self.stopping = processes, stopping

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        backends.current.adopt(variables(self.model))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # All stop after the next step, or else at the epoch's end.
        if self.model.stop_training and not self.stopping.ends:
            self.model.stop_training, self.stopping.ends = False, True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs.update(self.processes.from_first(logs))  # its scores
        ends = self.model.stop_training or self.stopping.ends
        self.model.stop_training = self.processes.from_first(ends)

    def on_train_end(self, logs: Any = None) -> None:
        backends.current.adopt(variables(self.model))
