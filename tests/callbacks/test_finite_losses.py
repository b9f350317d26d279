"""A training that has broken down ends, and no step waits for the look at its losses."""

import threading

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.callbacks.finite_losses import FiniteLosses

IMAGES = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), dtype="uint8")


def small_gan():
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=2, seed=0)
    gan.compile()
    return gan


class Spy(FiniteLosses):
    """Notes which thread calls it, and what it sees."""

    def __init__(self):
        super().__init__()
        self.threads, self.steps = set(), []

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        self.threads.add(threading.get_ident())
        self.steps.append(batch)


@pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="there, Keras calls callbacks step by step"
)
def test_losses_are_looked_at_beside_the_training():
    spy = Spy()
    small_gan().fit(IMAGES, batch_size=4, epochs=2, verbose=0, callbacks=[spy])
    assert threading.get_ident() not in spy.threads
    assert sorted(spy.steps) == sorted([*range(8)] * 2)


class Spoil(keras.callbacks.Callback):
    """Break the weights at the beginning of an epoch."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            weight = self.model.generator.trainable_weights[0]
            weight.assign(np.full(weight.shape, self.value))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_it_names_epoch_and_step_and_ends_the_training(value):
    with pytest.raises(
        FloatingPointError, match=r"_loss became (nan|inf) at epoch 2, step [1-8]\."
    ):
        small_gan().fit(IMAGES, batch_size=4, epochs=9, verbose=0, callbacks=[Spoil(value)])


def test_no_later_callback_sees_the_broken_epoch():
    seen = []
    spy = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    with pytest.raises(FloatingPointError):
        small_gan().fit(IMAGES, batch_size=4, epochs=9, verbose=0, callbacks=[Spoil(np.nan), spy])
    assert seen == [0]
