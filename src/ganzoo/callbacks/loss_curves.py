"""Curves of the training."""

import csv
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganzoo.callbacks.careful import Careful
from ganzoo.callbacks.looking import Looking, checked_every, timed
from ganzoo.files import folder_at, whole_file
from ganzoo.pictures.charts import Lines, line_charts

Log = dict[int, Mapping[str, float]]
"""What stands in the logs of each epoch, by its number from 1 on."""


class LossCurves(Looking):
    """Keep the numbers of each epoch in `log.csv` and draw them as `curves.png`.

    One chart has the losses, one the mean scores D(x) and D(G(z)), and each other number that
    stands in the logs, such as `fid` from `EvaluateSamples`, has one of its own: put this callback
    behind those. A training that is resumed goes on with its log; one from epoch 0 begins anew.

    Args:
        folder: where both files are written.
        every: draw after every so many epochs, the first and the last; the table has them all.

    Raises:
        ValueError: there is another `log.csv` in the folder; when the training begins.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
        gan.compile()
        gan.fit(images, epochs=2, callbacks=[ganzoo.callbacks.LossCurves("run")])
        ```
    """

    def __init__(self, folder: str | os.PathLike[str], every: int = 1) -> None:
        super().__init__()
        self.every = checked_every(every)
        self.folder = folder_at(folder)
        self._careful = Careful("curves")
        self._log: Log = {}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        with self._careful():
            self._log = read(self.folder / "log.csv")

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Forget what an earlier training logged after this epoch."""
        self._log = {number: row for number, row in self._log.items() if number <= epoch}

    @timed
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._log[epoch + 1] = {name: float(value) for name, value in (logs or {}).items()}
        with self._careful():
            write(self.folder / "log.csv", self._log)
            if self.due(epoch):
                self._draw()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Draw the epochs since, where the training ended early."""
        if self._log and not self.due(max(self._log) - 1):
            with self._careful():
                self._draw()

    def _draw(self) -> None:
        with whole_file(self.folder / "curves.png") as partial:
            line_charts(charts(self._log)).save(partial)


def charts(log: Log) -> dict[str, Lines]:
    """Return the lines of each chart by its title."""
    found: dict[str, dict[str, list[float]]] = {}
    for name in names(log):
        line = [log.get(epoch, {}).get(name, math.nan) for epoch in range(1, max(log) + 1)]
        found.setdefault(title(name), {})[name] = line
    return dict(found)


def title(name: str) -> str:
    """Return the title of the chart that a number of the logs belongs to."""
    kind = name.removeprefix("val_")
    if kind.endswith("loss"):
        return "losses"
    return "scores D(x) and D(G(z))" if kind in ("real_score", "fake_score") else kind


def names(log: Log) -> list[str]:
    """Return the names in the logs, each once."""
    return list(dict.fromkeys(name for row in log.values() for name in row))


def read(path: Path) -> Log:
    """Return what `write` has written, or nothing where it has not."""
    if not path.exists():
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return {
            int(row.pop("epoch")): {name: float(value) for name, value in row.items() if value}
            for row in rows
        }
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise ValueError(f"{path} is not a log of LossCurves: choose another folder.") from error


def write(path: Path, log: Log) -> None:
    """Write a table with a line for each epoch, whole or not at all."""
    with whole_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, ["epoch", *names(log)])
        table.writeheader()
        table.writerows({"epoch": epoch, **row} for epoch, row in sorted(log.items()))
