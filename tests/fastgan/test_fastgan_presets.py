"""The bundled presets of the family draw what they drew when they were made."""

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo.layers import Noise
from ganzoo.testing.promises import vivid

MEANS = {  # of each channel of the first images of seed 0
    "emoji": [
        [244.8, 241.8, 249.3],
        [220.6, 244.3, 231.1],
        [135.2, 163.3, 175.0],
        [245.4, 209.9, 150.1],
    ],
    "emoji-128": [
        [245.7, 239.5, 248.7],
        [202.4, 246.1, 212.7],
        [139.3, 173.6, 176.8],
        [241.9, 201.3, 142.2],
    ],
    "pokemon": [
        [214.6, 215.9, 221.9],
        [235.4, 238.1, 243.4],
        [246.9, 242.0, 236.8],
        [213.4, 210.1, 213.9],
    ],
}


def noises(gan):
    return [layer for layer in gan.generator.layers if isinstance(layer, Noise)]


@pytest.mark.any_backend
@pytest.mark.parametrize("name", ganzoo.FastGAN.own_presets)
def test_a_preset_draws_what_it_drew(name):
    """Weights have numbers by their places in the network, which no change may move."""
    images = ganzoo.from_preset(name, compile=False).generate(4, seed=0)
    np.testing.assert_allclose(images.mean(axis=(1, 2)), MEANS[name], atol=0.1)


@pytest.mark.any_backend
def test_the_seed_that_a_preset_is_opened_with_changes_none_of_its_images():
    known, opened = (
        ganzoo.from_preset("emoji-128", compile=False, **of) for of in ({}, {"seed": 7})
    )
    assert opened.seed == 7
    np.testing.assert_array_equal(opened.generate(1, seed=0), known.generate(1, seed=0))


@pytest.mark.any_backend
def test_the_noise_stays_with_weights_that_are_saved_and_exported(tmp_path):
    gan = vivid(ganzoo.FastGAN((32, 32, 1), 4, base_filters=1, seed=3))
    for layer in noises(gan):
        layer.scale.assign(0.5)
    for weight in gan.generator.weights:  # as files hold them
        weight.assign(ops.convert_to_numpy(weight).astype("float16"))
    drawn = gan.generate(4, seed=0)
    gan.save_to_preset(tmp_path / "first")
    opened = ganzoo.from_preset(tmp_path / "first", seed=7)
    np.testing.assert_array_equal(opened.generate(4, seed=0), drawn)
    images = ops.convert_to_numpy(opened.float32_generator()(opened.latents(4, seed=0)))
    np.testing.assert_allclose((images + 1) * 127.5, drawn, atol=1)
    opened.save_to_preset(tmp_path / "second")
    opened.save(tmp_path / "whole.keras")
    for again in (
        ganzoo.from_preset(tmp_path / "second", seed=8),
        keras.saving.load_model(tmp_path / "whole.keras"),
    ):
        np.testing.assert_array_equal(again.generate(4, seed=0), drawn)


STILL = {  # the first number of the noise of each layer
    0: [-0.577041, 0.63889, -0.251971, -2.054786],
    7: [0.260273, 2.312236, 1.1808, -0.361819],
}


@pytest.mark.any_backend
@pytest.mark.parametrize("seed", STILL)
def test_files_of_models_say_by_their_seed_which_noise_they_draw_with(seed):
    """As they did before `noise_seed`."""
    config = ganzoo.FastGAN((32, 32, 1), 4, base_filters=1, seed=seed).get_config()
    del config["noise_seed"]
    gan = ganzoo.FastGAN.from_config(config)
    np.testing.assert_allclose(
        [layer.still.flat[0] for layer in noises(gan)], STILL[seed], atol=1e-6
    )
