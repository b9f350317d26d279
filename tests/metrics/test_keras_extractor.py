"""Keras models as extractors."""

import dataclasses
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

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


def test_batches_are_topped_up_to_the_largest_before():
    """Another size would be compiled anew; and each image has its own features."""
    sizes = []

    class Recorded(keras.Model):
        def predict_on_batch(self, images):
            sizes.append(len(images))
            return super().predict_on_batch(images)

    images = keras.Input((4, 4, 1))
    extractor = extractors.get(Recorded(images, keras.layers.Flatten()(images)))
    extractor = dataclasses.replace(extractor, batch_size=5)
    for count in (2, 7, 1):
        features = extractor.features(IMAGES[:count])
        np.testing.assert_array_equal(features, IMAGES[:count].reshape(count, -1))
    assert sizes == [2, 5, 5, 5]
    with pytest.raises(ValueError, match="no images"):
        extractor.features(IMAGES[:0])


def test_threads_may_share_a_network():
    """Keras runs a model in one thread only; here two extractors of one model meet, too."""
    model, random = network(), extractors.get("random")
    expected = model.predict_on_batch(IMAGES.astype("float32")), random.features(IMAGES)
    made = [[extractors.get(network_of), random] for network_of in (model, model)]
    begin = threading.Barrier(8)

    def features(number):
        begin.wait()
        return [each.features(IMAGES) for each in made[number % 2] for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(features, range(8)):
            for index, each in enumerate(found):
                np.testing.assert_allclose(each, expected[index // 3], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["random", "digits"])
def test_a_network_goes_with_its_extractor(name, monkeypatch):
    """Nothing else holds it: neither another shape's network nor a cache of the module."""
    kept, build = [], keras.Model.__init__

    def remembered(self, *arguments, **options):
        build(self, *arguments, **options)
        kept.append(weakref.ref(self))

    monkeypatch.setattr(keras.Model, "__init__", remembered)
    extractor = extractors.get(name)
    extractor.features(np.zeros((2, 28, 28, 1), "uint8"))
    if name == "random":
        extractor.features(np.zeros((2, 9, 8, 3), "uint8"))
    gc.collect()
    assert sum(model() is not None for model in kept) == 1
    del extractor
    gc.collect()
    assert not any(model() for model in kept)
