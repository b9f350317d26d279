"""A program that trains up to an epoch, and goes on where another has stopped.

`python resuming.py DEVICES FOLDER EPOCHS FILE`: checkpoints lie in the folder; the file gets all
values that training changes.
"""

import sys

from started import BACKEND, RANK, scope  # first  # isort: skip
import keras
import numpy as np

import ganzoo
from ganzoo.augmentation import AdaptiveAugmentation, Flip

FOLDER, EPOCHS, FILE = sys.argv[2], int(sys.argv[3]), sys.argv[4]
IMAGES = np.random.default_rng(0).integers(0, 256, (37, 12, 8, 1), dtype="uint8")


def main():
    with scope():
        gan = ganzoo.DCGAN((12, 8, 1), 5, base_filters=4, seed=3, dtype="float64")
        options = {"jit_compile": False} if BACKEND == "tensorflow" else {}
        gan.compile(augmentation=AdaptiveAugmentation([Flip()], 0.5, images=999), **options)
        checkpoints = ganzoo.callbacks.ExactResume(FOLDER)
        gan.fit(IMAGES, batch_size=8, epochs=EPOCHS, verbose=0, callbacks=[checkpoints])
        values = [*gan.variables, *gan.optimizer.variables]
        values = [keras.ops.convert_to_numpy(each) for each in values]
    if RANK == "0":
        np.savez(FILE, *values)


main()
