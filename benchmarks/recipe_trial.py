"""Recipes at equal time of one core, and what orders their epochs: `python recipe_trial.py -h`.

`train RECIPE OUT` trains on the emoji at 64 pixels, by class, for as many images as one core shows
in `--minutes`, and draws 500 images after each of 24 epochs into `OUT/RECIPE`. `score OUT` prints,
for each recipe, the distances of what was drawn from 1,000 real images: by Inception after some of
the epochs (KID x 1000), and by the quick extractors (FID) with the rank correlation of both orders.
`judge DATA CHECKPOINTS` does so for what the checkpoints of a run draw, 500 images each.
How many images that are was measured on an AMD EPYC with AVX-512 BF16, in PyTorch:

    export KERAS_BACKEND=torch OMP_NUM_THREADS=1
"""

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

import ganzoo
from ganzoo import recipes
from ganzoo.datasets import ImageSet
from ganzoo.metrics import extractors
from ganzoo.metrics.evaluate import Evaluator

SIDE, EPOCHS, DRAWN, COMPARED = 64, 24, 500, 1000
SCORED = (1, 2, 3, 6, 10, 18, 21, 24)  # epochs that Inception looks at
HALF = {"dtype": "mixed_bfloat16"}
METRICS = {"inception": "kid"} | dict.fromkeys(extractors.QUICK, "fid")
FEW = {"augmentation": recipes.get("few").augmentation}


class Trial(NamedTuple):
    """A family, its recipe and batches, and the images that a core shows in a second."""

    family: type[ganzoo.GAN]
    recipe: recipes.Recipe
    batch_size: int
    speed: float


SMALL: dict[str, Any] = {"base_filters": 32, "discriminator_filters": 16}
TRIALS = {
    "balanced": Trial(ganzoo.DCGAN, recipes.get("balanced", **SMALL, **FEW), 64, 289.0),
    "relativistic": Trial(
        ganzoo.DCGAN, recipes.get("relativistic", base_filters=32, **FEW, **HALF), 64, 176.0
    ),
    "fastgan": Trial(ganzoo.FastGAN, recipes.get("paper", base_filters=16, **HALF), 8, 38.2),
    "fastgan-rest": Trial(
        ganzoo.FastGAN,
        recipes.get("paper", base_filters=16, learning_rate_end=0.0, **HALF),
        8,
        38.2,
    ),
    "fastgan-f32": Trial(ganzoo.FastGAN, recipes.get("paper", base_filters=16), 8, 30.9),
}


class Draw(keras.callbacks.Callback):
    """Keeps what the model draws after each epoch."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        np.savez(self.folder / f"{epoch + 1:03d}.npz", images=self.model.generate(DRAWN, seed=1))


def train(name: str, out: Path, minutes: float) -> None:
    """Train by a recipe, from where its run stands."""
    trial = TRIALS[name]
    drawn = out / name / "drawn"
    drawn.mkdir(parents=True, exist_ok=True)
    steps = int(60 * minutes * trial.speed / trial.batch_size / EPOCHS)
    images = ganzoo.datasets.read("emoji", (SIDE, SIDE, 3))
    gan: Any = trial.family
    gan = gan(
        (SIDE, SIDE, 3), class_names=images.class_names, seed=0, **trial.recipe.model(trial.family)
    )
    gan.compile(**trial.recipe.training(EPOCHS * steps))
    run = {"steps_per_epoch": steps, "watch_every": 1, "verbose": 2}
    ganzoo.runs.train(
        gan, images, out / name / "run", EPOCHS, trial.batch_size, callbacks=[Draw(drawn)], **run
    )
    print(f"{name}: {EPOCHS * steps * trial.batch_size:,} images")


def score(out: Path) -> None:
    """Print the distances of all recipes' images from real ones."""
    judges = judges_of("emoji")
    for folder in sorted(path for path in out.iterdir() if (path / "drawn").is_dir()):
        drawn = []
        for epoch in SCORED:
            with np.load(folder / "drawn" / f"{epoch:03d}.npz") as held:
                drawn.append(held["images"])
        compare(folder.name, drawn, judges)


def judge(data: str, checkpoints: list[Path]) -> None:
    """Print the distances of what checkpoints draw from the images that they learned from."""
    gans = map(keras.saving.load_model, checkpoints)
    compare(data, [gan.generate(DRAWN, seed=1) for gan in gans], judges_of(data))


def judges_of(data: str) -> dict[str, Evaluator]:
    """Return what measures the distance from a dataset's images, by extractors."""
    real = ganzoo.datasets.read(data, (SIDE, SIDE, 3), labels=False).images
    real = real[np.random.default_rng(0).permutation(len(real))[:COMPARED]]
    return {
        name: Evaluator(ImageSet(real), name, [metric], labelled=False)
        for name, metric in METRICS.items()
    }


def compare(name: str, drawn: list[np.ndarray], judges: dict[str, Evaluator]) -> None:
    """Print a row for each judge: its distances, and how its order follows Inception's."""
    found: dict[str, list[float]] = {}
    for extractor, judge in judges.items():
        found[extractor] = [distance(judge, images) for images in drawn]
        order = rank_correlation(found["inception"], found[extractor])
        row = " | ".join(f"{each:.1f}" for each in found[extractor])
        print(f"| {name}, {extractor} | {row} | {order:.2f} |", flush=True)


def distance(judge: Evaluator, images: np.ndarray) -> float:
    """Return the distance of images from real ones; of KID, a thousandfold."""
    (metric, score), *_ = judge(ImageSet(images)).scores.items()
    return 1000 * score if metric == "kid" else score


def rank_correlation(one: list[float], other: list[float]) -> float:
    """Return Spearman's rank correlation."""
    ranks = [np.argsort(np.argsort(each)) for each in (one, other)]
    return float(np.corrcoef(ranks)[0, 1])


def main(arguments: list[str] | None = None) -> None:
    """Train by one recipe, or score what all drew, or what checkpoints draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    tasks = parser.add_subparsers(dest="task", required=True)
    training = tasks.add_parser("train")
    training.add_argument("recipe", choices=TRIALS)
    training.add_argument("out", type=Path)
    training.add_argument("--minutes", type=float, default=15.0)
    scoring = tasks.add_parser("score")
    scoring.add_argument("out", type=Path)
    judging = tasks.add_parser("judge")
    judging.add_argument("data")
    judging.add_argument("checkpoints", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    if options.task == "train":
        train(options.recipe, options.out, options.minutes)
    elif options.task == "score":
        score(options.out)
    else:
        judge(options.data, options.checkpoints)


if __name__ == "__main__":
    main()
