"""The bundled presets of the family draw what they drew when they were made."""

import numpy as np
import pytest

import ganzoo

MEANS = {  # of each channel of the first images of seed 0
    "emoji-128": [
        [249.8, 231.8, 243.2],
        [248.7, 234.4, 236.1],
        [129.9, 131.6, 127.1],
        [238.0, 229.1, 249.3],
    ]
}


@pytest.mark.any_backend
@pytest.mark.parametrize("name", ganzoo.FastGAN.own_presets)
def test_a_preset_draws_what_it_drew(name):
    """Weights have numbers by their places in the network, which no change may move."""
    images = ganzoo.from_preset(name, compile=False).generate(4, seed=0)
    np.testing.assert_allclose(images.mean(axis=(1, 2)), MEANS[name], atol=0.1)
