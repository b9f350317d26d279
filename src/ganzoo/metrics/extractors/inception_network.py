"""The network of FID as Keras layers, and the preparation of its images."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import layers, ops

from ganzoo.backends import current as backend
from ganzoo.layers import Conv2D
from ganzoo.metrics.extractors.inception_architecture import BLOCKS, Block, Conv, Pool, led
from ganzoo.types import Tensor

POOLS = {"mean": layers.AveragePooling2D, "max": layers.MaxPooling2D}
CHANNELS_FIRST = (3, 1, 2)  # the axes of an image
SIZE = 299
WHITE = 255
CHANNELS = (1, 3, 4)
PREPARATION = (
    "bilinear resize to 299x299 as in TensorFlow 1 (source index = i * size / 299, without "
    "antialiasing or rounding), (x - 128) / 128; grey repeated to three channels, RGBA on white"
)


def build(weights: Mapping[str, np.ndarray], blocks: Sequence[Block] = BLOCKS) -> keras.Model:
    """Return InceptionV3 up to its features.

    Szegedy et al., "Rethinking the Inception Architecture for Computer Vision",
    https://arxiv.org/abs/1512.00567; the batch norms are folded into the convolutions.

    Args:
        weights: float32 arrays with the names and shapes of `shapes(blocks)`.
        blocks: the network as data.

    Returns:
        A model from float32 images in [-1, 1], `(batch, height, width, 3)`, 299x299 in FID, to the
        means of the last maps, `(batch, 2048)`.
    """
    images = keras.Input((None, None, 3), dtype="float32")
    return keras.Model(images, _Builder(weights).through(blocks, images), name="inception")


class _Builder:
    """Adds the layers, convolution by convolution, in the layout that the backend is fast in."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self.weights = weights
        self.format = {"data_format": backend.DATA_FORMAT, "dtype": "float32"}
        self.first = backend.DATA_FORMAT == "channels_first"

    def through(self, blocks: Sequence[Block], maps: keras.KerasTensor) -> keras.KerasTensor:
        if self.first:
            maps = layers.Permute(CHANNELS_FIRST, dtype="float32")(maps)
        maps = led(maps, blocks, self.convolved, self.pooled, self.joined)
        return layers.GlobalAveragePooling2D(**self.format)(maps)

    def pooled(self, pool: Pool, maps: keras.KerasTensor) -> keras.KerasTensor:
        return POOLS[pool.kind](3, pool.strides, pool.padding, **self.format)(maps)

    def convolved(self, conv: Conv, name: str, maps: keras.KerasTensor) -> keras.KerasTensor:
        layer = Conv2D(
            conv.filters,
            (conv.height, conv.width),
            conv.strides,
            conv.padding,
            activation="relu",
            kernel_initializer="zeros",
            **self.format,
        )
        maps = layer(maps)
        layer.kernel.assign(self.weights[f"{name}.kernel"])
        layer.bias.assign(self.weights[f"{name}.bias"])
        return maps

    def joined(self, maps: list[keras.KerasTensor]) -> keras.KerasTensor:
        axis = 1 if self.first else -1
        return layers.Concatenate(axis, dtype="float32")(maps) if len(maps) > 1 else maps[0]


def prepared(images: Tensor) -> Tensor:
    """Return what the network takes.

    Args:
        images: `(batch, height, width, channels)` in [0, 255], with 1, 3 or 4 channels.

    Returns:
        float32 `(batch, 299, 299, 3)` in [-1, 1].
    """
    images = resized(on_white(ops.cast(images, "float32")), SIZE, SIZE)
    images = (images - 128.0) / 128.0
    return ops.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images


def on_white(images: Tensor) -> Tensor:
    """Return RGBA images on a white ground, and others as they are."""
    if images.shape[-1] != 4:
        return images
    opacity = images[..., 3:] / 255.0
    return images[..., :3] * opacity + WHITE * (1.0 - opacity)


def resized(images: Tensor, height: int, width: int) -> Tensor:
    """Resize by the bilinear interpolation of TensorFlow 1.

    It takes pixel `i` of the new image from `i * size / new_size` of the old one, where others
    align the centres of the pixels, and never from more than four pixels, where others average:
    FID's published numbers depend on both (Parmar et al., https://arxiv.org/abs/2104.11222).

    Args:
        images: float32 `(batch, height, width, channels)`.
        height: the new height.
        width: the new width.

    Returns:
        float32 `(batch, height, width, channels)`.
    """
    return _interpolated(_interpolated(images, width, axis=2), height, axis=1)


def _interpolated(images: Tensor, size: int, axis: int) -> Tensor:
    source = np.arange(size, dtype="float32") * np.float32(images.shape[axis] / size)
    before = np.floor(source)
    after = np.minimum(before + 1, images.shape[axis] - 1)
    share = (source - before).reshape(-1, *[1] * (3 - axis))
    low, high = (ops.take(images, each.astype("int32"), axis) for each in (before, after))
    return low + ops.multiply(high - low, share)
