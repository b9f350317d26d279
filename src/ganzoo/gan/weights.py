"""Both networks' weights by names that do not depend on Keras' automatic ones."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import keras

from ganzoo.gan.arguments import GANArguments
from ganzoo.gan.family import Family

Shapes = dict[str, tuple[int, ...]]
"""Shapes of weights by the names that presets give them."""

Seen = TypeVar("Seen")

MOST_PARAMETERS = 2**27  # 512 MiB in float32


def named_weights(generator: keras.Model, discriminator: keras.Model) -> dict[str, keras.Variable]:
    """Return the weights by name: `generator.000.kernel` and so on, in their networks' order."""
    networks = {"generator": generator, "discriminator": discriminator}
    return {
        f"{name}.{index:03}.{weight.name}": weight
        for name, network in networks.items()
        for index, weight in enumerate(network.weights)
    }


def weight_shapes(family: type[Family], arguments: GANArguments) -> Shapes:
    """Return the shapes of a model's weights, without memory for any.

    Args:
        family: builds the networks.
        arguments: what it builds them from.

    Raises:
        ValueError: there are more numbers than a preset may hold.
    """

    def shapes_of(generator: keras.Model, discriminator: keras.Model) -> Shapes:
        named = named_weights(generator, discriminator)
        return {name: tuple(weight.shape) for name, weight in named.items()}

    shapes = without_memory(family, arguments, shapes_of)
    check_size(shapes)
    return shapes


def without_memory(
    family: type[Family], arguments: GANArguments, look: Callable[[keras.Model, keras.Model], Seen]
) -> Seen:
    """Return what a look at both networks finds, whose weights are there in name only.

    The networks are built in a scope in which Keras leaves variables empty. It remembers them for
    the thread, to fill them in later; so the thread is one that ends.

    Args:
        family: builds the networks.
        arguments: what it builds them from.
        look: at the generator and the discriminator.
    """

    def build() -> Seen:
        with keras.StatelessScope(initialize_variables=False):
            generator = family.build_generator(arguments, 0, "float32")
            return look(generator, family.build_discriminator(arguments, 0, "float32"))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(build).result()


def check_size(shapes: Shapes) -> None:
    """Raise a `ValueError` for more numbers than a preset may hold."""
    if (count := sum(map(math.prod, shapes.values()))) > MOST_PARAMETERS:
        raise ValueError(
            f"these networks have {count:,} parameters, and no preset has above "
            f"{MOST_PARAMETERS:,}."
        )
