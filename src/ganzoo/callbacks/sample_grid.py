"""Pictures of the training."""

import os
from typing import Any

import keras
import numpy as np

from ganzoo.callbacks.careful import Careful
from ganzoo.callbacks.looking import Looking, checked_every, timed
from ganzoo.files import folder_at, whole_file
from ganzoo.pictures import image_grid
from ganzoo.pictures.grid import CHANNELS


class SampleGrid(Looking):
    """Write a grid of generated images after an epoch, always from the same latents.

    Args:
        folder: where `epoch-0001.png` and so on are written.
        n: how many images.
        columns: images in a row; by default one for each class, or a square grid.
        seed: what the latents are drawn from.
        tensorboard: a `keras.callbacks.TensorBoard` that stands among the callbacks, too: the grids
            are also shown there, as "samples". Keras' callback needs TensorFlow.
        every: after every so many epochs, the first and the last.

    Raises:
        ValueError: `n` or `every` is not at least 1; when the training begins, images of other than
            1, 3 or 4 channels.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
        gan.compile()
        gan.fit(images, epochs=2, callbacks=[ganzoo.callbacks.SampleGrid("samples")])
        ```
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        n: int = 64,
        columns: int | None = None,
        seed: int = 0,
        tensorboard: keras.callbacks.TensorBoard | None = None,
        every: int = 1,
    ) -> None:
        super().__init__()
        self.folder = folder_at(folder)
        if not isinstance(n, int | np.integer) or n < 1:
            raise ValueError(f"n must be a whole number of images, at least 1, not {n!r}.")
        self.n = n
        self.columns = columns
        self.seed = seed
        self.tensorboard = tensorboard
        self.every = checked_every(every)
        self._careful = Careful("sample grid")

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Refuse images that no picture shows, before they cost an epoch."""
        if (channels := self.model.image_shape[-1]) not in CHANNELS:
            raise ValueError(
                f"{type(self).__name__} shows images of 1, 3 or 4 channels, and the model's have "
                f"{channels}: leave it out, or draw some of the channels in a callback of your own."
            )

    @timed
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the grid; a picture that cannot be written must not cost the training."""
        if not self.due(epoch):
            return
        images = self.model.generate(self.n, seed=self.seed)
        grid = image_grid(images, self.columns or self.model.turns)
        with self._careful(), whole_file(self.folder / f"epoch-{epoch + 1:04d}.png") as partial:
            grid.save(partial)
        if self.tensorboard:
            show(self.tensorboard, np.asarray(grid), epoch)


def show(tensorboard: keras.callbacks.TensorBoard, picture: np.ndarray, epoch: int) -> None:
    """Write a picture beside what TensorBoard has of the training."""
    folder = os.path.join(tensorboard.log_dir, "train")
    writer = tensorboard.summary.create_file_writer(folder)
    with writer.as_default():
        tensorboard.summary.image("samples", np.atleast_3d(picture)[None], step=epoch)
    writer.close()
