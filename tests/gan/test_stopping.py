"""Signals come where the model is whole: it draws, saves and trains further."""

import os
import signal
import time

import keras
import numpy as np
import pytest

import ganzoo

IMAGES = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), dtype="uint8")
ASK = (signal.SIGINT, signal.SIGALRM)


def small_gan():
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
    gan.compile(jit_compile="auto")  # XLA would take long to compile
    return gan


@pytest.fixture
def alarm():
    """Ask to stop after so many seconds, by a signal that a handler of the user's own hears."""

    def stop(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def assert_whole(gan, tmp_path):
    assert np.isfinite([keras.ops.convert_to_numpy(v).sum() for v in gan.variables]).all()
    assert gan.generate(1).shape == (1, 8, 8, 1)
    gan.save(tmp_path / "gan.keras")
    gan.fit(IMAGES, batch_size=8, verbose=0)


LOOPS = {
    "fit": lambda gan: gan.fit(IMAGES, epochs=10**6, batch_size=8, verbose=0),
    "validation": lambda gan: gan.fit(
        IMAGES, validation_data=np.tile(IMAGES, (8, 1, 1, 1)), epochs=10**6, verbose=0
    ),
    "evaluate": lambda gan: [gan.evaluate(IMAGES, verbose=0) for _ in range(10**6)],
    "train_on_batch": lambda gan: [gan.train_on_batch(IMAGES[:8]) for _ in range(10**6)],
}


@pytest.mark.parametrize("loop", LOOPS)
def test_an_interruption_at_any_moment_leaves_the_model_whole(loop, tmp_path, alarm):
    gan = small_gan()
    gan.fit(IMAGES, batch_size=8, verbose=0)
    random = np.random.default_rng(0)
    for _ in range(3):
        alarm(random.uniform(0.01, 0.3))
        with pytest.raises(KeyboardInterrupt):
            LOOPS[loop](gan)
    assert_whole(gan, tmp_path)


class Broken(ganzoo.penalties.Penalty):
    """Fails as the step is traced, when JAX has taken the values out of the variables."""

    def term(self, judged):
        raise ValueError("broken")


def test_a_first_step_that_fails_leaves_the_model_whole(tmp_path):
    gan = small_gan()
    gan.compile(penalties=[Broken(1.0)])
    with pytest.raises(ValueError, match="broken"):
        gan.fit(IMAGES, batch_size=8, verbose=0)
    gan.compile()
    assert_whole(gan, tmp_path)


def test_handlers_come_back(alarm):
    before = [signal.getsignal(each) for each in ASK]
    gan = small_gan()
    gan.fit(IMAGES, batch_size=8, verbose=0)
    gan.evaluate(IMAGES, verbose=0)
    assert [signal.getsignal(each) for each in ASK] == before


class Stops(keras.callbacks.Callback):
    """Asks to stop, and notes how long nothing came of it."""

    def on_epoch_end(self, epoch, logs=None):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        raise AssertionError("a callback at the end of an epoch is interrupted at once")


def test_drawing_and_scoring_are_interrupted_at_once():
    with pytest.raises(KeyboardInterrupt):
        small_gan().fit(IMAGES, batch_size=8, verbose=0, callbacks=[Stops()])
