import numpy as np
from keras import ops

from ganzoo.layers.convolutions import ResizeConv


def test_resize_convolution_doubles_pixels_and_convolves():
    """Against both steps; a transposed kernel is turned round."""
    random = np.random.default_rng(0)
    images = random.normal(size=(2, 5, 7, 3)).astype("float32")
    layer = ResizeConv(4, 3, strides=2, padding="same", use_bias=False)
    layer.build(images.shape)
    kernel = random.normal(size=(3, 3, 4, 3)).astype("float32")
    layer.kernel.assign(kernel)
    doubled = images.repeat(2, axis=1).repeat(2, axis=2)
    turned = kernel[::-1, ::-1].transpose(0, 1, 3, 2).copy()
    expected = ops.conv(ops.convert_to_tensor(doubled), turned, padding="same")
    found = ops.convert_to_numpy(layer(images))
    assert found.shape == (2, 10, 14, 4)
    np.testing.assert_allclose(found, ops.convert_to_numpy(expected), rtol=1e-4, atol=1e-5)
