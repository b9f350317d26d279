"""FID of the plain networks on CIFAR-10, unconditional: `python benchmarks/cifar10.py`.

The paper's networks and loss, mirrored images, a discriminator kept from winning (a small R1
penalty, noise that fades), and learning rates that fall to zero along half a cosine; the best epoch
by random features is kept. Its samples are scored by Inception against as many images of the test
set. It is a run of `ganzoo.runs.train`. Killed? Run it again: it goes on.
"""

import argparse
import math
from pathlib import Path

import keras

import ganzoo
from ganzoo.augmentation import Augmentation, InstanceNoise
from ganzoo.penalties import R1

BATCH_SIZE, SEED = 64, 0


def train(options: argparse.Namespace) -> ganzoo.DCGAN:
    """Train to the last epoch from where the folder stands, and return the best."""
    images = ganzoo.datasets.read("cifar10", labels=False)
    gan = ganzoo.DCGAN(
        images.image_shape, base_filters=options.base_filters, dtype=options.dtype, seed=SEED
    )
    rounds = options.epochs * math.ceil(len(images) / BATCH_SIZE)
    schedule = keras.optimizers.schedules.CosineDecay(2e-4, rounds)
    gan.compile(
        *(keras.optimizers.Adam(schedule, beta_1=0.5) for _ in range(2)),
        penalties=[R1(0.05)],
        augmentation=Augmentation([InstanceNoise(0.1, rounds)]),
    )
    best = ganzoo.callbacks.BestSnapshot(options.out / "best.keras", images.images, every=4)
    ganzoo.runs.train(
        gan,
        images,
        options.out,
        options.epochs,
        BATCH_SIZE,
        flip=True,
        callbacks=[best],
        verbose=2,
    )
    return gan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--base-filters", type=int, default=32, help="64 is the paper's")
    parser.add_argument("--dtype", default="mixed_bfloat16", help="faster than float32 on torch")
    parser.add_argument("--out", type=Path, default=Path("runs", "cifar10"))
    options = parser.parse_args()
    gan = train(options)
    test, _ = ganzoo.datasets.load("cifar10", "test")
    evaluation = ganzoo.metrics.evaluate(test, gan, "inception", ["fid", "kid"], n=len(test))
    print(evaluation)
    evaluation.save(options.out / "scores.json")


if __name__ == "__main__":
    main()
