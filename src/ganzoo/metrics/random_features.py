"""Features of an untrained network: cheap, for images of any size, and the same on every backend.

On digits, a linear classifier on a random discriminator's features comes as far as on a trained
one's (`benchmarks/probe.py`).
"""

import hashlib
import math
from functools import lru_cache

import keras
import numpy as np
from keras import layers

from ganzoo.metrics.extractor import Extractor
from ganzoo.types import ImageShape

FILTERS, MOST_FILTERS = 16, 512
LARGEST_STEM = 7
SLOPE = 0.2
GRID = 4
BATCH_SIZE = 250
PREPARATION = (
    "uint8 from 0 to 255, scaled to [-1, 1]; 4x4 convolutions with stride 2, of 16 filters, then 32 "
    "and so on, LeakyReLU 0.2, weights N(0, 2 / (1.04 inputs)) by NumPy's default_rng(0); each map "
    "max-pooled to 4x4"
)


def random_features() -> Extractor:
    """Return the convolutional part of a DCGAN's discriminator with random weights.

    The weights keep the activations of all layers at one scale (He et al., 2015), so that each
    counts. Features are float32 `(n, size)`: 768 for 28x28 images, 3,840 for 64x64.

    Returns:
        An `Extractor` that takes images uint8 `(n, height, width, channels)` of any size.
    """
    digest = hashlib.sha256(PREPARATION.encode()).hexdigest()  # they say what the weights are
    return Extractor("random", digest, PREPARATION, features)


def features(images: np.ndarray) -> np.ndarray:
    """Return the features of uint8 images `(n, height, width, channels)`."""
    reader = network(tuple(images.shape[1:]))
    batches = (images[i : i + BATCH_SIZE] for i in range(0, len(images), BATCH_SIZE))
    return np.concatenate([reader.predict_on_batch(each) for each in batches])


@lru_cache(maxsize=4)
def network(image_shape: ImageShape) -> keras.Model:
    """Return the network from images in [0, 255] to features."""
    random = np.random.default_rng(0)
    height, width, _ = image_shape
    x = images = keras.Input(image_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype="float32")(x)
    pool = layers.AdaptiveMaxPooling2D(GRID, data_format="channels_last", dtype="float32")
    pooled, filters = [], FILTERS
    while not pooled or min(height, width) > LARGEST_STEM:
        height, width = math.ceil(height / 2), math.ceil(width / 2)
        conv = layers.Conv2D(
            filters,
            kernel_size=4,
            strides=2,
            padding="same",
            use_bias=False,
            data_format="channels_last",  # whatever keras.json says
            dtype="float32",
        )
        x = conv(x)
        shape = conv.kernel.shape
        deviation = math.sqrt(2 / ((1 + SLOPE**2) * math.prod(shape[:3])))
        conv.kernel.assign(random.normal(0.0, deviation, shape))
        x = layers.LeakyReLU(SLOPE, dtype="float32")(x)
        pooled.append(layers.Flatten(dtype="float32")(pool(x)))
        filters = min(2 * filters, MOST_FILTERS)
    return keras.Model(
        images, layers.Concatenate(dtype="float32")(pooled) if len(pooled) > 1 else pooled[0]
    )
