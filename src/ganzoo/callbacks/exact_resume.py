"""Checkpoints from which a stopped training goes on as if it had never stopped."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras

from ganzoo.callbacks.careful import Careful
from ganzoo.callbacks.finite_losses import broken_weight
from ganzoo.callbacks.same_recipe import Recipe, recipe_of, scheduled
from ganzoo.callbacks.state_file import DamagedError, check_state, load_state, save_state
from ganzoo.files import PARTIAL_PREFIX, expanded

CHECKPOINT = re.compile(r"epoch-(\d{6,})\.keras")


class ExactResume(keras.callbacks.Callback):
    """Save everything after each epoch; `fit` continues from there, bit for bit.

    A checkpoint is a `.keras` file with both networks, both optimizers and the random state. It
    is written whole or not at all, and the previous one is removed only afterwards. Run the same
    `fit` again to go on; `keras.saving.load_model` opens a checkpoint as well. The order of the
    images goes on where they are an array, a folder or a name; a generator, a `tf.data.Dataset` or
    a torch `DataLoader` begins anew, in its own order.

    Args:
        folder: where the checkpoints are, or will be. Other files in it are left alone.
        new_recipe: whether to go on from a checkpoint of another recipe: the weights, the
            optimizers' moments and the random state are the checkpoint's; loss, penalties,
            augmentation and learning rates are those of `compile`.

    Raises:
        ValueError: when `fit` begins, a checkpoint of another model or another recipe, or one
            that is damaged; says what differs, and what to do. The model stays as it was.

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

    def __init__(self, folder: str | os.PathLike[str], new_recipe: bool = False) -> None:
        super().__init__()
        self.folder = expanded(folder)
        self.new_recipe = new_recipe
        self._recipe: Recipe = None
        self._careful = Careful(
            "checkpoint", f", and the previous one stays in {self.folder}", once=False
        )

    def resume(self, model: keras.Model, initial_epoch: int = 0) -> int:
        """Load the last checkpoint into the model; called by `fit`.

        Args:
            model: built and compiled as then.
            initial_epoch: the epoch that `fit` was asked to begin with.

        Returns:
            How many epochs were finished: the epoch to go on with.

        Raises:
            ValueError: the checkpoint is damaged, of another model, of another recipe, or of an
                earlier epoch than the training is to go on from.
        """
        self._recipe = recipe_of(model)
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
            self._load(model, last)
        except DamagedError as error:
            again = f"go on from {checkpoints[-2].name}" if checkpoints[1:] else "begin anew"
            raise ValueError(f"{error} Delete it to {again}.") from error
        return epoch_of(last)

    def checkpoints(self) -> list[Path]:
        """Return the checkpoints in the folder, the last one last."""
        found = self.folder.glob("epoch-*.keras")
        return sorted((each for each in found if CHECKPOINT.fullmatch(each.name)), key=epoch_of)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save a checkpoint; one that cannot be written leaves the previous one."""
        if broken := broken_weight(self.model):
            raise FloatingPointError(
                f"{broken} contains NaN or infinite values after epoch {epoch + 1}. "
                f"The last good checkpoint is kept in {self.folder}."
            )
        path = self.folder / f"epoch-{epoch + 1:06d}.keras"
        with self._careful(f" after epoch {epoch + 1}"):
            save_state(self.model, path, self._recipe)
        if not self._careful.failed:
            for old in [*self.checkpoints()[:-1], *self.folder.glob(f"{PARTIAL_PREFIX}*")]:
                with suppress(OSError):
                    old.unlink()

    def _load(self, model: keras.Model, path: Path) -> None:
        if not self.new_recipe:
            self._recipe = check_state(model, path, self._recipe)
            load_state(model, path)
            return
        constant = [each for each in model.optimizer.optimizers if not scheduled(each)]
        rates = [float(each.learning_rate) for each in constant]
        load_state(model, path)
        for optimizer, rate in zip(constant, rates, strict=True):
            optimizer.learning_rate = rate


def epoch_of(checkpoint: Path) -> int:
    """Return how many epochs were finished."""
    return int(checkpoint.stem.split("-")[1])
