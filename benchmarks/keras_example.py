"""The contestant that writes its `train_step` the way the DCGAN example on keras.io does.

That is: fakes drawn twice, real and fake images in one batch of the discriminator (so that batch
norm mixes them), and noise on the labels. The networks are those of the other contestants.
"""

import keras
import numpy as np
import tensorflow as tf

from fit import Timed
from loop_tensorflow import adam, discriminator, generator
from referee import BATCH_SIZE, LATENT_DIM, Referee, Stage, feature_maps


class ExampleGAN(keras.Model):
    def __init__(self, generator: keras.Model, discriminator: keras.Model) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.generator_adam = adam()
        self.discriminator_adam = adam()
        self.entropy = keras.losses.BinaryCrossentropy(from_logits=True)
        self.trackers = [keras.metrics.Mean(name=name) for name in ("d_loss", "g_loss")]

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return self.trackers

    def train_step(self, real: tf.Tensor) -> dict[str, tf.Tensor]:
        count = tf.shape(real)[0]
        # 1 stands for "fake" here.
        labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], 0)
        fake = self.generator(tf.random.normal((count, LATENT_DIM)), training=True)
        with tf.GradientTape() as tape:
            logits = self.discriminator(tf.concat([fake, real], 0), training=True)
            noise = 0.05 * tf.random.uniform((2 * count, 1))
            discriminator_loss = self.entropy(labels + noise, logits)
        self._update(tape, discriminator_loss, self.discriminator, self.discriminator_adam)
        latents = tf.random.normal((count, LATENT_DIM))
        with tf.GradientTape() as tape:
            logits = self.discriminator(self.generator(latents, training=True), training=True)
            generator_loss = self.entropy(tf.zeros_like(logits), logits)
        self._update(tape, generator_loss, self.generator, self.generator_adam)
        # The mean over real and fake together is half of the sum that the others report.
        for tracker, loss in zip(
            self.trackers, (2.0 * discriminator_loss, generator_loss), strict=True
        ):
            tracker.update_state(loss)
        return {tracker.name: tracker.result() for tracker in self.trackers}

    def _update(self, tape: tf.GradientTape, loss: tf.Tensor, network, optimizer) -> None:
        weights = network.trainable_weights
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))


def compete(referee: Referee, images: np.ndarray) -> None:
    maps = feature_maps(Stage(*images.shape[1:]))
    tf.random.set_seed(0)
    gan = ExampleGAN(generator(maps), discriminator(maps))
    gan.compile()
    dataset = tf.data.Dataset.from_tensor_slices(images).shuffle(1024)
    dataset = dataset.batch(BATCH_SIZE, drop_remainder=True)
    dataset = dataset.map(lambda batch: tf.cast(batch, tf.float32) / 127.5 - 1.0)
    parameters = sum(np.prod(v.shape) for v in gan.trainable_variables)
    referee.ready(parameters)
    gan.fit(dataset, epochs=10**6, verbose=0, callbacks=[Timed(referee, ("d_loss", "g_loss"))])
