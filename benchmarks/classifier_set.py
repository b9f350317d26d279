"""Do generated digits help a classifier? `python benchmarks/classifier_set.py`.

A small network learns from 20, 100 or 1,000 digits of MNIST, equally many of each class: alone, or
with half of each batch drawn by a GAN; as they are, or all moved by up to two pixels. One GAN is
the preset `mnist`, which has seen 60,000 digits, and one has learnt from these few alone, by the
recipe `few` without changes of colour. All trainings of the classifier take as many steps. Prints
the mean and the standard deviation over seeds of the accuracy on the 10,000 test digits; each seed
draws other digits and other first weights. Needs the dataset; a quarter of an hour of one core.
"""

import argparse

import keras
import numpy as np
from keras import layers

import ganzoo
from ganzoo.metrics import classifier

COUNTS = (20, 100, 1_000)
STEPS, BATCH = 300, 64
MOST, MOVED = 2, ("", ", moved")
SAMPLES = 3_000
GAN_BATCH = 32
FOR_DIGITS = {"augmentation": ("translation", "cutout"), "learning_rate": 6e-4}


def few_of_each(labels, count, random):
    rows = [np.flatnonzero(labels == label) for label in range(10)]
    return np.concatenate([random.choice(each, count // 10, replace=False) for each in rows])


def moved(images, random):
    """Move each image by up to two pixels, on black."""
    padded = np.pad(images, ((0, 0), (MOST, MOST), (MOST, MOST), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, images.shape[1:3], axis=(1, 2))
    y, x = random.integers(2 * MOST + 1, size=(2, len(images)))
    return windows[np.arange(len(images)), y, x].transpose(0, 2, 3, 1)


def trained_on(images, labels, rounds, seed):
    """Return a GAN that has seen these images alone."""
    gan = ganzoo.DCGAN(
        images.shape[1:], num_classes=10, base_filters=32, discriminator_filters=16, seed=seed
    )
    gan.compile(**ganzoo.recipes.get("few", **FOR_DIGITS).training())
    order = np.random.default_rng(seed).integers(len(images), size=rounds * GAN_BATCH)
    gan.fit(images[order], labels[order], batch_size=GAN_BATCH, verbose=0)
    return gan


def accuracy(sources, shifted, test, seed):
    """Return the accuracy of a network that has seen equally much of each source."""
    random = np.random.default_rng(seed)
    chosen = random.integers(len(sources), size=STEPS * BATCH)
    images = np.empty((STEPS * BATCH, 28, 28, 1), np.uint8)
    labels = np.empty(STEPS * BATCH, np.int32)
    for number, (some, classes) in enumerate(sources):
        rows = random.integers(len(some), size=(chosen == number).sum())
        images[chosen == number], labels[chosen == number] = some[rows], classes[rows]
    if shifted:
        images = moved(images, random)
    keras.utils.set_random_seed(seed)
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 5, strides=2, activation="relu"),
            layers.Conv2D(32, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(2e-3), loss, metrics=["accuracy"])
    network.fit(images, labels, batch_size=BATCH, shuffle=False, verbose=0)
    return network.evaluate(*test, batch_size=500, verbose=0)[1]


def drawn(gan, seed):
    """Return samples of all classes, and the share that is recognised as what was asked for."""
    images, labels = gan.generate(SAMPLES, seed=seed), np.arange(SAMPLES) % 10
    judge = classifier("digits")
    taken = judge.probabilities(judge.features(images)).argmax(axis=-1)
    return (images, labels), (taken == labels).mean()


def measure(training, test, of_preset, rounds, seed):
    """Yield what was measured, a name and a share each."""
    for name, source in {"60,000 digits": training, "preset alone": of_preset}.items():
        for shifted in (False, True):
            yield f"{name}{MOVED[shifted]}", accuracy([source], shifted, test, seed)
    images, labels = training
    for count in COUNTS:
        chosen = few_of_each(labels, count, np.random.default_rng(seed))
        real = images[chosen], labels[chosen]
        own, share = drawn(trained_on(*real, rounds, seed), seed)
        yield f"{count:,} digits, recognised of its GAN's", share
        ways = {"alone": [real], "own GAN": [real, own], "preset": [real, of_preset]}
        for name, sources in ways.items():
            for shifted in (False, True):
                share = accuracy(sources, shifted, test, seed)
                yield f"{count:,} digits, {name}{MOVED[shifted]}", share


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=range(5))
    parser.add_argument("--rounds", type=int, default=1_000, help="of the GANs of few digits")
    asked = parser.parse_args()
    training, test = (ganzoo.datasets.load("mnist", split) for split in ("train", "test"))
    preset = ganzoo.from_preset("mnist", compile=False)
    results = {}
    for seed in asked.seeds:
        of_preset, _ = drawn(preset, seed)
        for name, share in measure(training, test, of_preset, asked.rounds, seed):
            print(f"{seed}: {name}: {share:.4f}", flush=True)
            results.setdefault(name, []).append(share)
    for name, shares in results.items():
        print(f"| {name} | {np.mean(shares):.1%} | {np.std(shares):.1%} |")


if __name__ == "__main__":
    main()
