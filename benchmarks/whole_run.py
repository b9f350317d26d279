"""What a whole run costs beside its steps: callbacks at the ends of epochs, and memory over time.

`KERAS_BACKEND=jax python benchmarks/whole_run.py`: the share of all that `ganzoo.runs.train` does
after an epoch of MNIST's size, and whether 2,000 steps need more memory than the first 200.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

import keras
import numpy as np

import ganzoo
from ganzoo.callbacks import ExactResume
from ganzoo.callbacks.finite_losses import FiniteLosses
from referee import BATCH_SIZE, MNIST_BYTES
from table import begin, row

EPOCH_STEPS = 938  # of MNIST
EPOCHS, STEPS = 4, 60  # that are measured
LONG_RUN, WARM_UP = 2000, 200  # steps


class Stopwatch(FiniteLosses):
    """Takes the seconds of each step, and begins to take those of an epoch's end.

    `fit` puts it before all other callbacks, and what resumes behind them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        self.begun = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        float(logs["generator_loss"])  # waits for what is still being computed
        self.steps.append(time.perf_counter() - self.begun)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.begun = time.perf_counter()


class TimedResume(ExactResume):
    """Saves, and stops the clock of the epoch's end."""

    def __init__(self, folder: Path, stopwatch: Stopwatch) -> None:
        super().__init__(folder)
        self.stopwatch, self.ends = stopwatch, []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        self.ends.append(time.perf_counter() - self.stopwatch.begun)


class Memory(keras.callbacks.Callback):
    """Notes the process's memory after the warm-up and at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.megabytes: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if batch + 1 in (WARM_UP, LONG_RUN):
            resident = int(Path("/proc/self/statm").read_text().split()[1])
            self.megabytes.append(resident * os.sysconf("SC_PAGE_SIZE") / 2**20)


def callbacks_share() -> None:
    images = np.random.default_rng(0).integers(0, 256, (MNIST_BYTES // 784, 28, 28, 1), "uint8")
    gan = ganzoo.DCGAN((28, 28, 1), seed=0)
    gan.compile()
    with tempfile.TemporaryDirectory() as folder:
        stopwatch = Stopwatch()
        resume = TimedResume(Path(folder, "checkpoints"), stopwatch)
        ganzoo.runs.train(
            gan,
            images,
            folder,
            EPOCHS,
            steps_per_epoch=STEPS,
            callbacks=[stopwatch, resume],
            verbose=0,
        )
    epoch, end = EPOCH_STEPS * median(stopwatch.steps), median(resume.ends)
    share = f"its callbacks {end:.2f} s, {end / epoch:.1%}"
    row(keras.backend.backend(), "an epoch of MNIST", "runs.train", f"{epoch:.1f} s", beside=share)


def growth() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4096, 28, 28, 1), "uint8")
    gan = ganzoo.DCGAN((28, 28, 1), base_filters=8, seed=0)
    gan.compile()
    memory = Memory()
    gan.fit(images, batch_size=BATCH_SIZE, steps_per_epoch=LONG_RUN, verbose=0, callbacks=[memory])
    before, after = memory.megabytes
    what, earlier = f"memory after {LONG_RUN:,} steps", f"{before:.0f} MB after {WARM_UP}"
    row(keras.backend.backend(), what, "fit", f"{after:.0f} MB", beside=earlier)


if __name__ == "__main__":
    begin()
    callbacks_share()
    growth()
