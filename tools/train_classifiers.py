"""Train the bundled classifiers: `nox -s train_classifiers -- digits`. Killed? Run it again.

The recipe of each is data. A run's folder holds its checkpoints and `log.csv`; a finished
run is not trained further. At the end, the weights are written into the package in half
precision, the accuracy on the test set is measured with what was written, and the record for
`ganzoo/metrics/extractors/classifiers.py` is printed.
"""

import argparse
import dataclasses
from pathlib import Path

import keras
import numpy as np

import ganzoo
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.files import whole_file
from ganzoo.metrics.extractors import classifiers
from ganzoo.storage import save_tensors, sha256
from ganzoo.types import ImageShape

BATCH_SIZE = 128
LEARNING_RATE = 2e-3  # falling to zero along half a cosine
WEIGHT_DECAY = 0.05
RECIPES = {  # digits are shifted; the others are mirrored too, and lose a rectangle
    "digits": {"dataset": "mnist", "epochs": 12, "seed": 0, "flip": False, "erase": False},
    "fashion": {"dataset": "fashion_mnist", "epochs": 15, "seed": 0, "flip": True, "erase": True},
    "objects": {"dataset": "cifar10", "epochs": 15, "seed": 0, "flip": True, "erase": True},
}
FARTHEST = 2  # pixels that an image is shifted
SIDES = (4, 12)  # pixels of an erased rectangle


class Augmented(ImageArrays):
    """Batches of images that are shifted, and mirrored or erased in part where the recipe says."""

    def __init__(self, *arrays, erase, **options):
        super().__init__(*arrays, **options)
        self.erase = erase

    def batch(self, epoch, index):
        images, labels = super().batch(epoch, index)
        random = np.random.default_rng([self.seed, epoch, index])
        images = shifted(images, random)
        return (erased(images, random) if self.erase else images), labels


def shifted(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Shift each image by up to `FARTHEST` pixels along both axes, black coming in."""
    n, height, width, _ = images.shape
    wide = np.pad(images, ((0, 0), (FARTHEST, FARTHEST), (FARTHEST, FARTHEST), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (height, width), axis=(1, 2))
    rows, columns = random.integers(0, 2 * FARTHEST + 1, (2, n))
    return np.moveaxis(windows[np.arange(n), rows, columns], 1, -1)


def erased(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Make a rectangle of each image black, or what of it lies within the image."""
    n, height, width, _ = images.shape
    inside = []
    for length in (height, width):
        side = random.integers(SIDES[0], SIDES[1] + 1, (n, 1))
        distance = np.arange(length) - random.integers(-side // 2, length, (n, 1))
        inside.append((0 <= distance) & (distance < side))
    rectangle = inside[0][:, :, None] & inside[1][:, None, :]
    return np.where(rectangle[..., None], 0, images).astype("uint8")


def with_batch_norm(plain: keras.Sequential) -> keras.Sequential:
    """Return a classifier's network with batch norm below every activation, for training."""
    model = keras.Sequential([keras.Input(plain.input_shape[1:])])
    for layer in plain.layers:
        config = layer.get_config()
        if config.get("activation") != "relu":
            model.add(type(layer).from_config(config))
            continue
        model.add(type(layer).from_config(config | {"activation": None, "use_bias": False}))
        model.add(keras.layers.BatchNormalization(name=f"{layer.name}_norm"))
        model.add(keras.layers.ReLU())
    return model


def folded(model: keras.Sequential) -> dict[str, np.ndarray]:
    """Return the weights of a classifier's network that computes what the trained one does."""
    weights = {}
    for name, weight in classifiers.named_weights(model).items():
        weights[name] = np.float64(keras.ops.convert_to_numpy(weight))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gain, shift, mean, variance = (
                weights.pop(f"{layer.name}.{each.name}") for each in layer.weights
            )
            below = layer.name.removesuffix("_norm")
            gain = gain / np.sqrt(variance + layer.epsilon)
            weights[f"{below}.kernel"] = weights[f"{below}.kernel"] * gain
            weights[f"{below}.bias"] = shift - mean * gain
    return weights


def train(name: str, folder: Path) -> keras.Sequential:
    """Train one classifier to the end of its recipe, from where its folder stands."""
    recipe = RECIPES[name]
    keras.utils.set_random_seed(recipe["seed"])
    batches = Augmented(
        *ganzoo.datasets.load(recipe["dataset"]),
        batch_size=BATCH_SIZE,
        seed=recipe["seed"],
        flip=recipe["flip"],
        erase=recipe["erase"],
    )
    resume = ganzoo.callbacks.ExactResume(folder / "checkpoints")
    if checkpoints := resume.checkpoints():
        model = keras.saving.load_model(checkpoints[-1])
    else:
        shape = classifiers.CLASSIFIERS[name].image_shape
        model = untrained(shape, recipe["epochs"] * batches.num_batches)
    start = int(model.optimizer.iterations) // batches.num_batches
    model.test_on_batch(*batches[0])  # builds what fit would else count an epoch to build
    log = keras.callbacks.CSVLogger(folder / "log.csv", append=True)
    batches.go_to(start)
    model.fit(
        batches,
        initial_epoch=start,
        epochs=recipe["epochs"],
        verbose=2,
        shuffle=False,  # the batches have their own order
        callbacks=[log, resume],
    )
    return model


def untrained(image_shape: ImageShape, steps: int) -> keras.Sequential:
    """Return the network to train, compiled for so many steps."""
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    model = with_batch_norm(classifiers.network(image_shape))
    model.compile(
        keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def accuracy(name: str) -> float:
    """Return the share of the test set that a classifier recognises, as it is stored."""
    stored = classifiers.classifier(name)
    images, labels = ganzoo.datasets.load(RECIPES[name]["dataset"], "test")
    seen = stored.probabilities(stored.features(images)).argmax(axis=-1)
    return round(float(np.mean(seen == labels)), 4)


def main(arguments: list[str] | None = None) -> None:
    """Train, write and measure the classifiers that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", choices=RECIPES)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    options = parser.parse_args(arguments)
    for name in options.names:
        run = options.runs / name
        run.mkdir(parents=True, exist_ok=True)
        weights = folded(train(name, run))
        path = classifiers.WEIGHTS / f"{name}.safetensors"
        with whole_file(path) as partial:
            save_tensors(partial, weights)
        record = dataclasses.replace(classifiers.CLASSIFIERS[name], sha256=sha256(path))
        classifiers.CLASSIFIERS = {**classifiers.CLASSIFIERS, name: record}
        print(f"    {name!r}: {dataclasses.replace(record, accuracy=accuracy(name))!r},")


if __name__ == "__main__":
    main()
