"""A program of several processes, one of which ends in the middle of a training.

`python ending.py DEVICES FOLDER SCENARIO`: writes what each of them says into the folder.
"""

import os
import signal
import sys
from pathlib import Path

from started import RANK, scope  # first  # isort: skip
import keras
import numpy as np

import ganzoo
from ganzoo.datasets.arrays import ImageArrays

FOLDER, SCENARIO = Path(sys.argv[2]), sys.argv[3]
IMAGES = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), dtype="uint8")


class Ends(keras.callbacks.Callback):
    """Of the first process, as all callbacks."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1 and SCENARIO == "a callback fails":
            raise OSError("no space")
        if epoch == 1 and SCENARIO == "the first is killed":
            os.kill(os.getpid(), signal.SIGKILL)


def of_the_second(batch):
    """Let something happen as the second process reads its sixth batch."""

    def read(arrays, epoch, index):
        if RANK == "1" and (epoch, index) == (1, 1):
            if SCENARIO == "another is killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if SCENARIO == "another fails":
                raise OSError("no such file")
        return batch(arrays, epoch, index)

    return read


def main():
    ImageArrays.batch = of_the_second(ImageArrays.batch)
    with scope():
        gan = ganzoo.DCGAN((8, 8, 1), 4, base_filters=4, seed=0)
        gan.compile()
        checkpoints = ganzoo.callbacks.ExactResume(FOLDER / "checkpoints")
        try:
            gan.fit(IMAGES, batch_size=8, epochs=3, verbose=0, callbacks=[checkpoints, Ends()])
        except Exception as error:
            (FOLDER / f"{RANK}.txt").write_text(f"{type(error).__name__}: {error}")
            raise


main()
