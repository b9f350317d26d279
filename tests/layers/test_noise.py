"""Noise: drawn for each image while training, one map while drawing, and saved where it stands."""

import keras
import numpy as np
from keras import ops

from ganzoo.layers import Noise


def noise_of(layer, inputs, training):
    """Return what is added to each channel."""
    return ops.convert_to_numpy(layer(inputs, training=training)) - inputs


def test_all_channels_get_the_same_noise_by_its_scale():
    inputs = np.random.default_rng(0).normal(size=(64, 9, 7, 2)).astype("float32")
    layer = Noise(seed=3)
    assert not noise_of(layer, inputs, training=True).any()  # it begins at 0
    layer.scale.assign(0.5)
    still, drawn, again = (noise_of(layer, inputs, training) for training in (False, True, True))
    for added in (still, drawn):
        np.testing.assert_allclose(added[..., 0], added[..., 1], atol=1e-6)
        assert abs(added.std() - 0.5) < 0.1
    assert np.abs(still - still[:1]).max() < 1e-6  # one for all images
    assert np.ptp(drawn, axis=0).min() > 0.1
    assert (drawn != again).any()
    twin = Noise(seed=3)
    twin.build(inputs.shape)
    twin.scale.assign(0.5)
    np.testing.assert_array_equal(noise_of(twin, inputs, training=False), still)
    noise_of(twin, inputs, training=True)
    np.testing.assert_array_equal(noise_of(twin, inputs, training=True), drawn)


def test_a_saved_layer_goes_on_with_its_random_state(tmp_path):
    inputs = np.zeros((2, 3, 4, 1), "float32")
    layer = Noise(seed=1)
    images = keras.Input(inputs.shape[1:])
    model = keras.Model(images, layer(images))
    layer.scale.assign(2.0)
    noise_of(layer, inputs, training=True)
    model.save(tmp_path / "noise.keras")
    again = keras.saving.load_model(tmp_path / "noise.keras").layers[-1]
    np.testing.assert_array_equal(
        noise_of(again, inputs, training=True), noise_of(layer, inputs, training=True)
    )
