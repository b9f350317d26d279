"""A program for two processes: train for four epochs in FOLDER, and end in the middle as asked.

`python stopped.py FOLDER HOW`, started as torchrun does. HOW is `whole`, `terminated` (process 1
gets a SIGTERM at the seventh step), `interrupted` (process 0 a Ctrl-C) or `killed` (process 1).
"""

import os
import signal
import sys
from pathlib import Path

import ganzoo  # isort: skip
import keras
import numpy as np

from ganzoo.callbacks import ExactResume

FOLDER, HOW = Path(sys.argv[1]), sys.argv[2]
NUMBER = int(os.environ.get("RANK", 0))
WHO = {"terminated": (1, signal.SIGTERM), "interrupted": (0, signal.SIGINT)}
WHO["killed"] = (1, signal.SIGKILL)


def end(step):
    number, what = WHO.get(HOW, (None, None))
    if number == NUMBER and step == 7:
        os.kill(os.getpid(), what)


def main():
    images = np.random.default_rng(0).integers(0, 256, (40, 12, 8, 1), dtype="uint8")
    gan = ganzoo.DCGAN((12, 8, 1), latent_dim=4, base_filters=4, seed=0, dtype="float64")
    gan.compile()
    play = gan._train_round
    gan._train_round = lambda data: (end(int(gan.optimizer.iterations)), play(data))[1]
    gan.fit(images, batch_size=8, epochs=4, verbose=0, callbacks=[ExactResume(FOLDER)])
    values = [*gan.variables, *gan.optimizer.variables]
    state = {f"{i}": keras.ops.convert_to_numpy(each) for i, each in enumerate(values)}
    np.savez(FOLDER / f"state-{NUMBER}.npz", **state)


main()
