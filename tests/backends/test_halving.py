"""The convolution that halves images, and all of its derivatives, against Keras' own."""

import keras
import numpy as np
import pytest
from keras import ops

from ganzoo import backends


def derivatives(conv, inputs, kernel):
    """Return a convolution's gradients by inputs, and those of their squares by the kernel."""
    kernel = keras.Variable(kernel)

    def waves(images):
        return ops.sum(ops.sin(conv(images, kernel.value)), axis=(1, 2, 3))

    def squares():
        images = ops.convert_to_tensor(inputs)
        if keras.backend.backend() == "torch":
            images.requires_grad_()
        found = backends.current.input_gradients(waves, images, lambda: [kernel])
        return ops.sum(ops.square(found)), found

    way = backends.current.value_and_gradients
    _, by_inputs, (by_kernel,) = way(squares, [kernel], lambda: [kernel])
    return [ops.convert_to_numpy(each) for each in (by_inputs, by_kernel)]


@pytest.mark.parametrize("size", [(8, 8), (7, 8), (9, 5)])
def test_derivatives_are_those_of_keras(size, monkeypatch):
    random = np.random.default_rng(0)
    inputs = random.normal(size=(3, *size, 2)).astype("float32")
    kernel = random.normal(size=(4, 4, 2, 5)).astype("float32")
    if keras.backend.backend() == "tensorflow":  # as within a compiled step
        monkeypatch.setattr("ganzoo.backends.fast_tensorflow.by_xla_on_cpu", lambda: True)
    found, expected = (
        derivatives(lambda images, kernel: conv(images, kernel, 2, "same"), inputs, kernel)  # noqa: B023
        for conv in (backends.current.conv, ops.conv)
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4 * np.abs(other).max())
