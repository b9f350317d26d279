"""A grid of means, against Keras' own layer, whatever the sizes."""

import numpy as np
import pytest
from keras import layers, ops

from ganzoo.layers import MeanGrid


@pytest.mark.parametrize("sides", [(4, 4), (8, 16), (5, 7), (6, 4), (13, 9)])
def test_a_grid_is_keras_own_pooling(sides):
    inputs = np.random.default_rng(0).normal(size=(2, *sides, 3)).astype("float32")
    expected = layers.AdaptiveAveragePooling2D(4, data_format="channels_last")(inputs)
    found = MeanGrid(4)(inputs)
    np.testing.assert_allclose(*map(ops.convert_to_numpy, (found, expected)), rtol=1e-5, atol=1e-6)
