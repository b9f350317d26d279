"""What the checks of a family do not export, whose images are small: excited maps, grown images."""

import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo import testing
from ganzoo.layers.noise import Noise
from ganzoo.testing.promises import vivid


@pytest.mark.slow
@pytest.mark.parametrize(("width", "first"), [(128, 128), (144, 128), (128, 32)])
def test_excited_maps_and_grown_images_are_exported(width, first, tmp_path):
    small = {"image_shape": (128, width, 1), "grown_from": first}
    small |= {"latent_dim": 4, "base_filters": 1}
    testing.check_export(ganzoo.FastGAN, small, tmp_path)


@pytest.mark.any_backend
def test_what_is_exported_has_the_noise_of_the_model():
    """Noise is kept and is no weight, and counts once a training has learned how much of it."""
    gan = vivid(ganzoo.FastGAN((32, 32, 1), latent_dim=4, base_filters=1, seed=7))
    noises = [layer for layer in gan.generator.layers if isinstance(layer, Noise)]
    silent = gan.generate(4, seed=0)
    for layer in noises:
        layer.scale.assign(0.5)
    drawn = gan.generate(4, seed=0)
    assert np.abs(drawn.astype(int) - silent).max() > 20
    images = ops.convert_to_numpy(gan.float32_generator()(gan.latents(4, seed=0)))
    np.testing.assert_allclose((images + 1) * 127.5, drawn, atol=1)
