"""Where the time of a round goes: a picture of `fit` and the loop, by torch's profiler.

`KERAS_BACKEND=torch python benchmarks/profile_torch.py docs/images/profile.png --threads 1`
"""

import argparse
import os
from collections import Counter
from collections.abc import Callable

import keras  # noqa: F401
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch.profiler import ProfilerActivity, profile

import ganzoo
import loop_torch
from ganzoo.pictures.charts import COLOURS, DARK
from referee import BATCH_SIZE, Stage, batches, feature_maps

ROUNDS = 20
KINDS = {  # by what an operation's name begins with; the first that fits
    "convolution_backward": "convolutions, backward",
    "mkldnn_convolution": "convolutions, forward",
    "_convolution": "convolutions, forward",
    "native_batch_norm": "batch norm",
    "leaky_relu": "activations",
    "threshold": "activations",
    "clamp": "activations",
    "tanh": "activations",
    "mm": "dense layers",
    "addmm": "dense layers",
    "_fused_adam": "Adam",
    "copy_": "copies",
}
REST = "all else"
BARS = (*COLOURS, "#8c564b", "#bcbd22")  # a colour for each kind
LEFT, WIDTH, ROW = 200, 640, 90  # pixels


def by_fit(images: np.ndarray) -> Callable[[], None]:
    gan = ganzoo.DCGAN(images.shape[1:], seed=0)
    gan.compile()
    gan.fit(images, batch_size=BATCH_SIZE, verbose=0)
    return lambda: gan.fit(images, batch_size=BATCH_SIZE, verbose=0)


def by_loop(images: np.ndarray) -> Callable[[], None]:
    maps = feature_maps(Stage(*images.shape[1:]))
    step = loop_torch.trainer(loop_torch.generator(maps), loop_torch.discriminator(maps))
    data = batches(images)

    def play() -> None:
        for _ in range(ROUNDS):
            step(next(data))

    play()
    return play


def milliseconds(play: Callable[[], None]) -> Counter:
    """Return the milliseconds of a round by kind of operation."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        play()
    spent: Counter = Counter()
    for event in profiled.key_averages():
        name = event.key.removeprefix("aten::")
        kind = next((KINDS[start] for start in KINDS if name.startswith(start)), REST)
        spent[kind] += event.self_cpu_time_total / 1000 / ROUNDS
    return spent


def draw(spent: dict[str, Counter], title: str, path: str) -> None:
    """Draw a bar for each contestant, whose parts are as long as they take."""
    kinds = [*dict.fromkeys(KINDS.values()), REST]
    font, scale = ImageFont.load_default(20), WIDTH / max(each.total() for each in spent.values())
    picture = Image.new("RGB", (LEFT + WIDTH + 320, 110 + ROW * max(2, len(spent))), "white")
    write = ImageDraw.Draw(picture)
    write.text((LEFT, 20), f"{title}: milliseconds of a round", "black", font)
    for row, (name, times) in enumerate(spent.items()):
        top, begin = 70 + ROW * row, float(LEFT)
        write.text((LEFT - 14, top + ROW / 2 - 10), name, DARK, font, anchor="rm")
        for kind, colour in zip(kinds, BARS, strict=True):
            end = begin + scale * times[kind]
            write.rectangle((begin, top, end, top + ROW - 20), colour)
            begin = end
        write.text((begin + 8, top + ROW / 2 - 10), f"{times.total():.0f}", DARK, font, anchor="lm")
    for row, (kind, colour) in enumerate(zip(kinds, BARS, strict=True)):
        top = 20 + 28 * row
        write.rectangle((LEFT + WIDTH + 70, top, LEFT + WIDTH + 90, top + 20), colour)
        write.text((LEFT + WIDTH + 100, top - 2), kind, DARK, font)
    picture.save(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    images = np.random.default_rng(0).integers(0, 256, (ROUNDS * BATCH_SIZE, 28, 28, 1), "uint8")
    contestants = {"hand-written loop": by_loop(images), "fit": by_fit(images)}
    spent = {name: milliseconds(play) for name, play in contestants.items()}
    draw(spent, f"28x28x1 on torch, {arguments.threads} thread(s)", arguments.out)
    for name, kinds in spent.items():
        print(name, {kind: round(each, 1) for kind, each in kinds.most_common()})
