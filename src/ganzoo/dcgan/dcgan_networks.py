"""The paper's two networks, for images of any height, width and channels.

Reference:
    [Radford, Metz and Chintala, 2016](https://arxiv.org/abs/1511.06434): strided and
    fractionally-strided convolutions instead of pooling, batch normalisation except next to the
    images, ReLU in the generator and LeakyReLU in the discriminator, tanh at the output.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from ganzoo.layers import (
    Conv2D,
    Conv2DTranspose,
    LeakyReLU,
    PaperLayers,
    ResizeConv,
    SpectralConv2D,
    SpectralDense,
    exact,
    labels_and_vectors,
    latents_and_labels,
)
from ganzoo.types import ImageShape, Tensor

SMALLEST_SIDE = 8  # one stage down to a stem of 4
LARGEST_STEM = 7
MOST_FILTERS = 512


def feature_shapes(image_shape: ImageShape, base_filters: int = 64) -> list[ImageShape]:
    """Return the shapes of the feature maps, from the stem up to the image.

    Each stage doubles the size (rounded up) and halves the filters, which are `base_filters`
    next to the image and at most 512. The stem's shorter side is 4 to 7.

    Args:
        image_shape: `(height, width, channels)`, height and width at least 8.
        base_filters: filters of the map next to the image.

    Returns:
        A list of `(height, width, filters)`; the last is `image_shape`.

    Example:
        ```python
        from ganzoo.dcgan.dcgan_networks import feature_shapes

        feature_shapes((28, 28, 1))  # [(7, 7, 128), (14, 14, 64), (28, 28, 1)]
        ```
    """
    height, width, _ = image_shape
    shapes = [image_shape]
    filters = base_filters
    while min(height, width) > LARGEST_STEM:
        height, width = math.ceil(height / 2), math.ceil(width / 2)
        shapes.append((height, width, min(filters, MOST_FILTERS)))
        filters *= 2
    return shapes[::-1]


def build_generator(
    image_shape: ImageShape,
    latent_dim: int,
    num_classes: int | None,
    base_filters: int,
    seed: int,
    dtype: Any = None,
    upsampling: str = "transposed",
    attributes: Sequence[str] | None = None,
) -> keras.Model:
    """Return the network from latents, and labels if there are any, to images in [-1, 1]."""
    paper = PaperLayers(seed, dtype)
    kind, size = (ResizeConv, 3) if upsampling == "resize" else (Conv2DTranspose, 4)
    stem, *stages = feature_shapes(image_shape, base_filters)
    inputs, x = latents_and_labels(latent_dim, num_classes, attributes)
    x = paper.dense(math.prod(stem))(x)
    x = layers.Reshape(stem, dtype=dtype)(x)
    for height, width, filters in stages:
        x = paper.activation(layers.ReLU)(paper.batch_norm()(x))
        x = crop(paper.conv(kind, filters, size, stride=2)(x), height, width)
    images = layers.Activation("tanh", dtype=exact(dtype))(x)
    return keras.Model(inputs, images, name="generator")


def build_discriminator(
    image_shape: ImageShape,
    num_classes: int | None,
    base_filters: int,
    seed: int,
    dtype: Any = None,
    norm: str | None = "batch",
    attributes: Sequence[str] | None = None,
) -> keras.Model:
    """Return the network from images in [-1, 1] to logits `(batch,)`.

    With a norm other than `"batch"`, no image is judged by its batch, and convolutions have biases;
    with `"spectral"`, every kernel is divided by its largest singular value.

    With `num_classes` or `attributes`, its inputs are `[images, labels]` and the logit gains the
    inner product of the last features with a vector of the asked class, or with the sum of those of
    the attributes, the projection discriminator of
    [Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637), equation 3.
    """
    paper = PaperLayers(seed, dtype)
    kind, dense = (SpectralConv2D, SpectralDense) if norm == "spectral" else (Conv2D, layers.Dense)
    *stages, _ = feature_shapes(image_shape, base_filters)
    inputs = [keras.Input(image_shape, name="images")]
    x = inputs[0]
    for depth, (_, _, filters) in enumerate(reversed(stages)):
        x = paper.conv(kind, filters, 4, stride=2, use_bias=norm != "batch")(x)
        if depth > 0 and norm == "batch":
            x = paper.batch_norm()(x)
        x = paper.activation(LeakyReLU, 0.2)(x)
    features = layers.Reshape((-1,), dtype=dtype)(x)
    logits = ops.squeeze(paper.dense(1, dense)(features), axis=-1)
    if number := len(attributes or ()) or num_classes:
        projections = paper.dense(number, dense)(features)
        labels, asked = labels_and_vectors(num_classes, attributes, projections.dtype)
        inputs.append(labels)
        logits = logits + ops.sum(projections * asked, axis=-1)
    logits = layers.Activation("linear", dtype=exact(dtype))(logits)
    return keras.Model(inputs if number else inputs[0], logits, name="discriminator")


def discriminator_stages(discriminator: keras.Model) -> list[list[keras.Layer]]:
    """Return each convolution with the layers up to the next one, from the image on."""
    stages: list[list[keras.Layer]] = []
    for layer in discriminator.layers:
        if isinstance(layer, Conv2D):
            stages.append([])
        if stages:
            stages[-1].append(layer)
    last = stages[-1]
    del last[1 + next(i for i, layer in enumerate(last) if isinstance(layer, LeakyReLU)) :]
    return stages


def crop(images: Tensor, height: int, width: int) -> Tensor:
    """Return the images without the row or column that doubling an odd size added."""
    return images if images.shape[1:3] == (height, width) else images[:, :height, :width, :]
