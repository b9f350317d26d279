"""Checkpoints from which a stopped training goes on as if it had never stopped."""

import os
import time
from contextlib import suppress
from numbers import Real
from pathlib import Path
from typing import Any

import keras

from ganzoo import backends
from ganzoo.callbacks.careful import Careful
from ganzoo.callbacks.checkpoints import (
    Within,
    epoch_of,
    is_checkpoint,
    name_of,
    place_of,
    within_of,
)
from ganzoo.callbacks.finite_losses import broken_weight
from ganzoo.callbacks.same_recipe import Recipe, recipe_of, scheduled
from ganzoo.callbacks.state_file import DamagedError, check_state, load_state, save_state
from ganzoo.files import PARTIAL_PREFIX, folder_at


class ExactResume(keras.callbacks.Callback):
    """Save everything after each epoch, and within one; `fit` continues from there, bit for bit.

    A checkpoint is a `.keras` file with both networks, both optimizers and the random state. It
    is written whole or not at all, and the previous one is removed only afterwards. Run the same
    `fit` again to go on; `keras.saving.load_model` opens a checkpoint as well. The order of the
    images goes on where they are an array, a folder or a name; a generator, a `tf.data.Dataset` or
    a torch `DataLoader` begins anew, in its own order.

    Ctrl-C, and SIGTERM, by which batch systems end a program, save after the step that is running.
    While an epoch ends, that is done first; a second Ctrl-C stops at once, without saving.

    Args:
        folder: where the checkpoints are, or will be. Other files in it are left alone.
        new_recipe: whether to go on from a checkpoint of another recipe: the weights, the
            optimizers' moments and the random state are the checkpoint's; loss, penalties,
            augmentation and learning rates are those of `compile`. The middle of an epoch of
            other length is then its beginning.
        minutes: save within an epoch, too, after so many minutes without a checkpoint; by default,
            never. The middle of an epoch is reached again without training, by asking for its
            batches; callbacks are told of the others only.

    Raises:
        ValueError: `minutes` is not above 0; when `fit` begins, a checkpoint of another model,
            another recipe or other batches, or one that is damaged; says what differs, and what
            to do. The model stays as it was.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8, seed=0)
        gan.compile()
        gan.fit(images, epochs=2, callbacks=[ganzoo.callbacks.ExactResume("checkpoints")])
        ```
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        new_recipe: bool = False,
        minutes: float | None = None,
    ) -> None:
        super().__init__()
        if minutes is not None and not (isinstance(minutes, Real) and minutes > 0):
            raise ValueError(f"minutes must be a number above 0, not {minutes!r}.")
        self.folder = folder_at(folder)
        self.new_recipe = new_recipe
        self.minutes = minutes
        self.step = 0
        self.steps: int | None = None
        self._recipe: Recipe = None
        self._within: Within | None = None
        self._saved = 0.0
        self._careful = Careful(
            "checkpoint", f", and the previous one stays in {self.folder}", once=False
        )

    def resume(self, model: keras.Model, initial_epoch: int = 0) -> int:
        """Load the last checkpoint into the model; called by `fit`.

        Args:
            model: built and compiled as then.
            initial_epoch: the epoch that `fit` was asked to begin with.

        Returns:
            How many epochs were finished: the epoch to go on with. `step` is how many of its steps
            are done.

        Raises:
            ValueError: the checkpoint is damaged, of another model, of another recipe, of other
                batches, or of an earlier epoch than the training is to go on from.
        """
        self._recipe, self._within, self.step = recipe_of(model), None, 0
        checkpoints = self.checkpoints()
        if not checkpoints:
            return initial_epoch
        last = checkpoints[-1]
        if initial_epoch > epoch_of(last):
            raise ValueError(
                f"initial_epoch={initial_epoch} is beyond the last checkpoint, {last}: leave it "
                "out to go on from there, or train into another folder."
            )
        try:
            within = within_of(last)
            if within and not (self.new_recipe and within.of_others(self.steps)):
                within.check(last, self.steps, model.steps_per_execution)
                self._within, self.step = within, within.step
            self._load(model, last)
        except DamagedError as error:
            again = f"go on from {checkpoints[-2].name}" if checkpoints[1:] else "begin anew"
            raise ValueError(f"{error} Delete it to {again}.") from error
        return epoch_of(last)

    def checkpoints(self) -> list[Path]:
        """Return the checkpoints in the folder, the last one last."""
        found = self.folder.glob("epoch-*.keras")
        return sorted((each for each in found if is_checkpoint(each)), key=place_of)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._saved = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Put the running means back, which `fit` has just reset."""
        self._epoch, self._begun, self.step = epoch, self.step, 0
        if self._within:
            for tracker, numbers in zip(self.model.trackers, self._within.means, strict=True):
                for variable, number in zip(tracker.variables, numbers, strict=True):
                    variable.assign(number)
            self._within = None

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Save where it is time to."""
        if self.minutes and time.monotonic() - self._saved >= 60 * self.minutes:
            self.save_within(batch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save a checkpoint; one that cannot be written leaves the previous one."""
        if broken := broken_weight(self.model):
            raise FloatingPointError(
                f"{broken} contains NaN or infinite values after epoch {epoch + 1}. "
                f"The last good checkpoint is kept in {self.folder}."
            )
        self._save(name_of(epoch + 1), f" after epoch {epoch + 1}")

    def save_within(self, step: int) -> None:
        """Save a checkpoint in the middle of an epoch; called between two steps of `fit`.

        Args:
            step: how many steps of the epoch are done.
        """
        backends.current.sync(self.model)
        if step == self._begun or broken_weight(self.model):
            return
        means = [
            [float(keras.ops.convert_to_numpy(v)) for v in each.variables]
            for each in self.model.trackers
        ]
        within = Within(step, self.steps, means)
        name, when = name_of(self._epoch, step), f" within epoch {self._epoch + 1}"
        self._save(name, when, within=within._asdict())

    def _save(self, name: str, when: str, **notes: Any) -> None:
        path = self.folder / name
        with self._careful(when):
            save_state(self.model, path, self._recipe, **notes)
        self._saved = time.monotonic()
        if not self._careful.failed:
            others = [each for each in self.checkpoints() if each != path]
            for old in [*others, *self.folder.glob(f"{PARTIAL_PREFIX}*")]:
                with suppress(OSError):
                    old.unlink()

    def _load(self, model: keras.Model, path: Path) -> None:
        if not self.new_recipe:
            self._recipe = check_state(model, path, self._recipe)
            load_state(model, path)
            return
        constant = [each for each in model.optimizer.optimizers if not scheduled(each)]
        rates = [float(keras.ops.convert_to_numpy(each.learning_rate)) for each in constant]
        load_state(model, path)
        for optimizer, rate in zip(constant, rates, strict=True):
            optimizer.learning_rate = rate
