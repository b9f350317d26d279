"""FID of the plain networks on CIFAR-10, unconditional: `python benchmarks/cifar10.py`.

The paper's networks and loss, mirrored images, a discriminator kept from winning (a small R1
penalty, noise that fades), and learning rates that fall to zero along half a cosine; the best epoch
by random features is kept. Its samples are scored by Inception against as many images of the test
set. The run's folder holds samples after each epoch, curves and checkpoints. Killed? Run it again:
it goes on.
"""

import argparse
from pathlib import Path

import keras

import ganzoo
from ganzoo.augmentation import Augmentation, InstanceNoise
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.penalties import R1

SEED = 0


def train(options: argparse.Namespace) -> ganzoo.DCGAN:
    """Train to the last epoch from where the folder stands, and return the best."""
    images, _ = ganzoo.datasets.load("cifar10")
    batches = ImageArrays(images, batch_size=64, flip=True, seed=SEED)
    gan = ganzoo.DCGAN(
        images.shape[1:], base_filters=options.base_filters, dtype=options.dtype, seed=SEED
    )
    rounds = options.epochs * batches.steps
    schedule = keras.optimizers.schedules.CosineDecay(2e-4, rounds)
    gan.compile(
        *(keras.optimizers.Adam(schedule, beta_1=0.5) for _ in range(2)),
        penalties=[R1(0.05)],
        augmentation=Augmentation([InstanceNoise(0.1, rounds)]),
    )
    gan.fit(
        batches,
        epochs=options.epochs,
        verbose=2,
        callbacks=[
            ganzoo.callbacks.BestSnapshot(options.out / "best.keras", images, every=4),
            ganzoo.callbacks.SampleGrid(options.out / "samples", n=100),
            ganzoo.callbacks.LossCurves(options.out),
            ganzoo.callbacks.ExactResume(options.out / "checkpoints"),
        ],
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
    samples = gan.generate(len(test), seed=SEED)
    evaluation = ganzoo.metrics.evaluate(test, samples, "inception", ["fid", "kid"])
    print(evaluation)
    evaluation.save(options.out / "scores.json")


if __name__ == "__main__":
    main()
