"""What a whole run costs beside its steps: callbacks at the ends of epochs, and memory over time.

`KERAS_BACKEND=jax python benchmarks/whole_run.py`: the share of sample grids and checkpoints in an
epoch of MNIST's size, and whether 2,000 steps need more memory than the first 200.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median

import keras
import numpy as np

import ganzoo
from referee import BATCH_SIZE, MNIST_BYTES

EPOCH_STEPS = 938  # of MNIST
EPOCHS, STEPS = 4, 60  # that are measured
LONG_RUN, WARM_UP = 2000, 200  # steps


class Stopwatch(keras.callbacks.Callback):
    """Takes the seconds of each step, and of all that other callbacks do at an epoch's end.

    The first of the callbacks starts the clock, the last stops it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[float] = []
        self.ends: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        self.begun = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        float(logs["generator_loss"])  # waits for what is still being computed
        self.steps.append(time.perf_counter() - self.begun)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.begun = time.perf_counter()


class Last(keras.callbacks.Callback):
    """Stops the clock of the epoch's end."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        super().__init__()
        self.stopwatch = stopwatch

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.stopwatch.ends.append(time.perf_counter() - self.stopwatch.begun)


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
    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        callbacks = [
            stopwatch,
            ganzoo.callbacks.SampleGrid(Path(folder, "samples")),
            keras.callbacks.CSVLogger(Path(folder, "log.csv")),
            ganzoo.callbacks.ExactResume(Path(folder, "checkpoints")),
            Last(stopwatch),
        ]
        gan.fit(images, epochs=EPOCHS, steps_per_epoch=STEPS, verbose=0, callbacks=callbacks)
    epoch, end = EPOCH_STEPS * median(stopwatch.steps), median(stopwatch.ends)
    print(f"an epoch of MNIST {epoch:6.1f} s, its callbacks {end:5.2f} s: {end / epoch:.1%}")


def growth() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4096, 28, 28, 1), "uint8")
    gan = ganzoo.DCGAN((28, 28, 1), base_filters=8, seed=0)
    gan.compile()
    memory = Memory()
    gan.fit(images, batch_size=BATCH_SIZE, steps_per_epoch=LONG_RUN, verbose=0, callbacks=[memory])
    before, after = memory.megabytes
    print(f"memory after {WARM_UP} steps {before:.0f} MB, after {LONG_RUN:,} {after:.0f} MB")


if __name__ == "__main__":
    print(f"{keras.backend.backend()}, {os.cpu_count()} cores")
    callbacks_share()
    growth()
