"""What every contestant shares: the data, the clock, and the talk with `run.py`."""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

LATENT_DIM = 100
BATCH_SIZE = 64
FASTGAN_BATCH = int(os.environ.get("FASTGAN_BATCH", "8"))
FASTGAN_FILTERS = int(os.environ.get("FASTGAN_FILTERS", "16"))
LEARNING_RATE = 2e-4
BETA_1 = 0.5
CLOCK = time.process_time if os.environ.get("BENCHMARK_CLOCK") == "cpu" else time.perf_counter
MNIST_BYTES = 60_000 * 28 * 28


class Stage(NamedTuple):
    """A feature map."""

    height: int
    width: int
    filters: int


def parse_size(size: str) -> Stage:
    """Return `"28x28x1"` as numbers."""
    return Stage(*(int(each) for each in size.split("x")))


def feature_maps(image: Stage) -> list[Stage]:
    """Return the paper's feature maps, from the stem up to the image."""
    maps = [image]
    filters = 64
    while min(maps[0].height, maps[0].width) > 7:
        height, width, _ = maps[0]
        if height % 2 or width % 2:
            raise SystemExit(f"The hand-written loops cannot halve {height}x{width}.")
        maps.insert(0, Stage(height // 2, width // 2, min(filters, 512)))
        filters *= 2
    return maps


def random_images(image: Stage) -> np.ndarray:
    """Return noise: speed does not depend on what the pixels show."""
    count = MNIST_BYTES // (image.height * image.width * image.filters)
    return np.random.default_rng(0).integers(0, 256, (count, *image), dtype=np.uint8)


def batches(images: np.ndarray, size: int = BATCH_SIZE) -> Iterator[np.ndarray]:
    """Yield shuffled uint8 batches for ever, gathered from the array one at a time."""
    random = np.random.default_rng(0)
    while True:
        order = random.permutation(len(images))
        for start in range(0, len(images) - size + 1, size):
            yield images[order[start : start + size]]


class Referee:
    """Lets a contestant play as many rounds as `run.py` asks for, and times them.

    A contestant calls `ready` before its first round and `played` after each. The clock runs from
    the command to the end of its last round, so whatever happens between two rounds counts.
    """

    def __init__(self) -> None:
        # Frameworks print to stdout, which belongs to the answers.
        self.answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
        self.imported = peak_bytes()

    def ready(self, parameters: int) -> None:
        """Say how large the networks are, and wait for the first command."""
        self._answer(parameters=int(parameters), imported=self.imported)
        self._wait()

    def played(self, losses: Sequence[Any]) -> None:
        """Count a round; after the last one asked for, answer and wait for the next command."""
        self.left -= 1
        if self.left:
            return
        losses = [float(loss) for loss in losses]  # waits for what is still being computed
        seconds = CLOCK() - self.start
        self._answer(seconds=seconds, losses=losses, peak=peak_bytes())
        self._wait()

    def _wait(self) -> None:
        command = sys.stdin.readline()
        if not command:
            os._exit(0)  # nothing worth a tidy end, and `fit` would have to be unwound
        self.left = int(command)
        self.start = CLOCK()

    def _answer(self, **answer: Any) -> None:
        print(json.dumps(answer), file=self.answers, flush=True)


def peak_bytes() -> int:
    """Return the most memory that this process has used."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
