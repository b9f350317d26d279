"""What TensorFlow is asked for in a true `fit`: XLA, no generator, and one device."""

import re

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo import backends
from ganzoo.backends import stock
from ganzoo.datasets.arrays import ImageArrays

tf = pytest.importorskip("tensorflow")
if keras.backend.backend() != "tensorflow":
    pytest.skip("of TensorFlow", allow_module_level=True)

IMAGES = np.random.default_rng(0).integers(0, 256, (10, 16, 16, 1), dtype="uint8")


class Plain(ganzoo.DCGAN):
    """Has an operation in its step that XLA cannot compile."""

    def train_step(self, data):
        tf.numpy_function(lambda: np.float32(0), [], "float32")
        return super().train_step(data)


def test_fit_is_compiled_by_xla():
    """On a machine without a GPU, too; unless the user says otherwise."""
    gan = Plain((16, 16, 1), 3, base_filters=2, seed=0)
    gan.compile()
    with pytest.raises(tf.errors.InvalidArgumentError, match="PyFunc"):
        gan.fit(IMAGES, batch_size=5, verbose=0)
    gan.compile(jit_compile=False)
    gan.fit(IMAGES, batch_size=5, verbose=0)


def test_arrays_are_fed_without_a_generator(monkeypatch):
    """By `fit`, its validation and `evaluate`; Keras' own way would make one."""
    made = []
    from_generator = tf.data.Dataset.from_generator

    def recorded(*arguments, **options):
        made.append(arguments)
        return from_generator(*arguments, **options)

    monkeypatch.setattr(tf.data.Dataset, "from_generator", staticmethod(recorded))
    gan = ganzoo.DCGAN((16, 16, 1), 3, base_filters=2, seed=0)
    gan.compile(run_eagerly=True)
    gan.fit(IMAGES, batch_size=5, validation_data=IMAGES, verbose=0)
    gan.evaluate(IMAGES, batch_size=5, verbose=0)
    assert not made
    monkeypatch.setattr(backends.current, "feed", stock.feed)
    gan.fit(IMAGES, batch_size=5, verbose=0)
    assert len(made) == 1


def test_fed_batches_are_those_of_the_arrays():
    """Those of several epochs from the one to begin with, or of one that is not topped up."""
    labels = np.arange(10, dtype="int32")
    for top_up, epoch in ((True, 2), (False, 0)):
        arrays = ImageArrays(IMAGES, labels, batch_size=4, seed=3, top_up=top_up)
        arrays.go_to(epoch)
        fed, steps = backends.current.feed(arrays)
        assert steps == 3
        count = 6 if top_up else 3
        found = list(fed.take(6).as_numpy_iterator())
        assert len(found) == count
        for number, (images, numbers) in enumerate(found):
            expected = arrays.batch(epoch + number // 3, number % 3)
            np.testing.assert_array_equal(images, expected[0])
            np.testing.assert_array_equal(numbers, expected[1])


def test_a_convolution_in_a_condition_is_one_that_xla_is_fast_at():
    """With its gradients: XLA brings others into its own layout, but not within a condition."""
    images, kernel = tf.ones((2, 8, 8, 3)), tf.ones((4, 4, 3, 5))

    @tf.function(jit_compile=True)
    def lazily(turn):
        def now():
            with tf.GradientTape() as tape:
                tape.watch(kernel)
                made = tf.sin(backends.current.conv(images, kernel, 2, "same"))
            return tape.gradient(made, kernel)

        return tf.cond(turn, now, lambda: tf.zeros_like(kernel))

    program = lazily.experimental_get_compiler_ir(tf.constant(True))(stage="optimized_hlo")
    layouts = re.findall(r" convolution\(.*dim_labels=([^, ]+)", program)
    assert layouts
    assert set(layouts) == {"b01f_01io->b01f"}
