"""A network from images to the latents that a generator would draw them from."""

import math

import keras
import numpy as np
from keras import layers

from ganzoo.gan.drawing import in_batches
from ganzoo.gan.gan import GAN
from ganzoo.latents.search import check_counts
from ganzoo.types import ImageShape

LEARNING_RATE = 1e-3
SMALLEST = 4  # pixels a side of the last maps, at least
FILTERS, MOST = 32, 256
BATCH = 64  # images that are encoded at once


def train_encoder(
    model: GAN, steps: int = 1000, batch_size: int = 64, seed: int = 0
) -> keras.Model:
    """Train a network that guesses latents and classes of images, for `invert` to start from.

    It learns from what the model draws, of which there is no end: no other images are needed. Its
    guesses are rough; a short search makes them good.

    Args:
        model: a model of any family.
        steps: how many batches to learn from.
        batch_size: images in each.
        seed: what latents, classes and the first weights are drawn from.

    Returns:
        A Keras model from images in [0, 255], `(n, height, width, channels)`, to `(n, latent_dim +
        num_classes)`: latents, and behind them a number for each class, the largest for the
        likeliest, or the attributes.

    Raises:
        ValueError: a number below 1.
        RuntimeError: another thread is training the model.

    Reference:
        [Zhu et al., 2016](https://arxiv.org/abs/1609.03552), section 3.2.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN.from_preset("mnist")
        encoder = ganzoo.latents.train_encoder(gan, steps=2)  # for good guesses, a thousand
        images = gan.generate(3, seed=0)
        found = ganzoo.latents.invert(gan, images, encoder=encoder, restarts=1, steps=10)
        ```
    """
    check_counts(steps=steps, batch_size=batch_size)
    random = np.random.default_rng(seed)
    encoder = network(model.image_shape, numbers_of(model), seed)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    encoder.compile(keras.optimizers.Adam(rate), "mse")
    for _ in range(steps):
        latents = random.standard_normal((batch_size, model.latent_dim), np.float32)
        labels, numbers = labels_at_random(model, batch_size, random)
        images = model.draw(latents, labels, batch_size)
        encoder.train_on_batch(images, np.hstack([latents, numbers]))
    return encoder


def labels_at_random(
    model: GAN, n: int, random: np.random.Generator
) -> tuple[np.ndarray | None, np.ndarray]:
    """Return labels as `draw` takes them, and as vectors `(n, label_size)`."""
    if model.attributes:
        vectors = random.integers(2, size=(n, len(model.attributes))).astype(np.float32)
        return vectors, vectors
    if model.num_classes:
        labels = random.integers(model.num_classes, size=n)
        return labels, np.eye(model.num_classes, dtype=np.float32)[labels]
    return None, np.empty((n, 0), np.float32)


def network(image_shape: ImageShape, size: int, seed: int) -> keras.Model:
    """Return strided convolutions down to maps of 4 to 7 pixels a side, and a dense layer."""
    seeds = keras.random.SeedGenerator(seed)
    images = outputs = keras.Input(image_shape)
    outputs = layers.Rescaling(1 / 127.5, offset=-1.0)(outputs)
    for stage in range(max(1, int(math.log2(min(image_shape[:2]) / SMALLEST)))):
        initial = keras.initializers.HeNormal(seeds)
        outputs = layers.Conv2D(
            min(FILTERS * 2**stage, MOST),
            5,
            strides=2,
            padding="same",
            kernel_initializer=initial,
            data_format="channels_last",
        )(outputs)
        outputs = layers.LeakyReLU(0.2)(layers.BatchNormalization()(outputs))
    initial = keras.initializers.GlorotUniform(seeds)
    outputs = layers.Dense(size, kernel_initializer=initial)(layers.Flatten()(outputs))
    return keras.Model(images, outputs, name="encoder")


def numbers_of(model: GAN) -> int:
    """Return how many numbers an image is drawn from, a class being a vector."""
    return model.latent_dim + model.arguments.label_size


def guesses(
    encoder: keras.Model, model: GAN, images: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return latents `(n, latent_dim)` and classes `(n,)`, None where the model has none."""
    size = numbers_of(model)
    if encoder.output_shape[-1] != size or encoder.input_shape[1:] != model.image_shape:
        raise ValueError(
            f"This encoder goes from images of shape {encoder.input_shape[1:]} to "
            f"{encoder.output_shape[-1]} numbers, and the model takes {size} for images of shape "
            f"{model.image_shape}: train one for it, train_encoder(model)."
        )
    found = np.concatenate(list(in_batches(encoder, [images], BATCH)))
    latents, classes = np.split(found, [model.latent_dim], axis=1)
    return latents, classes.argmax(axis=1).astype(np.int32) if model.num_classes else None
