"""A program that does with a model on some devices whatever one does with a model.

`python uses.py DEVICES FOLDER`: writes `numbers.npz` into the folder.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from started import BACKEND, RANK, scope  # first  # isort: skip
import keras
import numpy as np

import ganzoo
from ganzoo import callbacks

FOLDER = Path(sys.argv[2])
EXPORTED = {"jax": "gan.onnx", "torch": "gan.pt2", "tensorflow": "gan.tflite"}[BACKEND]
random = np.random.default_rng(0)
IMAGES = random.integers(0, 256, (29, 16, 12, 1), dtype="uint8")
LABELS = np.arange(29) % 3
FEW = IMAGES[:7], LABELS[:7]
numbers = {}


def note(place, **found):
    numbers.update({f"{place}/{name}": np.asarray(value) for name, value in found.items()})


def use(gan, place):
    """Draw, look and judge, of numbers of images that no devices share out evenly."""
    latents = gan.latents(5, seed=1)
    note(place, seven=gan.generate(7, seed=0), drawn=gan.draw(latents, labels=[0, 1, 2, 0, 1]))
    note(place, features=gan.discriminator_features(FEW[0]))
    note(place, judged=gan.evaluate(*FEW, batch_size=3, verbose=0))
    note(place, one=gan.evaluate(IMAGES[:1], LABELS[:1], verbose=0))


def save(gan, place):
    """Save in every way, and load."""
    gan.save(FOLDER / "gan.keras")
    gan.save_to_preset(FOLDER / "preset")
    if BACKEND != "jax" or find_spec("jax2onnx"):
        gan.export(FOLDER / EXPORTED)
    loaded = keras.saving.load_model(FOLDER / "gan.keras")
    note(place, loaded=loaded.generate(3, seed=0))
    preset = ganzoo.DCGAN.from_preset(FOLDER / "preset")
    note(place, preset=preset.generate(3, seed=0))
    found = ganzoo.latents.invert(gan, FEW[0][:3], restarts=1, steps=5)
    note(place, latents=found.latents, errors=found.errors)


class Uses(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        use(self.model, f"epoch {epoch}")
        if epoch:
            save(self.model, "within fit")


def main():
    with scope():
        gan = ganzoo.DCGAN((16, 12, 1), 5, 3, base_filters=4, seed=3)
        options = {"jit_compile": False} if BACKEND == "tensorflow" else {}
        gan.compile(**options)
        print("before", flush=True)
        trained = gan.fit(
            IMAGES,
            LABELS,
            batch_size=8,
            epochs=2,
            verbose=0,
            validation_data=FEW,
            callbacks=[
                callbacks.SampleGrid(FOLDER / "grids", n=7),
                callbacks.EvaluateSamples(FEW[0], "random", n=7),
                callbacks.BestSnapshot(FOLDER / "best.keras", FEW[0], n=7),
                callbacks.ExactResume(FOLDER / "checkpoints"),
                Uses(),
            ],
        )
        on_batch = [gan.train_on_batch(IMAGES[:8], LABELS[:8]) for _ in range(2)]
        note("a batch", trained=on_batch, judged=gan.test_on_batch(*FEW))
        if RANK == "0":
            use(gan, "within the scope")
    if RANK == "0":
        note("history", **trained.history)
        use(gan, "outside of the scope")
        save(gan, "outside of the scope")
        np.savez(FOLDER / "numbers.npz", **numbers)


main()
