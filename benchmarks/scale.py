"""What a round needs, counted from the networks' layers, and what devices can gain: arithmetic.

`python benchmarks/scale.py` measures nothing. A device is taken to reach `--tflops`, a link to
carry its bytes at full speed, and nothing to overlap.
"""

import argparse
import math
from typing import NamedTuple

import keras

import ganzoo
from ganzoo.layers import ResizeConv

FAMILIES = (ganzoo.DCGAN, ganzoo.FastGAN)
SIZES = (64, 128, 256, 512)
LINKS = {"10 Gbit/s": 1.25e9, "NVLink": 450e9, "TPU link": 100e9}  # bytes a second, one way
GENERATOR_PASSES, DISCRIMINATOR_PASSES = 3, 8
"""A backward pass is two forward ones. The discriminator judges real and fake images and learns
(6), judges the fakes again (1), and tells the generator by their gradients alone (1)."""
WORTH = 0.8  # of the speed of as many devices as there are


class Need(NamedTuple):
    """Of a network: multiplications and additions for an image, bytes of its maps, weights."""

    operations: float
    map_bytes: float
    weights: int


def need_of(network: keras.Model) -> Need:
    """Count convolutions and dense layers; each map is written once, in float32."""
    operations = maps = 0.0
    for layer in network.layers:
        for node in layer._inbound_nodes:
            outputs = sum(math.prod(each.shape[1:]) for each in node.output_tensors)
            maps += 4 * outputs
            kernel = getattr(layer, "kernel", None)
            if kernel is None:
                continue
            of_inputs = sum(math.prod(each.shape[1:-1]) for each in node.input_tensors)
            of_outputs = sum(math.prod(each.shape[1:-1]) for each in node.output_tensors)
            # A kernel is used at each place of the smaller map for a transposed convolution,
            # which is its input, and at each place of the output otherwise.
            transposed = isinstance(layer, keras.layers.Conv2DTranspose)
            size = math.prod(kernel.shape)
            if isinstance(layer, ResizeConv):  # whose kernel of 3x3 becomes one of 4x4
                size = size * 16 // 9
            operations += 2 * size * (of_inputs if transposed else of_outputs)
    return Need(operations, maps, network.count_params())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tflops", type=float, default=20.0, help="that a device reaches")
    parser.add_argument("--batch", type=int, default=64, help="images of a device in a round")
    arguments = parser.parse_args()
    counted = ("family", "pixels", "GFLOP an image", "maps, MB an image", "gradients, MB")
    print(f"| {' | '.join([*counted, *LINKS])} |")
    print("|---" * (5 + len(LINKS)) + "|")
    for family in FAMILIES:
        for size in SIZES:
            gan = family((size, size, 3))
            G, D = need_of(gan.generator), need_of(gan.discriminator)
            operations = GENERATOR_PASSES * G.operations + DISCRIMINATOR_PASSES * D.operations
            maps = G.map_bytes + 3 * D.map_bytes
            gradients = 4 * (G.weights + D.weights)
            seconds = arguments.batch * operations / (arguments.tflops * 1e12)
            numbers = [devices(seconds, gradients, speed) for speed in LINKS.values()]
            print(
                f"| {family.__name__} | {size} | {operations / 1e9:.1f} | {maps / 1e6:.0f} | "
                f"{gradients / 1e6:.0f} | {' | '.join(numbers)} |"
            )


def devices(seconds: float, gradients: float, speed: float) -> str:
    """Return to how many devices a round of these seconds pays, and the speed of each of many.

    In a ring, each of `n` sends `2 (n - 1) / n` times the gradients: many send hardly more than
    few, so that it pays to any number or to next to none.
    """
    share = seconds / (seconds + 2 * gradients / speed)
    if share >= WORTH:
        return f"any ({share:.2f})"
    # (n - 1) / n * sent <= seconds * (1 / WORTH - 1)
    left = 1 - seconds * (1 / WORTH - 1) / (2 * gradients / speed)
    return f"{max(1, math.floor(1 / left))} ({share:.2f})"


if __name__ == "__main__":
    main()
