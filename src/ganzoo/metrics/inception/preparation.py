"""Images as the network of FID saw them in training."""

import numpy as np
from keras import ops

from ganzoo.types import Tensor

SIZE = 299
WHITE = 255
CHANNELS = (1, 3, 4)
PREPARATION = (
    "bilinear resize to 299x299 as in TensorFlow 1 (source index = i * size / 299, without "
    "antialiasing or rounding), (x - 128) / 128; grey repeated to three channels, RGBA on white"
)


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
