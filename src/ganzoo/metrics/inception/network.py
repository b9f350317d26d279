"""The network of FID as Keras layers."""

from collections.abc import Mapping

import keras
import numpy as np
from keras import layers

from ganzoo.backends import current as backend
from ganzoo.metrics.inception.architecture import (
    BLOCKS,
    Block,
    Branch,
    Conv,
    Fork,
    Pool,
    conv_name,
)
from ganzoo.types import Tensor

POOLS = {"mean": layers.AveragePooling2D, "max": layers.MaxPooling2D}
CHANNELS_FIRST = (3, 1, 2)  # the axes of an image


def build(weights: Mapping[str, np.ndarray], blocks: tuple[Block, ...] = BLOCKS) -> keras.Model:
    """Return InceptionV3 up to its features.

    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision",
    https://arxiv.org/abs/1512.00567; the batch norms are folded into the convolutions.

    Args:
        weights: float32 arrays with the names and shapes of `architecture.shapes(blocks)`.
        blocks: the network as data.

    Returns:
        A model from float32 images in [-1, 1], `(batch, height, width, 3)`, 299x299 in FID, to the
        means of the last maps, `(batch, 2048)`.
    """
    images = keras.Input((None, None, 3), dtype="float32")
    return keras.Model(images, _Drawing(weights).through(blocks, images), name="inception")


class _Drawing:
    """Draws the network, convolution by convolution, in the layout that the backend is fast in."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self.weights = weights
        self.drawn = 0
        self.format = {"data_format": backend.DATA_FORMAT, "dtype": "float32"}
        self.first = backend.DATA_FORMAT == "channels_first"

    def through(self, blocks: tuple[Block, ...], maps: keras.KerasTensor) -> keras.KerasTensor:
        if self.first:
            maps = layers.Permute(CHANNELS_FIRST, dtype="float32")(maps)
        for block in blocks:
            maps = self.joined([self.along(branch, maps) for branch in block])
        return layers.GlobalAveragePooling2D(**self.format)(maps)

    def along(self, branch: Branch, maps: keras.KerasTensor) -> keras.KerasTensor:
        for step in branch:
            match step:
                case Pool():
                    maps = POOLS[step.kind](3, step.strides, step.padding, **self.format)(maps)
                case Conv():
                    maps = self.convolved(step, maps)
                case Fork():
                    maps = self.joined([self.convolved(each, maps) for each in step.prongs])
        return maps

    def convolved(self, conv: Conv, maps: keras.KerasTensor) -> keras.KerasTensor:
        name = conv_name(self.drawn)
        self.drawn += 1
        return _Conv2D(
            conv.filters,
            (conv.height, conv.width),
            conv.strides,
            conv.padding,
            activation="relu",
            kernel_initializer=lambda *_, **__: self.weights[f"{name}.kernel"],
            bias_initializer=lambda *_, **__: self.weights[f"{name}.bias"],
            **self.format,
        )(maps)

    def joined(self, maps: list[keras.KerasTensor]) -> keras.KerasTensor:
        axis = 1 if self.first else -1
        return layers.Concatenate(axis, dtype="float32")(maps) if len(maps) > 1 else maps[0]


class _Conv2D(layers.Conv2D):
    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        return backend.conv(inputs, kernel.value, self.strides, self.padding, self.data_format)
