"""A DCGAN as a good TensorFlow user writes it, after the official tutorial: Keras and a tape."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from referee import (
    BATCH_SIZE,
    BETA_1,
    LATENT_DIM,
    LEARNING_RATE,
    Referee,
    Stage,
    batches,
    feature_maps,
)


def strided() -> dict:
    return {
        "kernel_size": 4,
        "strides": 2,
        "padding": "same",
        "use_bias": False,
        "kernel_initializer": normal(),
    }


def normal(mean: float = 0.0) -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(mean, 0.02)


def batch_norm() -> keras.Layer:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=normal(1.0))


def generator(maps: list[Stage]) -> keras.Model:
    stem = maps[0]
    units = stem.height * stem.width * stem.filters
    network = [
        keras.Input((LATENT_DIM,)),
        layers.Dense(units, use_bias=False, kernel_initializer=normal()),
        layers.Reshape(stem),
    ]
    for after in maps[1:]:
        network += [batch_norm(), layers.ReLU(), layers.Conv2DTranspose(after.filters, **strided())]
    return keras.Sequential([*network, layers.Activation("tanh")])


def discriminator(maps: list[Stage]) -> keras.Model:
    network = [keras.Input(maps[-1])]
    for depth, after in enumerate(maps[-2::-1]):
        network.append(layers.Conv2D(after.filters, **strided()))
        if depth:
            network.append(batch_norm())
        network.append(layers.LeakyReLU(0.2))
    last = layers.Dense(1, use_bias=False, kernel_initializer=normal())
    return keras.Sequential([*network, layers.Flatten(), last])


def adam() -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(LEARNING_RATE, beta_1=BETA_1)


def update(tape: tf.GradientTape, loss: tf.Tensor, network: keras.Model, optimizer: Any) -> None:
    variables = network.trainable_variables
    optimizer.apply(tape.gradient(loss, [v.value for v in variables]), variables)


def trainer(G: keras.Model, D: keras.Model) -> Callable:
    generator_adam, discriminator_adam = adam(), adam()
    generator_adam.build(G.trainable_variables)
    discriminator_adam.build(D.trainable_variables)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function(jit_compile=True)  # twice as fast, on a CPU too
    def step(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        real = tf.cast(batch, tf.float32) / 127.5 - 1.0
        # The tutorial updates both networks at once; the paper, like `fit`, one after the other.
        with tf.GradientTape(watch_accessed_variables=False) as generator_tape:
            generator_tape.watch([v.value for v in G.trainable_variables])
            fake = G(tf.random.normal([BATCH_SIZE, LATENT_DIM]), training=True)
            with generator_tape.stop_recording(), tf.GradientTape() as tape:
                real_logits, fake_logits = D(real, training=True), D(fake, training=True)
                real_loss = entropy(tf.ones_like(real_logits), real_logits)
                loss = real_loss + entropy(tf.zeros_like(fake_logits), fake_logits)
            with generator_tape.stop_recording():
                update(tape, loss, D, discriminator_adam)
            logits = D(fake, training=True)
            generator_loss = entropy(tf.ones_like(logits), logits)
        update(generator_tape, generator_loss, G, generator_adam)
        return loss, generator_loss

    return step


def compete(referee: Referee, images: np.ndarray) -> None:
    maps = feature_maps(Stage(*images.shape[1:]))
    tf.random.set_seed(0)
    networks = generator(maps), discriminator(maps)
    step = trainer(*networks)
    parameters = sum(np.prod(v.shape) for network in networks for v in network.trainable_variables)
    referee.ready(parameters)
    for batch in batches(images):
        referee.played(step(batch))
