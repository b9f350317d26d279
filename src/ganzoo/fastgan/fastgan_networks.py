"""The paper's two networks, for images of at least 32 pixels a side.

Both are made of few kinds of blocks, whose convolutions are under spectral normalisation. Filters
are counted from the smallest maps on, so that models of different sizes share their inner stages.

Reference:
    [Liu et al., 2021](https://arxiv.org/abs/2101.04775), section 3.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from ganzoo.fastgan.fastgan_arguments import FastGANArguments, halvings
from ganzoo.fastgan.fastgan_blocks import Blocks
from ganzoo.gan.family import seeds_of
from ganzoo.layers import LeakyReLU, exact, labels_and_vectors, latents_and_labels
from ganzoo.types import ImageShape, Tensor

GENERATOR_FILTERS = (16, 8, 4, 2, 2, 1, 1 / 2, 1 / 4, 1 / 8, 1 / 16)
"""Of the maps from the stem on, each twice as large as the last, times `base_filters`."""
EXCITED_AFTER = 4
"""How many doublings lie between a map and the one that it excites."""
EXCITED_BEFORE = 3
"""The same for the discriminator's halvings."""


def build_generator(
    arguments: FastGANArguments, seed: int, dtype: Any = None, spectral: bool = True
) -> keras.Model:
    """Return the network from latents, and labels if there are any, to images in [-1, 1].

    For each class or attribute, the first layer learns a map of the stem's size. A grown network's
    image is the sum of what it makes of its largest maps, and of smaller ones enlarged.
    """
    noise_seed = None if arguments.noise_seed is None else seeds_of(arguments.noise_seed)[0]
    blocks = Blocks(seed, dtype, spectral, noise_seed)
    inputs, x = latents_and_labels(
        arguments.latent_dim, arguments.num_classes, arguments.attributes
    )
    *sides, channels = arguments.image_shape
    doublings = halvings(sides) + 1
    maps, image = [stem(blocks, x, arguments)], None
    for number in range(1, doublings + 1):
        x = doubled(blocks, maps, number, arguments)
        if number == 1:  # the stem may be a little too large
            height, width = (side // 2 ** (doublings - 1) for side in sides)
            x = x[:, :height, :width]
        if number >= EXCITED_AFTER:
            x = blocks.excite(x, maps[number - EXCITED_AFTER])
        maps.append(x)
        if number > arguments.first_halvings:
            image = blocks.drawn(x, channels, number, image)
    images = layers.Activation("tanh", dtype=exact(dtype))(image)
    return keras.Model(inputs, images, name="generator")


def stem(blocks: Blocks, x: Tensor, arguments: FastGANArguments) -> Tensor:
    """Return the generator's smallest map."""
    *sides, _ = arguments.image_shape
    height, width = (-(-side // 2 ** (halvings(sides) + 1)) for side in sides)
    return blocks.stem(x, height, width, GENERATOR_FILTERS[0] * arguments.base_filters)


def doubled(
    blocks: Blocks, maps: Sequence[Tensor], number: int, arguments: FastGANArguments
) -> Tensor:
    """Return a map of twice the last one's size."""
    filters = GENERATOR_FILTERS[number] * arguments.base_filters
    blocks.at(f"double_{number}")
    return blocks.double(maps[-1], filters, arguments.upsampling, noisy=number % 2 == 1)


def build_discriminator(arguments: FastGANArguments, seed: int, dtype: Any = None) -> keras.Model:
    """Return the network from images in [-1, 1] to logits of their places, and three maps.

    The logits `(batch, places)` are of two networks, of which the smaller one sees the image made
    smaller. The maps are the last of the larger network, the last of the smaller one, and the last
    but one of the larger: the decoders rebuild the image from them.

    With `num_classes` or `attributes`, its inputs are `[images, labels]` and all logits gain the
    inner product of the last map's mean with a vector of the asked class, or with the sum of those
    of the attributes ([Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637)).
    """
    blocks = Blocks(seed, dtype)
    images = keras.Input(arguments.image_shape, name="images")
    filters = discriminator_filters(arguments.image_shape, arguments.base_filters)
    grown = len(filters) - 1 - arguments.first_halvings
    *_, middle, last = judge_large(blocks, images, filters, grown)
    small = judge_small(blocks, images, filters, grown)
    blocks.at("judge")
    judged = blocks.places(blocks.normed(last, 2 * filters[-1], 1))
    blocks.at("judge_small")
    logits = layers.Concatenate(dtype=dtype)([judged, blocks.places(small)])
    inputs = images
    if arguments.label_size:
        labels, projected = projection(blocks, last, arguments)
        inputs, logits = [images, labels], logits + projected
    logits = layers.Activation("linear", dtype=exact(dtype))(logits)
    return keras.Model(inputs, [logits, last, small, middle], name="discriminator")


def judge_large(
    blocks: Blocks, images: Tensor, filters: Sequence[float], grown: int
) -> list[Tensor]:
    """Return the maps of the network that sees whole images, each half as large as the last.

    After each of the first `grown` halvings, a grown one also looks at the image made as small.
    """
    left = len(filters) - 1  # maps count from the smallest on
    maps = [blocks.first(images, left, filters[0])]
    for number in range(1, len(filters)):
        blocks.at(f"halve_{left - number + 1}")
        x = blocks.halve(maps[-1], filters[number])
        if number <= grown:
            images = blocks.shrunk(images, 2)
            x = blocks.added(blocks.first(images, left - number, filters[number]), x)
        if number >= EXCITED_BEFORE + grown:
            x = blocks.excite(x, maps[number - EXCITED_BEFORE])
        maps.append(x)
    return maps


def judge_small(blocks: Blocks, images: Tensor, filters: Sequence[float], grown: int) -> Tensor:
    """Return the last map of the network that sees images made smaller."""
    shrunk = shrinkage(len(filters) - 1 - grown) + grown
    x = blocks.shrunk(images, 2**shrunk)
    for number, count in enumerate(filters[shrunk + 1 :]):
        blocks.at(f"small_{len(filters) - shrunk - number}")
        if number:
            x = blocks.normed(x, count / 2, 4, stride=2)
        else:
            x = blocks.convolved(x, count / 2, 4, stride=2)
            x = blocks.activation(LeakyReLU, 0.2)(x)
    return x


def discriminator_filters(image_shape: ImageShape, base_filters: int) -> list[float]:
    """Return those of the larger network's maps, from the image on, each half as large."""
    return [base_filters * 8 / 2**number for number in reversed(range(halvings(image_shape) + 1))]


def projection(blocks: Blocks, x: Tensor, arguments: FastGANArguments) -> tuple[Tensor, Tensor]:
    """Return the input of labels, and what a map says for those that are asked, `(batch, 1)`."""
    blocks.at("classes")
    products = blocks.dense(arguments.label_size, blocks.dense_kind)(ops.mean(x, axis=(1, 2)))
    labels, asked = labels_and_vectors(arguments.num_classes, arguments.attributes, products.dtype)
    return labels, ops.sum(products * asked, axis=-1, keepdims=True)


def shrinkage(count: int) -> int:
    """Return how often an image is halved for the smaller network: below 256 pixels, once.

    Args:
        count: how often the larger network halves it.
    """
    return max(1, count - 4)
