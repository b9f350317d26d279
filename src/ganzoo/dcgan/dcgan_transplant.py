"""A preset's weights in a model of another image shape, or of other classes."""

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise, repeat
from typing import NamedTuple

import numpy as np

from ganzoo.dcgan.dcgan_arguments import DCGANArguments
from ganzoo.gan.arguments import Pairs, new_classes, shared_classes
from ganzoo.types import ImageShape

STEM = "generator.000.kernel"

Weights = Mapping[str, np.ndarray]
Filled = tuple[dict[str, np.ndarray], list[str]]
"""Weights by name, and in words what beside them starts afresh."""
Size = tuple[int, int]


class Layers(NamedTuple):
    """The names of a model's weights, layer by layer; each layer's first is its kernel."""

    up: list[ImageShape]  # the generator's maps, to the image
    generator: list[list[str]]  # the dense layer, then the convolutions
    down: list[ImageShape]  # the discriminator's maps, from the image on
    discriminator: list[list[str]]  # the convolutions
    heads: list[list[str]]  # the dense layers: that of the classes, if any, and the logit's


def transplant(
    weights: Weights, source: DCGANArguments, target: DCGANArguments, fresh: Weights
) -> Filled:
    """Put the weights that fit into a model that differs in image shape or classes alone.

    Convolutions are counted from the image: there they have as many filters in either model, and
    see details of as many pixels. Where both models have as many convolutions, the dense layers
    at the other end are resized like images. A class that both know by name keeps what is its own.

    Args:
        weights: the preset's, by name.
        source: what they are the weights of.
        target: what they are put into.
        fresh: its weights before any training, by name.

    Returns:
        All weights of the target by name, and in words what of them starts afresh.
    """
    old, new = layers(source, weights), layers(target, fresh)
    filled, afresh = convolutions(weights, old, new, fresh)
    classes = shared_classes(source, target)
    if len(old.up) == len(new.up):
        filled |= dense_layers(weights, old, new, fresh, source.latent_dim, classes)
    else:
        classes = []
        afresh.append(f"the generator's latents to {size(new.up[0])}")
        afresh.append(f"the discriminator's {size(new.down[-1])} to logit")
    afresh += new_classes(target, classes)
    return {**fresh, **filled}, afresh


def layers(of: DCGANArguments, names: Iterable[str]) -> Layers:
    """Return the names of a model's weights, layer by layer."""
    up, down = of.generator_maps(), of.discriminator_maps()
    found: dict[str, list[list[str]]] = {"generator": [], "discriminator": []}
    for name in sorted(names):
        network = found[name.partition(".")[0]]
        if name.endswith(".kernel"):
            network.append([])
        network[-1].append(name)
    heads = len(down) - 1  # where they begin
    judging = found["discriminator"]
    return Layers(up, found["generator"], down, judging[:heads], judging[heads:])


def shared_stages(source: DCGANArguments, target: DCGANArguments) -> int:
    """Return how many of the discriminator's convolutions, from the image on, fit the target."""
    if source.image_shape[-1] != target.image_shape[-1]:
        return 0
    return min(len(each.discriminator_maps()) - 1 for each in (source, target))


def convolutions(weights: Weights, old: Layers, new: Layers, fresh: Weights) -> Filled:
    """Keep what has the same shape at the same place, counted from the image."""
    pairs = [
        *zip(reversed(new.generator), reversed(old.generator), strict=False),
        *zip(new.discriminator, old.discriminator, strict=False),
    ]
    filled = {
        name: weights[counterpart]
        for layer, known in pairs
        for name, counterpart in zip(layer, known, strict=True)
        if weights[counterpart].shape == fresh[name].shape
    }
    steps = [
        *zip(repeat("generator"), pairwise(new.up), new.generator[1:], strict=False),
        *zip(repeat("discriminator"), pairwise(new.down), new.discriminator, strict=False),
    ]
    return filled, [
        f"the {network}'s {size(before)} to {size(after)}"
        for network, (before, after), (kernel, *_) in steps
        if kernel not in filled
    ]


def dense_layers(
    weights: Weights, old: Layers, new: Layers, fresh: Weights, latents: int, classes: Pairs
) -> dict[str, np.ndarray]:
    """Keep the rows of the latents, of the known classes and of the logit."""
    before, after = old.up[0][:2], new.up[0][:2]

    def graft(known: np.ndarray, fresh: np.ndarray, pairs: Pairs) -> np.ndarray:
        rows, resized = fresh.copy(), resize(known, before, after)
        for to, number in pairs:
            rows[to] = resized[number]
        return rows

    rows = [(each, each) for each in range(latents)]
    rows += [(latents + to, latents + number) for to, number in classes]
    filled = {STEM: graft(weights[STEM], fresh[STEM], rows)}
    area = math.prod(before) / math.prod(after)  # more places must not add up to more
    for number in (-1, -2)[: min(len(old.heads), len(new.heads))]:
        (known, *others), (name, *new_others) = old.heads[number], new.heads[number]
        pairs = [(0, 0)] if number == -1 else classes
        filled[name] = graft(weights[known].T * area, fresh[name].T, pairs).T
        if weights[known].shape[1] == fresh[name].shape[1]:  # spectral normalisation's direction
            filled |= {to: weights[other] for to, other in zip(new_others, others, strict=True)}
    return filled


def resize(rows: np.ndarray, before: Size, after: Size) -> np.ndarray:
    """Resize maps `(n, height * width * filters)` linearly; to their own size, exactly."""

    def weights(size: int, other: int) -> np.ndarray:
        places = np.clip((np.arange(other) + 0.5) * size / other - 0.5, 0, size - 1)
        return np.maximum(0.0, 1.0 - np.abs(places[:, None] - np.arange(size))).astype("float32")

    height, width = (weights(*each) for each in zip(before, after, strict=True))
    maps = np.einsum("aA,bB,nABc->nabc", height, width, rows.reshape(len(rows), *before, -1))
    return maps.reshape(len(rows), -1)


def size(shape: ImageShape) -> str:
    """Write a shape as `4x4x512`."""
    return "x".join(map(str, shape))
