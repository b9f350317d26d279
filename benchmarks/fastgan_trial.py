"""FastGAN's choices at equal time of a processor: `python fastgan_trial.py train VARIANT OUT`.

Each variant trains for as many seconds of the processor, those of compiling left out, and draws
images into `OUT/VARIANT-SEED.npz`: at 64 pixels variants of the recipe, at 128 a DCGAN, a FastGAN,
one that has grown from 64 after two thirds of the time, and both families begun with a preset. The
images are the emoji, or those of `--data`, or few of them: `--images 100`. `python fastgan_trial.py
score OUT` prints the KID of what they drew with FID's network, beside that of other real images,
none of which a training from few has seen; nearest neighbours among those that it has seen are
drawn beside. One thread, or the seconds add up:

    export KERAS_BACKEND=tensorflow OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

import ganzoo
from ganzoo.augmentation import Augmentation
from ganzoo.datasets import ImageSet
from ganzoo.fastgan.fastgan_decoders import Reconstruction
from ganzoo.losses import Hinge
from ganzoo.metrics import extractors
from ganzoo.metrics.evaluate import Evaluator
from ganzoo.metrics.neighbours import draw_neighbours
from ganzoo.penalties import R1, R2
from ganzoo.types import Tensor

SIDE, LARGE = 64, 128
FILTERS = 16
ROUNDS = 25  # in an epoch, after which the clock is read
SMALL_SHARE = 2 / 3  # of the time of a model that grows
DRAWN, SCORED = 1000, 500
NEIGHBOURS = 8  # drawn images, beside the nearest real ones

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


def begun(preset: str) -> Build:
    """Return how a model begins with a preset's weights, without its classes."""
    shape = (LARGE, LARGE, 3)
    return lambda seed: ganzoo.from_preset(
        preset, image_shape=shape, num_classes=None, seed=seed, compile=False, verbose=False
    )


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
    "dcgan-tuned": (begun("art"), {"augmentation": Augmentation(), "frozen_stages": 0}),
    "tuned": (begun("emoji-128"), {}),
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


class Few(NamedTuple):
    """Which images are trained with: `count` of the data's, or all."""

    data: str
    count: int | None

    def of(self, side: int) -> tuple[ganzoo.datasets.ImageSet, np.ndarray]:
        """Return them, and those to compare with: the others, or all."""
        found = ganzoo.datasets.read(self.data, (side, side, 3), labels=False)
        rows = np.random.default_rng(0).permutation(len(found.images))
        return found.take(rows[: self.count]), found.images[rows[self.count or 0 :]]


def play(gan: ganzoo.GAN, few: Few, seconds: float, batch_size: int) -> int:
    """Train for so long, and return how many images were seen."""
    images, _ = few.of(gan.image_shape[0])
    clock = Clock(seconds)
    batches = images.batches(batch_size=batch_size, steps=ROUNDS, seed=gan.seed)
    gan.fit(batches, epochs=10**6, verbose=0, callbacks=[clock])
    return clock.epochs * ROUNDS * batch_size


def grown(gan: ganzoo.GAN) -> ganzoo.GAN:
    """Return the model of twice the size that begins as this one."""
    with TemporaryDirectory() as folder:
        gan.save_to_preset(folder)
        return ganzoo.from_preset(folder, image_shape=(LARGE, LARGE, 3), compile=False)


def train(variant: str, few: Few, out: Path, seed: int, seconds: float) -> None:
    """Train a variant, draw with it, and keep what it draws."""
    build, options = VARIANTS[variant]
    gan = build(seed)
    gan.compile(**options)
    batch_size = 32 if isinstance(gan, ganzoo.DCGAN) else gan.batch_size
    first = SMALL_SHARE * seconds if variant == "grown" else seconds
    seen = play(gan, few, first, batch_size)
    if variant == "grown":
        gan = grown(gan)
        gan.compile(**options)
        seen += play(gan, few, seconds - first, batch_size)
    out.mkdir(parents=True, exist_ok=True)
    gan.save_to_preset(out / f"{variant}-{seed}")
    images = gan.generate(DRAWN, seed=0)
    np.savez(out / f"{variant}-{seed}.npz", images=images, seen=seen)
    neighbours = draw_neighbours(
        few.of(images.shape[1])[0].images, images[:NEIGHBOURS], extractors.get("random")
    )
    neighbours.save(out / f"{variant}-{seed}-neighbours.png")
    ganzoo.pictures.image_grid(images[:64]).save(out / f"{variant}-{seed}.png")
    print(f"{variant}, seed {seed}: {seen:,} images", flush=True)


def score(few: Few, out: Path) -> None:
    """Print the distances of all variants from real images of their size."""
    judges: dict[int, tuple[Evaluator, float]] = {}  # by size, and the distance of other real ones
    for path in sorted(out.glob("*.npz")):
        with np.load(path) as held:
            images, seen = held["images"][:SCORED], int(held["seen"])
        side = images.shape[1]
        if side not in judges:
            real, others = np.array_split(few.of(side)[1], 2)
            kid = Evaluator(ImageSet(real), "inception", ["kid"], labelled=False)
            judges[side] = kid, distance(kid, others)
        kid, floor = judges[side]
        print(f"| {path.stem} | {seen:,} | {distance(kid, images):.1f} | {floor:.1f} |", flush=True)


def distance(kid: Evaluator, images: np.ndarray) -> float:
    return 1000 * kid(ImageSet(images)).scores["kid"]


def main(arguments: list[str] | None = None) -> None:
    """Train one variant, or score what all drew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["train", "score"])
    parser.add_argument("variant", nargs="?", choices=VARIANTS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=360.0)
    parser.add_argument("--data", default="emoji")
    parser.add_argument("--images", type=int, help="so many of them (default: all)")
    options = parser.parse_args(arguments)
    few = Few(options.data, options.images)
    if options.task == "score":
        score(few, options.out)
    else:
        train(options.variant, few, options.out, options.seed, options.seconds)


if __name__ == "__main__":
    main()
