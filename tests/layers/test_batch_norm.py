"""Ours beside that of Keras, in training, frozen, and as it draws."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from ganzoo.layers import BatchNorm

IMAGES = np.random.default_rng(0).normal(1.0, 2.0, (3, 5, 4, 6)).astype("float32")


def pair(dtype=None):
    """Return ours and that of Keras, with the same numbers and statistics."""
    random = np.random.default_rng(1)
    numbers = [random.uniform(0.5, 2, 6) for _ in range(4)]
    both = [
        kind(momentum=0.9, epsilon=1e-3, dtype=dtype)
        for kind in (BatchNorm, layers.BatchNormalization)
    ]
    for each in both:
        each.build(IMAGES.shape)
        each.set_weights(numbers)
    return both


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("trainable", [True, False])
def test_it_does_as_keras_does(training, trainable):
    """A frozen one uses the statistics that it has, and leaves them alone."""
    both, found, before = pair(), [], None
    for each in both:
        before = each.get_weights()
        each.trainable = trainable
        found.append(ops.convert_to_numpy(each(IMAGES, training=training)))
    np.testing.assert_allclose(*found, rtol=1e-4, atol=1e-5)
    for one, other in zip(*(each.get_weights() for each in both), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    moved = [(a != b).any() for a, b in zip(both[0].get_weights(), before, strict=True)]
    assert moved == [False, False, *[training and trainable] * 2]


def test_a_frozen_one_judges_each_image_by_itself():
    layer, _ = pair()
    layer.trainable = False
    whole = ops.convert_to_numpy(layer(IMAGES, training=True))
    one = ops.convert_to_numpy(layer(IMAGES[1:2], training=True))
    np.testing.assert_array_equal(one, whole[1:2])
    layer.trainable = True
    assert np.abs(ops.convert_to_numpy(layer(IMAGES[1:2], training=True)) - one).max() > 0.01


def test_half_precision_is_for_what_comes_out():
    ours, keras_own = pair("mixed_bfloat16")
    found = [each(IMAGES, training=True) for each in (ours, keras_own)]
    assert [keras.backend.standardize_dtype(each.dtype) for each in found] == ["bfloat16"] * 2
    one, other = (ops.convert_to_numpy(ops.cast(each, "float32")) for each in found)
    np.testing.assert_allclose(one, other, rtol=0.01, atol=0.01)
