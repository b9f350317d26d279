"""How near digits are found again, and how soon: `python benchmarks/inversion.py`.

Held-out digits of MNIST, as many of each class, are searched for from latents at random, and from
what an encoder guesses. Prints the mean error in grey levels, the share of classes found, and the
time an image.
"""

import argparse
import time

import numpy as np

import ganzoo
from ganzoo.latents import invert, train_encoder


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--encoder-steps", type=int, default=1000)
    asked = parser.parse_args()
    gan = ganzoo.from_preset("mnist", compile=False)
    images, labels = ganzoo.datasets.load("mnist", "test")
    chosen = [np.flatnonzero(labels == label)[: asked.images // 10] for label in range(10)]
    images, labels = images[np.concatenate(chosen)], labels[np.concatenate(chosen)]
    start = time.perf_counter()
    encoder = train_encoder(gan, asked.encoder_steps)
    print(f"The encoder took {time.perf_counter() - start:.0f} s")
    for begin, restarts, steps in [
        ("encoder", 1, 20),
        ("encoder", 1, 50),
        ("encoder", 1, 100),
        ("encoder", 4, 100),
        ("random", 1, 50),
        ("random", 4, 100),
        ("random", 4, 300),
    ]:
        start = time.perf_counter()
        options = {"restarts": restarts, "steps": steps, "batch_size": 40}
        options |= {"encoder": encoder} if begin == "encoder" else {}
        found = invert(gan, images, **options)
        seconds = (time.perf_counter() - start) / len(images)
        right = (found.labels == labels).mean()
        print(f"| {begin} | {restarts} | {steps} | {found.errors.mean():.1f} | {right:.0%} | "
              f"{seconds:.2f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
