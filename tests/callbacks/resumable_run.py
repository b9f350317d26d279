"""A training to be killed.

`python resumable_run.py FOLDER EPOCHS [--each-step] [--die-in-write EPOCH]`
"""

import os
import signal
import sys
from pathlib import Path

import keras
import numpy as np

import ganzoo


def main():
    folder, epochs = Path(sys.argv[1]), int(sys.argv[2])
    if "--die-in-write" in sys.argv:
        doomed = int(sys.argv[-1])
        rename = os.replace

        def die_or_rename(partial, path):
            if Path(path).stem == f"epoch-{doomed:06d}":
                os.kill(os.getpid(), signal.SIGKILL)
            rename(partial, path)

        os.replace = die_or_rename
    minutes = 1e-9 if "--each-step" in sys.argv else None
    images = np.random.default_rng(0).integers(0, 256, (52, 8, 8, 1), dtype="uint8")
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, num_classes=2, base_filters=4, seed=5)
    gan.compile()
    gan.fit(
        images,
        np.arange(52) % 2,
        batch_size=8,
        epochs=epochs,
        verbose=0,
        callbacks=[
            ganzoo.callbacks.ExactResume(folder, minutes=minutes),
            keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda epoch, logs: print(f"epoch {epoch}", flush=True)
            ),
        ],
    )
    state = gan.variables + gan.optimizer.variables
    arrays = {f"{i:03}": keras.ops.convert_to_numpy(v) for i, v in enumerate(state)}
    np.savez(folder / "final.npz", **arrays)


main()
