"""How scores depend on the number of images, and what scoring costs: `python benchmarks/scores.py`.

The first table scores, with the digits net and against the test set of MNIST, training images (the
best that a generator could draw) and what the preset draws. The second one trains on MNIST with
`EvaluateSamples` at its defaults, and compares the seconds of one evaluation with those of the
epoch. Both are taken in the same process, so that a busy machine slows them alike; the epoch is
scaled up from a part of it.
"""

import argparse
import time
import warnings
from statistics import median

import keras
import numpy as np

import ganzoo

BATCH_SIZE = 64
SIZES = (250, 500, 1000, 2000, 5000, 10_000)


def sample_sizes(extractor: str) -> None:
    """Print the scores of more and more images."""
    test, _ = ganzoo.datasets.load("mnist", "test")
    chosen = np.random.default_rng(0).permutation(60_000)[: max(SIZES)]
    fakes = {
        "training images": ganzoo.datasets.load("mnist")[0][chosen],
        "preset mnist": ganzoo.DCGAN.from_preset("mnist").generate(max(SIZES), seed=0),
    }
    print("| images | " + " | ".join(f"FID, {k} | KID x 1000, {k}" for k in fakes) + " |")
    print("|---|" + "---|" * 2 * len(fakes))
    for size in SIZES:
        row = []
        for fake in fakes.values():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of few images
                scores = ganzoo.metrics.evaluate(test, fake[:size], extractor, verbose=False).scores
            row.append(f"{scores['fid']:.2f}")
            row.append(f"{1000 * scores['kid']:.2f} ± {1000 * scores['kid_standard_error']:.2f}")
        print(f"| {size:,} | " + " | ".join(row) + " |", flush=True)


class Clock(keras.callbacks.Callback):
    """Takes the time of the batches; stands before and behind the callback that is timed."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[float] = []
        self.ends: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.batches.append(time.perf_counter())

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.ends.append(time.perf_counter())


def overhead(extractor: str, steps: int, epochs: int) -> None:
    """Print what share of an epoch on MNIST an evaluation takes."""
    images, labels = ganzoo.datasets.load("mnist")
    gan = ganzoo.DCGAN(images.shape[1:], num_classes=10, seed=0)
    gan.compile()
    before, behind = Clock(), Clock()
    scores = ganzoo.callbacks.EvaluateSamples("mnist", extractor)
    gan.fit(
        images,
        labels,
        batch_size=BATCH_SIZE,
        steps_per_epoch=steps,
        epochs=epochs,
        verbose=0,
        callbacks=[before, scores, behind],
    )
    # The first epoch compiles, and the first batch after an evaluation waits for it.
    per_step = median(np.diff(np.reshape(before.batches, (epochs, steps))[1:]).ravel())
    epoch = per_step * -(-len(images) // BATCH_SIZE)
    evaluations = np.subtract(behind.ends, before.ends)
    once = median(evaluations[1:])
    print(f"epoch of {len(images):,} images: {epoch:.0f} s (from {(epochs - 1) * steps} steps)")
    print(f"evaluation of {scores.n:,} images: {once:.1f} s, the first {evaluations[0]:.1f} s")
    print(f"share of the epoch: {once / epoch:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extractor", default="digits")
    parser.add_argument("--steps", type=int, default=60, help="of an epoch that is timed")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--only", choices=["sizes", "overhead"])
    arguments = parser.parse_args()
    print(f"Keras {keras.version()} on {keras.backend.backend()}\n")
    if arguments.only != "overhead":
        sample_sizes(arguments.extractor)
    if arguments.only != "sizes":
        overhead(arguments.extractor, arguments.steps, arguments.epochs)


if __name__ == "__main__":
    main()
