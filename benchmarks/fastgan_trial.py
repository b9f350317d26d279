"""FastGAN's choices at equal time of a processor: `python fastgan_trial.py train VARIANT OUT`.

Each variant trains on the emoji for as many seconds of the processor, those of compiling left out,
and draws images into `OUT/VARIANT-SEED.npz`: at 64 pixels variants of the recipe, at 128 a DCGAN, a
FastGAN, and one that has grown from 64 after two thirds of the time. `python fastgan_trial.py score
OUT` prints their KID with FID's network, beside that of other real images. One thread, or the
seconds add up:

    export KERAS_BACKEND=tensorflow OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1
"""

import argparse
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
from keras import ops

import ganzoo
from ganzoo.augmentation import Augmentation
from ganzoo.fastgan.fastgan_decoders import Reconstruction
from ganzoo.losses import Hinge
from ganzoo.penalties import R1, R2
from ganzoo.types import Tensor

SIDE, LARGE = 64, 128
FILTERS = 16
ROUNDS = 25  # in an epoch, after which the clock is read
SMALL_SHARE = 2 / 3  # of the time of a model that grows
DRAWN, SCORED = 1000, 500

Build = Callable[[int], ganzoo.GAN]


class Squares(Reconstruction):
    """The mean of squared differences in place of absolute ones."""

    def distance(self, differences: Tensor) -> Tensor:
        return ops.square(differences)


class SquaresGAN(ganzoo.FastGAN):
    """A FastGAN whose decoders are told of squared differences."""

    family = "squares"

    @staticmethod
    def build_auxiliary(arguments: Any, seed: int, dtype: Any) -> Reconstruction:
        return Squares(arguments, seed, dtype)


def model(kind: type[ganzoo.GAN] = ganzoo.FastGAN, side: int = SIDE, **options: Any) -> Build:
    options = {"base_filters": FILTERS} | options
    return lambda seed: kind((side, side, 3), seed=seed, **options)


WEIGHT = 0.0002 * SIDE**2 / 8  # of R1, as families' users found
VARIANTS: dict[str, tuple[Build, dict[str, Any]]] = {
    "nearest": (model(upsampling="nearest"), {}),
    "bilinear": (model(upsampling="bilinear"), {}),
    "r1": (model(), {"penalties": [R1(WEIGHT, every=16)]}),
    "squares": (model(SquaresGAN), {}),
    "one-margin": (model(), {"loss": Hinge()}),
    "relativistic": (model(), {"loss": "relativistic", "penalties": [R1(0.5), R2(0.5)]}),
    "dcgan": (model(ganzoo.DCGAN, LARGE, base_filters=32), {"augmentation": Augmentation()}),
    "large": (model(side=LARGE), {}),
    "grown": (model(), {}),
}


class Clock(keras.callbacks.Callback):
    """Stops a training after so many seconds of the processor, the first epoch left out."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.epochs = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if epoch == 0:
            self.begun = time.process_time()
            return
        self.epochs = epoch + 1
        self.model.stop_training = time.process_time() - self.begun > self.seconds


def play(gan: ganzoo.GAN, seconds: float, batch_size: int) -> int:
    """Train for so long, and return how many images were seen."""
    images = ganzoo.datasets.read("emoji", gan.image_shape, labels=False)
    clock = Clock(seconds)
    batches = images.batches(batch_size=batch_size, steps=ROUNDS, seed=gan.seed)
    gan.fit(batches, epochs=10**6, verbose=0, callbacks=[clock])
    return clock.epochs * ROUNDS * batch_size


def grown(gan: ganzoo.GAN) -> ganzoo.GAN:
    """Return the model of twice the size that begins as this one."""
    with TemporaryDirectory() as folder:
        gan.save_to_preset(folder)
        return ganzoo.from_preset(folder, image_shape=(LARGE, LARGE, 3), compile=False)


def train(variant: str, out: Path, seed: int, seconds: float) -> None:
    """Train a variant, draw with it, and keep what it draws."""
    build, options = VARIANTS[variant]
    gan = build(seed)
    gan.compile(**options)
    batch_size = 32 if variant == "dcgan" else gan.batch_size
    first = SMALL_SHARE * seconds if variant == "grown" else seconds
    seen = play(gan, first, batch_size)
    if variant == "grown":
        gan = grown(gan)
        gan.compile(**options)
        seen += play(gan, seconds - first, batch_size)
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / f"{variant}-{seed}.npz", images=gan.generate(DRAWN, seed=0), seen=seen)
    print(f"{variant}, seed {seed}: {seen:,} images", flush=True)


def score(out: Path) -> None:
    """Print the distances of all variants from real images of their size."""
    for path in sorted(out.glob("*.npz")):
        with np.load(path) as held:
            images, seen = held["images"][:SCORED], int(held["seen"])
        real, others = of_real(images.shape[1])
        found = [1000 * kid(real, each) for each in (images, others)]
        print(f"| {path.stem} | {seen:,} | {found[0]:.1f} | {found[1]:.1f} |", flush=True)


@cache
def of_real(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return real images to compare with, and others."""
    real = ganzoo.datasets.read("emoji", (side, side, 3), labels=False).images
    rows = np.random.default_rng(0).permutation(len(real))
    return real[rows[:DRAWN]], real[rows[DRAWN:]]


def kid(real: np.ndarray, images: np.ndarray) -> float:
    found = ganzoo.metrics.evaluate(real, images, "inception", metrics=["kid"], verbose=False)
    return found.scores["kid"]


def main(arguments: list[str] | None = None) -> None:
    """Train one variant, or score what all drew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["train", "score"])
    parser.add_argument("variant", nargs="?", choices=VARIANTS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=360.0)
    options = parser.parse_args(arguments)
    if options.task == "score":
        score(options.out)
    else:
        train(options.variant, options.out, options.seed, options.seconds)


if __name__ == "__main__":
    main()
