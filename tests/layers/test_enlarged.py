"""Maps are enlarged as Keras does it."""

import keras
import numpy as np
import pytest
from keras import ops

from ganzoo.layers import Enlarged


@pytest.mark.parametrize("size", [(4, 6), (1, 3), (5, 1)])
def test_it_is_bilinear_upsampling(size):
    maps = np.random.default_rng(0).normal(size=(2, *size, 3)).astype("float32")
    options = {"data_format": "channels_last", "interpolation": "bilinear"}
    expected = keras.layers.UpSampling2D(2, **options)(maps)
    found, expected = (ops.convert_to_numpy(each) for each in (Enlarged()(maps), expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
