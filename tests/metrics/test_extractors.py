"""Keras models and callables as extractors."""

import keras
import numpy as np
import pytest

from ganzoo.metrics import extractors

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 1), dtype="uint8")


def network(activation="relu", scale=1 / 255, inner=None):
    """Build a network; Keras gives its layers other names each time."""
    network = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Rescaling(scale),
            keras.layers.Conv2D(3, 3, activation=activation),
            inner or keras.layers.Dropout(0.5),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )
    for number, weight in enumerate(network.weights):
        weight.assign(np.random.default_rng(number).normal(size=weight.shape))
    return network


def test_a_model_gets_pixels_from_0_to_255_and_no_dropout():
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    features = extractors.get(model).features(IMAGES)
    np.testing.assert_array_equal(features, IMAGES.reshape(7, -1))
    twice = [extractors.get(network()).features(IMAGES) for _ in range(2)]
    np.testing.assert_array_equal(*twice)


def test_the_same_model_has_the_same_digest():
    built, again = extractors.get(network()), extractors.get(network())
    assert (built.name, built.sha256) == (again.name, again.sha256)
    assert len(built.sha256) == 64
    compiled = network()
    compiled.compile("adam", "mse")
    assert extractors.get(compiled).sha256 == built.sha256


@pytest.mark.parametrize(
    "change",
    [{"activation": "elu"}, {"scale": 1 / 127.5}, {"inner": keras.layers.ReLU()}],
    ids=str,
)
def test_another_model_with_the_same_weights_has_another_digest(change):
    assert extractors.get(network(**change)).sha256 != extractors.get(network()).sha256


def test_other_weights_have_another_digest():
    other = network()
    kernel = keras.ops.convert_to_numpy(other.weights[0]).copy()
    kernel[0, 0, 0, 0] += 1e-6
    other.weights[0].assign(kernel)
    assert extractors.get(other).sha256 != extractors.get(network()).sha256


def test_nobody_knows_the_layers_of_some_models():
    class Means(keras.Model):
        def __init__(self, power):
            super().__init__()
            self.power = power

        def call(self, images):
            return keras.ops.mean(images, axis=(1, 2)) ** self.power

    extractor = extractors.get(Means(1))
    assert extractor.sha256 is None
    np.testing.assert_allclose(extractor.features(IMAGES), IMAGES.mean(axis=(1, 2)), rtol=1e-5)


def test_a_callable_gets_uint8_and_may_return_a_tensor():
    def means(images):
        assert images.dtype == np.uint8
        return keras.ops.convert_to_tensor(images.mean(axis=(1, 2)))

    extractor = extractors.get(means)
    assert extractor.sha256 is None
    assert extractor.name.endswith("means")
    features = extractor.features(IMAGES)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, IMAGES.mean(axis=(1, 2)), rtol=1e-6)
