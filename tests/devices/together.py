"""A program for two processes that train together: what each of them saw, as JSON in FOLDER.

`python together.py FOLDER SCENARIO...`, started as torchrun does.
"""

import json
import os
import sys
import warnings
from pathlib import Path

import ganzoo  # isort: skip
import keras
import numpy as np

from ganzoo.callbacks import ExactResume

FOLDER = Path(sys.argv[1])
NUMBER = int(os.environ["RANK"])
IMAGES = np.random.default_rng(0).integers(0, 256, (40, 12, 8, 1), dtype="uint8")


def model(**arguments):
    gan = ganzoo.DCGAN((12, 8, 1), latent_dim=4, base_filters=4, **arguments)
    gan.compile()
    return gan


def fit(gan, images=IMAGES, epochs=1, **options):
    return gan.fit(images, batch_size=8, epochs=epochs, verbose=0, **options)


def digest(gan):
    values = [*gan.variables, *gan.optimizer.variables]
    return [float(np.float64(keras.ops.convert_to_numpy(each)).sum()) for each in values]


def refusal(**options):
    try:
        fit(**options)
    except ValueError as error:
        return str(error)


class Seen(keras.callbacks.Callback):
    """Notes what it is called for."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(epoch)
        logs["score"] = 7.0 - epoch


class EndsAtStep(keras.callbacks.Callback):
    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if batch == self.step:
            self.model.stop_training = True


def without_a_seed():
    gan = model()
    fit(gan)
    return digest(gan)


def other_seeds():
    return refusal(gan=model(seed=NUMBER))


def other_images():
    return refusal(gan=model(seed=0), images=IMAGES[NUMBER:])


def other_recipes():
    gan = model(seed=0)
    gan.compile(loss="hinge" if NUMBER else "wasserstein")
    return refusal(gan=gan)


def odd_batch():
    try:
        model(seed=0).fit(IMAGES, batch_size=9, verbose=0)
    except ValueError as error:
        return str(error)


def callbacks_of_the_first():
    gan, seen = model(seed=0), Seen()
    stopping = keras.callbacks.EarlyStopping("score", mode="max", patience=1)
    rates = keras.callbacks.LearningRateScheduler(lambda epoch: 1e-3 / (1 + epoch))
    history = fit(gan, epochs=9, callbacks=[seen, stopping, rates])
    return {
        "called": seen.epochs,
        "history": history.history["score"],
        "rate": float(gan.optimizer.learning_rate),
        "state": digest(gan),
    }


def ends_at_a_step():
    gan = model(seed=0)
    fit(gan, epochs=3, callbacks=[EndsAtStep(1)])
    return int(gan.optimizer.iterations)


def warned():
    gan = model(seed=0)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        fit(gan, callbacks=[Warns()])
    return [str(each.message) for each in found if isinstance(each.message, UserWarning)]


class Warns(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        warnings.warn("a word", stacklevel=1)


def validation():
    gan = model(seed=0)
    return fit(gan, validation_data=IMAGES[:13]).history["val_discriminator_loss"]


def saved_once():
    gan = model(seed=0)
    fit(gan)
    (FOLDER / str(NUMBER)).mkdir()
    gan.save(FOLDER / str(NUMBER) / "gan.keras")
    gan.save_to_preset(FOLDER / str(NUMBER) / "preset")
    return sorted(each.name for each in (FOLDER / str(NUMBER)).iterdir())


def alone_again():
    gan = model(seed=0)
    fit(gan)
    images = gan.generate(7, seed=1)
    loss = gan.evaluate(IMAGES[:13], verbose=0)
    return [int(images.sum()), *loss]


def resumed():
    """Train to epoch 2 in three steps: one epoch, nothing more than that, and the rest."""
    gan = model(seed=0)
    for epochs in (1, 1, 2):
        fit(gan, epochs=epochs, callbacks=[ExactResume(FOLDER / "checkpoints")])
    return digest(gan)


def whole():
    gan = model(seed=0)
    fit(gan, epochs=2)
    return digest(gan)


if __name__ == "__main__":
    found = {name: globals()[name]() for name in sys.argv[2:]}
    (FOLDER / f"{NUMBER}.json").write_text(json.dumps(found))
