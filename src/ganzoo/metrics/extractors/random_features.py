"""Features of an untrained network: cheap, for images of any size, the same on every backend.

On digits, a linear classifier on a random discriminator's features comes nearly as far as on a
trained one's (`benchmarks/probe.py`); here they tell generators apart (docs/training.md).
"""

import hashlib
import math

import keras
import numpy as np
from keras import layers, ops

from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.extractors.keras_extractor import CompiledNetwork
from ganzoo.types import ImageShape, Tensor

FILTERS, MOST_FILTERS = 8, 64
GRID = 2
SLOPE = 0.2
BATCH_SIZE = 250
PREPARATION = (
    "uint8 from 0 to 255, scaled to [-1, 1]; 4x4 convolutions with stride 2, of 8, 16, 32, 64, 64 "
    "... filters until a side is 2, weights N(0, 2 / (1.04 inputs)) by NumPy's default_rng(0), "
    "LeakyReLU 0.2; each map max-pooled to 2x2"
)


def random_features() -> Extractor:
    """Return the convolutional part of a plain discriminator with random weights.

    Its features are float32 `(n, size)`: 480 for 28x28 images, 736 for 64x64. They keep the scale
    that an image gives them: brought to one scale, those of a flat image would not look flat.

    Returns:
        An `Extractor` that takes images uint8 `(n, height, width, channels)` of any size.
    """
    digest = hashlib.sha256(PREPARATION.encode()).hexdigest()  # it says what the weights are
    compute = CompiledNetwork(network)
    return Extractor("random", digest, PREPARATION, compute, batch_size=BATCH_SIZE)


def network(image_shape: ImageShape) -> keras.Model:
    """Return the network from images in [0, 255] to features."""
    random = np.random.default_rng(0)
    images = keras.Input(image_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(images)
    pool = layers.AdaptiveMaxPooling2D(GRID, data_format="channels_last", dtype="float32")
    pooled: list[Tensor] = []
    while not pooled or min(x.shape[1:3]) > GRID:
        x = convolution(x, min(FILTERS * 2 ** len(pooled), MOST_FILTERS), random)
        x = layers.LeakyReLU(SLOPE, dtype="float32")(x)
        pooled.append(layers.Flatten(dtype="float32")(pool(x)))
    return keras.Model(images, ops.concatenate(pooled, axis=-1))


def convolution(x: Tensor, filters: int, random: np.random.Generator) -> Tensor:
    """Halve the size of maps by a convolution that keeps the scale of its inputs."""
    layer = layers.Conv2D(
        filters,
        kernel_size=4,
        strides=2,
        padding="same",
        use_bias=False,
        data_format="channels_last",  # whatever keras.json says
        dtype="float32",
    )
    layer.build(x.shape)
    shape = layer.kernel.shape
    deviation = math.sqrt(2 / ((1 + SLOPE**2) * math.prod(shape[:3])))
    layer.kernel.assign(random.normal(0.0, deviation, shape))
    return layer(x)
