"""Checkpoints from which a stopped training goes on as if it had never stopped."""

import json
import os
import warnings
import zipfile
from pathlib import Path
from typing import Any

import keras

from ganzoo.callbacks.finite_losses import broken_weight
from ganzoo.files import PARTIAL_PREFIX, whole_file


class ExactResume(keras.callbacks.Callback):
    """Save everything after each epoch; `fit` continues from there, bit for bit.

    A checkpoint is a `.keras` file with both networks, both optimizers and the random state. It
    is written whole or not at all, and the previous one is removed only afterwards. Run the same
    `fit` again to go on; `keras.saving.load_model` opens a checkpoint as well.

    Args:
        folder: where the checkpoints are, or will be.

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

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        super().__init__()
        self.folder = Path(folder)

    def restore(self, model: keras.Model) -> int:
        """Load the last checkpoint into the model; called by `fit`.

        Returns:
            How many epochs were finished: the epoch to go on with.

        Raises:
            ValueError: the checkpoint is of another model.
        """
        checkpoints = self.checkpoints()
        if not checkpoints:
            return 0
        last = checkpoints[-1]
        load_state(model, last, "checkpoint")
        return int(last.stem.split("-")[1])

    def resume(self, model: keras.Model, initial_epoch: int) -> int:
        """Do as `restore`; return the epoch to go on with, which is no earlier than asked for."""
        return max(initial_epoch, self.restore(model))

    def checkpoints(self) -> list[Path]:
        """Return the checkpoints in the folder, the last one last."""
        return sorted(self.folder.glob("epoch-*.keras"))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save a checkpoint; one that cannot be written leaves the previous one."""
        if broken := broken_weight(self.model):
            raise FloatingPointError(
                f"{broken} contains NaN or infinite values after epoch {epoch + 1}. "
                f"The last good checkpoint is kept in {self.folder}."
            )
        try:
            with whole_file(self.folder / f"epoch-{epoch + 1:06d}.keras") as partial:
                self.model.save(partial)
        except OSError as error:
            warnings.warn(
                f"No checkpoint after epoch {epoch + 1}: {error}. The training goes on, and the "
                f"previous checkpoint stays in {self.folder}.",
                stacklevel=2,
            )
            return
        for old in [*self.checkpoints()[:-1], *self.folder.glob(f"{PARTIAL_PREFIX}*")]:
            old.unlink(missing_ok=True)


def load_state(model: keras.Model, path: Path, what: str) -> None:
    """Load everything that a `.keras` file holds into a model that was built as the saved one.

    Args:
        model: the networks, optimizers and random state to overwrite.
        path: the file.
        what: what it is called in messages.

    Raises:
        ValueError: the file is of another model.
    """
    check_config(model, path, what)
    with warnings.catch_warnings():
        # Keras would go on with fresh weights where a name in the file is unknown.
        warnings.simplefilter("error", UserWarning)
        try:
            model.load_weights(path)
        except (UserWarning, ValueError) as error:
            raise ValueError(
                f"{path} does not hold this model's state; another version of ganzoo, or another "
                f"compile, may have made it. Train into another folder. ({error})"
            ) from error


def check_config(model: keras.Model, path: Path, what: str) -> None:
    """Check that a `.keras` file was saved by a model with the same arguments."""
    with zipfile.ZipFile(path) as archive:
        saved = json.loads(archive.read("config.json"))["config"]
    config = json.loads(json.dumps(model.get_config()))
    if differing := sorted(k for k in config if k != "name" and config[k] != saved.get(k)):
        details = ", ".join(f"{k}={saved.get(k)!r} instead of {config[k]!r}" for k in differing)
        raise ValueError(
            f"{path} is the {what} of another model: it has {details}. "
            "Train into another folder, or build the model as it was."
        )
