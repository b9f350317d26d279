"""How far a training ends from its best epoch: `python tools/last_or_best.py`.

Small networks learn from MNIST, or from some of its images, once for each seed. After every epoch,
the averaged generator and the one that learns are both scored on images that no choice is made by:
FID of the features of the classifier of digits, against the test set, from latents of their own.
Averaging leaves the training as it is, so the one that learns is that of the plain recipe.
`BestSnapshot` chooses by its own scores, which see training images only. The table holds each final
score over the best one of its run, and how well the snapshot's scores order the epochs.
"""

import argparse
import csv
from pathlib import Path

import keras
import numpy as np

import ganzoo
from ganzoo.datasets import ImageSet
from ganzoo.metrics import extractors
from ganzoo.metrics.evaluate import Evaluator

SCORED = 2500  # generated images; of the test set, all
SEED = 1  # of their latents; the snapshot's is 0
STEPS = 157  # of 64 images; so many that 10,000 images take one epoch
COLUMNS = (
    "seed",
    "plain, last / best",
    "averaged, last / best",
    "snapshot / best",
    "plain, last",
    "averaged, last",
    "snapshot",
    "epoch",
    "rank correlation",
)


class HeldOut(keras.callbacks.Callback):
    """Scores both generators on the test set, into the log."""

    def __init__(self, evaluator: Evaluator) -> None:
        super().__init__()
        self.evaluator = evaluator

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Score what the learning generator and the averaged one draw."""
        latents = self.model.latents(SCORED, SEED)
        images = self.model.generator.predict(latents, batch_size=100, verbose=0)
        logs["plain"] = self.score(np.rint((images + 1) * 127.5).astype("uint8"))
        logs["averaged"] = self.score(self.model.generate(SCORED, seed=SEED))

    def score(self, images: np.ndarray) -> float:
        """Return the FID of images."""
        return self.evaluator(ImageSet(images)).scores["fid"]


def rank_correlation(one: list[float], other: list[float]) -> float:
    """Return Spearman's."""
    ranks = [np.argsort(np.argsort(each)) for each in (one, other)]
    return float(np.corrcoef(ranks)[0, 1])


def run(seed: int, options: argparse.Namespace, evaluator: Evaluator) -> list[float]:
    """Train once, and return the row of the table."""
    images, _ = ganzoo.datasets.load("mnist")
    images = images[np.random.default_rng(seed).permutation(len(images))[: options.images]]
    gan = ganzoo.DCGAN(images.shape[1:], base_filters=options.base_filters, seed=seed)
    gan.compile()
    folder, held_out = options.runs / f"seed-{seed}", HeldOut(evaluator)
    ganzoo.runs.train(
        gan,
        images,
        folder,
        options.epochs,
        steps_per_epoch=STEPS,
        callbacks=[held_out],
        verbose=0,
    )
    with (folder / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    plain, averaged, snapshot = (
        [float(row[name]) for row in rows] for name in ("plain", "averaged", "snapshot_fid")
    )
    final = held_out.score(gan.generate(SCORED, seed=SEED))
    return [
        plain[-1] / min(plain),
        averaged[-1] / min(averaged),
        final / min(averaged),
        plain[-1],
        averaged[-1],
        final,
        1 + int(np.argmin(snapshot)),
        rank_correlation(snapshot, averaged),
    ]


def main() -> None:
    """Train with each seed, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--base-filters", type=int, default=16)
    parser.add_argument("--runs", type=Path, default=Path("runs/last_or_best"))
    options = parser.parse_args()
    test, _ = ganzoo.datasets.load("mnist", "test")
    evaluator = Evaluator(ImageSet(test), extractors.get("digits"), ["fid"], labelled=False)
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    rows = []
    for seed in options.seeds:
        rows.append(run(seed, options, evaluator))
        print(f"| {seed} | " + " | ".join(f"{each:.4g}" for each in rows[-1]) + " |", flush=True)
    print("| mean | " + " | ".join(f"{each:.4g}" for each in np.mean(rows, axis=0)) + " |")


if __name__ == "__main__":
    main()
