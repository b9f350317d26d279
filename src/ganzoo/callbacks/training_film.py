"""A film of the training."""

import math
import os
import re
import time
from typing import Any

from ganzoo.callbacks.careful import Careful
from ganzoo.callbacks.looking import timed
from ganzoo.callbacks.sample_grid import SampleGrid
from ganzoo.pictures.film import checked_film, save_film

ABOUT = 36  # images in a frame
SHARE = 20  # of the training's time, a film may take one part in so many


class TrainingFilm(SampleGrid):
    """Make a film of the training: what fixed latents draw, epoch after epoch.

    The film is written when the training ends, and on the way as often as it takes little time. Its
    frames are kept as PNG files in a folder: with them, a training that is resumed goes on with its
    film. A training from epoch 0 begins a new film.

    Args:
        path: the film, ending in `.gif` or `.webp`.
        n: how many images a frame shows; by default about 36, as many of each class.
        columns: images in a row; by default one for each class, or a square grid.
        seed: what the latents are drawn from.
        most: how many frames there are at most. In longer trainings every second, then every
            fourth epoch (and so on) has one, and the last.
        seconds: how long a frame is shown.
        frames: the folder of the frames; by default beside the film, `film-frames` for `film.gif`.
        every: a frame after every so many epochs, after the first and the last.

    Raises:
        ValueError: the path has another ending, or `most` is less than 2; when the training begins,
            images of other than 1, 3 or 4 channels.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
        gan.compile()
        gan.fit(images, epochs=2, callbacks=[ganzoo.callbacks.TrainingFilm("film.gif")])
        ```
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        n: int | None = None,
        columns: int | None = None,
        seed: int = 0,
        most: int = 200,
        seconds: float = 0.1,
        frames: str | os.PathLike[str] | None = None,
        every: int = 1,
    ) -> None:
        self.path = checked_film(path)
        folder = frames or self.path.with_name(f"{self.path.stem}-frames")
        super().__init__(folder, ABOUT if n is None else n, columns, seed, every=every)
        self._whole_rows = n is None
        if most < 2:
            raise ValueError(f"most must be at least 2, not {most}.")
        self.most = most
        self.seconds = seconds
        self._careful = Careful("film")

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        self._due = 0.0
        if self._whole_rows and (turns := self.model.turns):
            self.n = turns * math.ceil(ABOUT / turns)

    @timed
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Draw a frame, and write the film if it was not written for long.

        Frames that an earlier training drew after this epoch go, like those that are not shown.
        """
        if not self.due(epoch):
            return
        super().on_epoch_end(epoch, logs)
        shown = epochs_shown(epoch + 1, self.most, self.every)
        with self._careful():
            for frame in self.folder.glob("epoch-*.png"):
                number = re.fullmatch(r"epoch-(\d+)", frame.stem)
                if number and int(number[1]) not in shown:
                    frame.unlink()
        if time.monotonic() >= self._due:
            self._write()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._write()

    def _write(self) -> None:
        started = time.monotonic()
        with self._careful():
            save_film(self.path, self.folder, seconds=self.seconds, most=self.most)
        ended = time.monotonic()
        self._due = ended + SHARE * (ended - started)


def epochs_shown(epochs: int, most: int, every: int = 1) -> set[int]:
    """Return which of so many epochs have a frame.

    Of those that are drawn, the first and every so many, these are a power of two apart; and the
    last.
    """
    drawn, step = [1, *range(max(every, 2), epochs + 1, every)], 1
    while len(shown := {*drawn[::step], epochs}) > most:
        step *= 2
    return shown
