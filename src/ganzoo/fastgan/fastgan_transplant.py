"""A preset's weights in a model of another image shape, or of other classes."""

from collections.abc import Mapping

import keras
import numpy as np

from ganzoo.fastgan.fastgan_arguments import FastGANArguments
from ganzoo.gan.arguments import Pairs, new_classes, shared_classes
from ganzoo.gan.family import Family
from ganzoo.gan.weights import named_weights, without_memory

Weights = Mapping[str, np.ndarray]
Place = tuple[str, str, str]
"""A network, one of its layers and one of that layer's weights."""
ENDS = {"double": 1, "halve": 2}
"""How many batch norms a stage ends with: the discriminator's goes two ways."""


def transplant(
    networks: type[Family],
    weights: Weights,
    source: FastGANArguments,
    target: FastGANArguments,
    fresh: Weights,
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Put the weights that fit into a model that differs in image shape or classes alone.

    Both networks are the same from their smallest maps on: what lies at the same place, counted
    from there, and has the same shape, is kept. So a model of twice the size has all that the
    preset has. Its new stages add nothing at first: it draws what the preset did, enlarged, and
    judges an image as the preset would the image made smaller. A class that both know by name keeps
    its first map.

    Args:
        networks: the family, which builds both networks.
        weights: the preset's, by name.
        source: what they are the weights of.
        target: what they are put into.
        fresh: its weights before any training, by name.

    Returns:
        All weights of the target by name, and in words what of them starts afresh.
    """
    known = {place: weights[name] for name, place in places(networks, source).items()}
    wanted = places(networks, target)
    classes = shared_classes(source, target)
    rows = [(each, each) for each in range(source.latent_dim)]
    rows += [(source.latent_dim + to, source.latent_dim + number) for to, number in classes]
    pairs = {("stem_1", "kernel"): rows, ("classes_1", "kernel"): classes}  # whose parts are kept
    filled, afresh = {}, set()
    for name, place in wanted.items():
        value = known.get(place)
        if value is not None and place[1:] in pairs:
            value = grafted(value, fresh[name], pairs[place[1:]], axis=place[1] == "classes_1")
        if value is not None and value.shape == fresh[name].shape:
            filled[name] = value
        elif place[1] != "classes_1":
            afresh.add(f"the {place[0]}'s {stage(place)}")
    afresh.update(new_classes(target, classes))
    known_stages = {stage(place) for place in known}
    new = {name: place for name, place in wanted.items() if stage(place) not in known_stages}
    return {**fresh, **filled, **silent(new, fresh)}, sorted(afresh)


def stage(place: Place) -> str:
    """Return which stage of its network a layer belongs to."""
    return place[1].rpartition("_")[0]


def silent(new: Mapping[str, Place], fresh: Weights) -> dict[str, np.ndarray]:
    """Return gains of 0 for the batch norms that new stages end with, so that those add nothing.

    Args:
        new: where the weights of new stages stand.
        fresh: all weights before any training.

    Reference:
        [Goyal et al., 2017](https://arxiv.org/abs/1706.02677), section 5.1.
    """
    gains: dict[str, list[tuple[int, str]]] = {}
    for name, place in new.items():
        if place[2] == "gamma" and stage(place).startswith(tuple(ENDS)):
            number = int(place[1].rpartition("_")[2])
            gains.setdefault(stage(place), []).append((number, name))
    ends = [
        name
        for place, found in gains.items()
        for _, name in sorted(found)[-ENDS[place.partition("_")[0]] :]
    ]
    return {name: np.zeros_like(fresh[name]) for name in ends}


def places(networks: type[Family], arguments: FastGANArguments) -> dict[str, Place]:
    """Return where each weight stands, by the name that presets give it."""

    def look(*pair: keras.Model) -> dict[str, Place]:
        found = {
            id(weight): (network.name, layer.name, weight.name)
            for network in pair
            for layer in network.layers
            for weight in layer.weights
        }
        return {name: found[id(weight)] for name, weight in named_weights(*pair).items()}

    return without_memory(networks, arguments, look)


def grafted(known: np.ndarray, fresh: np.ndarray, pairs: Pairs, axis: int) -> np.ndarray:
    """Return a fresh kernel with the rows, or columns, that belong to something known."""
    parts, old = fresh.copy().swapaxes(0, axis), known.swapaxes(0, axis)
    if parts.shape[1:] != old.shape[1:]:
        return known
    for to, number in pairs:
        parts[to] = old[number]
    return parts.swapaxes(0, axis)
