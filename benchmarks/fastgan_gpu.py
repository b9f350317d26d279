"""FastGAN by its paper's recipe on a GPU, within minutes: `python fastgan_gpu.py OUT`.

On PyTorch. First a loop by hand and `fit` of the same networks take turns: images a second, and the
most memory of the GPU. What time is left goes into a training of 400,000 images of 256 pixels, of
the emoji or of the folder that `--data` names; it goes on where it stopped when the script is run
again. On a processor, `--side 64 --filters 2 --images 16 --minutes 0.1` tries the script.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch

import ganzoo

TURNS = 3
SHARE = 0.25  # of the minutes, for the turns


class Clock(keras.callbacks.Callback):
    """Stops a training after so many seconds, and counts its rounds after the first ones."""

    def __init__(self, seconds: float, warm_up: int = 0) -> None:
        super().__init__()
        self.seconds, self.left_out = seconds, warm_up
        self.rounds, self.begun = 0, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self.left_out:
            self.left_out -= 1
            waited()
            self.begun = time.perf_counter()
            return
        self.rounds += 1
        if time.perf_counter() - self.begun > self.seconds:
            waited()
            self.took = time.perf_counter() - self.begun
            raise TimeoutError


def waited() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def most_memory() -> float:
    """Return the most MB of the GPU since the last call."""
    if not torch.cuda.is_available():
        return 0.0
    most = torch.cuda.max_memory_allocated() / 2**20
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    return most


def loop_speed(images: np.ndarray, options: argparse.Namespace, seconds: float) -> float:
    """Return the images a second of the loop by hand."""
    import loop_fastgan as loop

    loop.FASTGAN_FILTERS = options.filters
    side, channels = images.shape[1], images.shape[-1]
    step = loop.trainer(
        loop.prepared(loop.Generator(side, channels)),
        loop.prepared(loop.Discriminator(side, channels)),
    )
    clock = Clock(seconds, warm_up=2)
    for batch in batches(images, options.batch):
        step(batch)
        try:
            clock.on_train_batch_end(0)
        except TimeoutError:
            break
    return clock.rounds * options.batch / clock.took


def batches(images: np.ndarray, size: int) -> Iterator[np.ndarray]:
    random = np.random.default_rng(0)
    while True:
        yield images[random.choice(len(images), size)]


def fit_speed(images: np.ndarray, options: argparse.Namespace, seconds: float) -> float:
    """Return the images a second of `fit`."""
    gan = ganzoo.FastGAN(images.shape[1:], base_filters=options.filters, seed=0)
    gan.compile()
    clock = Clock(seconds, warm_up=2)
    with suppress(TimeoutError):
        gan.fit(images, batch_size=options.batch, epochs=10**6, verbose=0, callbacks=[clock])
    return clock.rounds * options.batch / clock.took


def compare(images: np.ndarray, options: argparse.Namespace) -> None:
    """Print how fast `fit` is beside the loop, and what memory each takes."""
    seconds = options.minutes * 60 * SHARE / (2 * TURNS)
    speeds: dict[str, list[float]] = {"loop": [], "fit": []}
    memory = dict.fromkeys(speeds, 0.0)
    for _ in range(TURNS):
        for name, speed in (("loop", loop_speed), ("fit", fit_speed)):
            most_memory()
            speeds[name].append(speed(images, options, seconds))
            memory[name] = max(memory[name], most_memory())
    ratios = [fit / loop for fit, loop in zip(speeds["fit"], speeds["loop"], strict=True)]
    for name, found in speeds.items():
        print(f"{name}: {median(found):.1f} images/s, at most {memory[name]:.0f} MB of the GPU")
    print(f"fit beside the loop: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def train(images: np.ndarray, options: argparse.Namespace, seconds: float) -> None:
    """Train by the paper's recipe for so long, and draw."""
    gan = ganzoo.FastGAN(images.shape[1:], base_filters=options.filters, seed=0)
    gan.compile()
    steps = min(1000, options.images // options.batch)
    resume = ganzoo.callbacks.ExactResume(options.out / "checkpoints", minutes=2)
    films = ganzoo.callbacks.SampleGrid(options.out / "samples", n=16)
    begun = time.perf_counter()
    data = ganzoo.datasets.read(images, gan.image_shape, labels=False)
    stop = UntilEnd(begun + seconds)
    gan.fit(
        data.batches(batch_size=options.batch, steps=steps, seed=0),
        epochs=options.images // options.batch // steps,
        verbose=2,
        callbacks=[films, stop, resume],
    )
    seen = int(gan.rounds_played.numpy()) * options.batch
    print(f"{seen:,} of {options.images:,} images, {time.perf_counter() - begun:.0f} s in this run")
    gan.save_to_preset(options.out / "preset")
    np.savez(options.out / "drawn.npz", images=gan.generate(min(1000, seen), seed=0))


class UntilEnd(keras.callbacks.Callback):
    """Ends a training at the epoch after which another would be too late."""

    def __init__(self, end: float) -> None:
        super().__init__()
        self.end = end

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        now = time.perf_counter()
        self.model.stop_training = now + (now - self.begun) > self.end


def main(arguments: list[str] | None = None) -> None:
    """Compare, and train for the time that is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", default="emoji")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--filters", type=int, default=64)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--images", type=int, default=400_000)
    parser.add_argument("--minutes", type=float, default=9.0)
    options = parser.parse_args(arguments)
    begun = time.perf_counter()
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "a processor"
    print(f"{device}, torch {torch.__version__}, keras {keras.__version__}", flush=True)
    shape = (options.side, options.side, 3)
    images = ganzoo.datasets.read(options.data, shape, labels=False).images
    compare(images, options)
    train(images, options, options.minutes * 60 - (time.perf_counter() - begun))


if __name__ == "__main__":
    main()
