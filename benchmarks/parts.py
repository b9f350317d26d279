"""What the parts of a training cost beside a plain round: `python benchmarks/parts.py`.

`KERAS_BACKEND=torch OMP_NUM_THREADS=1 python benchmarks/parts.py`: penalties and augmentation, each
a training of its own, which take turns of sixteen rounds, so that a lazy penalty counts once in
each. Seconds are the processor's.
"""

import argparse
import time
from collections.abc import Mapping
from statistics import median
from typing import Any

import keras
import numpy as np

import ganzoo
from ganzoo.augmentation import Augmentation
from ganzoo.penalties import R1
from referee import BATCH_SIZE, parse_size, random_images
from table import begin, longer, row

ROUNDS = 16
PLAIN = "plain"
PARTS: dict[str, dict[str, Any]] = {
    PLAIN: {},
    "R1": {"penalties": [R1()]},
    "R1, every=16": {"penalties": [R1(every=16)]},
    "five augmentations": {"augmentation": Augmentation()},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="64x64x3", metavar="HxWxC")
    parser.add_argument("--base-filters", type=int, default=32)
    parser.add_argument("--norm", default="batch", help="the discriminator's, or none")
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    norm = None if arguments.norm == "none" else arguments.norm
    images = random_images(parse_size(arguments.size))[:BATCH_SIZE]
    begin()
    gans = {
        name: trained(images, parts, base_filters=arguments.base_filters, discriminator_norm=norm)
        for name, parts in PARTS.items()
    }
    turns = [{name: seconds(gan, images) for name, gan in gans.items()} for _ in
             range(arguments.turns)]  # fmt: skip
    for name in gans:
        ratios = [turn[PLAIN] / turn[name] for turn in turns]
        spent = f"{median(turn[name] for turn in turns):.3f} s"
        what = f"round {arguments.size}, {arguments.base_filters} filters"
        row(keras.backend.backend(), what, name, spent, ratios, longer(ratios))


def trained(images: np.ndarray, parts: Mapping[str, Any], **options: Any) -> ganzoo.DCGAN:
    """Return a model after a first round, which compiles."""
    gan = ganzoo.DCGAN(images.shape[1:], seed=0, **options)
    gan.compile(**parts)
    gan.train_on_batch(images)
    return gan


def seconds(gan: ganzoo.DCGAN, images: np.ndarray) -> float:
    """Return the processor's seconds for a round."""
    start = time.process_time()
    for _ in range(ROUNDS):
        gan.train_on_batch(images)
    return (time.process_time() - start) / ROUNDS


if __name__ == "__main__":
    main()
