"""What the discriminator learns beside its judgement: to keep what a real image shows.

Reference:
    [Liu et al., 2021](https://arxiv.org/abs/2101.04775), section 3.2, equation 4. The distance
    between images is the mean of absolute differences, not that of a network trained on other
    people's images.
"""

from typing import Any

import keras
from keras import layers, ops

from ganzoo import backends
from ganzoo.fastgan.fastgan_arguments import FastGANArguments, halvings
from ganzoo.fastgan.fastgan_blocks import Blocks, whole
from ganzoo.fastgan.fastgan_networks import discriminator_filters, shrinkage
from ganzoo.layers import exact
from ganzoo.penalties import Judged, Penalty
from ganzoo.types import Tensor

FILTERS = (2, 1, 1, 1 / 2)
"""Of a decoder's maps, times `base_filters`."""


@keras.saving.register_keras_serializable("ganzoo")
class Reconstruction(Penalty):
    """How far real images are from what three decoders rebuild of the discriminator's features.

    The whole image of its last map, the image made smaller of the smaller network's last map, and a
    quadrant, another in each round, of that quadrant of the last map but one.

    Args:
        arguments: the family's, checked.
        seed: what the decoders' initial weights are drawn from.
        dtype: the dtype or dtype policy of their layers.
    """

    def __init__(self, arguments: FastGANArguments, seed: int, dtype: Any = None) -> None:
        super().__init__(weight=1.0, name="reconstruction")
        count = halvings(arguments.image_shape)
        self.shrunk = shrinkage(count)
        filters = discriminator_filters(arguments.image_shape, arguments.base_filters)
        height, width = (side // 2**count for side in arguments.image_shape[:2])
        self.decoders = []
        for number, depth in enumerate((filters[-1], filters[-1] / 2, filters[-2])):
            blocks = Blocks(seed + number, dtype)
            blocks.at(f"decoder_{number}")
            inputs = x = keras.Input((height, width, whole(depth)))
            for more in FILTERS[: count - self.shrunk]:
                x = blocks.double(x, more * arguments.base_filters, "nearest")
            x = blocks.convolved(x, arguments.image_shape[-1], 3)
            rebuilt = layers.Activation("tanh", dtype=exact(dtype))(x)
            self.decoders.append(keras.Model(inputs, rebuilt))

    def term(self, judged: Judged) -> Tensor:
        last, small, middle = judged.real_features
        row, column = ops.unstack(keras.random.randint((2,), 0, 2, seed=judged.random), 2)
        pooled = backends.current.average_pool
        image = pooled(judged.real, 2**self.shrunk)
        part = pooled(quadrant(judged.real, row, column), 2 ** (self.shrunk - 1))
        pairs = zip((last, small, quadrant(middle, row, column)), (image, image, part), strict=True)
        return sum(
            ops.mean(self.distance(decoder(features, training=True) - target))
            for decoder, (features, target) in zip(self.decoders, pairs, strict=True)
        )

    def distance(self, differences: Tensor) -> Tensor:
        """Return how far each value is from what it was to be."""
        return ops.abs(differences)


def quadrant(maps: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """Return the upper or lower, left or right quarter of maps, as two numbers 0 or 1 say."""
    _, height, width, channels = maps.shape
    parts = ops.reshape(maps, (-1, 2, height // 2, 2, width // 2, channels))
    return ops.take(ops.take(parts, row, axis=1), column, axis=2)
