"""Keras' layers, argument by argument; and the doubling convolution against both of its steps."""

import keras
import numpy as np
import pytest
from keras import ops

from ganzoo import layers

SAME = {"strides": 2, "padding": "same"}
ARGUMENTS = {
    "of the paper": {"kernel_size": 4, **SAME, "use_bias": False},
    "bias": {"kernel_size": 4, **SAME},
    "activation": {"kernel_size": 4, **SAME, "activation": "sigmoid"},
    "another size": {"kernel_size": 3, **SAME},
    "another stride": {"kernel_size": 4, "strides": 1, "padding": "same"},
    "no padding": {"kernel_size": 4, "strides": 2},
    "dilated": {"kernel_size": 3, "padding": "same", "dilation_rate": 2},
    "channels first": {"kernel_size": 4, **SAME, "data_format": "channels_first"},
}


def drawn(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def built(kind, inputs, **arguments):
    """Return a layer with weights that differ from each other."""
    layer = kind(5, **{"data_format": "channels_last"} | arguments)
    layer.build(inputs.shape)
    random = np.random.default_rng(1)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    return layer


@pytest.mark.parametrize("arguments", ARGUMENTS)
@pytest.mark.parametrize("name", ["Conv2D", "Conv2DTranspose"])
def test_every_argument_is_honoured(name, arguments):
    if arguments == "channels first" and keras.backend.backend() == "tensorflow":
        pytest.skip("TensorFlow's kernels for a CPU have no channels_first")
    arguments, inputs = ARGUMENTS[arguments], drawn(3, 9, 8, 2)
    ours, theirs = (
        built(getattr(kind, name), inputs, **arguments) for kind in (layers, keras.layers)
    )
    found, expected = (ops.convert_to_numpy(layer(inputs)) for layer in (ours, theirs))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    again = type(ours).from_config(ours.get_config())
    assert again.get_config() == ours.get_config()


def test_low_rank_adaptation_is_honoured():
    """Keras' `enable_lora` adds a product to the kernel."""
    inputs = drawn(3, 9, 8, 2)
    ours, theirs = (
        built(kind.Conv2D, inputs, kernel_size=4, **SAME) for kind in (layers, keras.layers)
    )
    before = ops.convert_to_numpy(ours(inputs))
    for layer in (ours, theirs):
        layer.enable_lora(2)
        layer.lora_kernel_a.assign(drawn(*layer.lora_kernel_a.shape))
        layer.lora_kernel_b.assign(drawn(*layer.lora_kernel_b.shape))
    found, expected = (ops.convert_to_numpy(layer(inputs)) for layer in (ours, theirs))
    assert np.abs(found - before).max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_resize_convolution_doubles_pixels_and_convolves():
    """Against both steps; a transposed kernel is turned round."""
    inputs = drawn(2, 5, 7, 3)
    layer = built(layers.ResizeConv, inputs, activation="tanh")
    kernel, bias = map(ops.convert_to_numpy, layer.weights)
    doubled = inputs.repeat(2, axis=1).repeat(2, axis=2)
    turned = kernel[::-1, ::-1].transpose(0, 1, 3, 2).copy()
    expected = ops.conv(
        ops.convert_to_tensor(doubled), turned, padding="same", data_format="channels_last"
    )
    found = ops.convert_to_numpy(layer(inputs))
    assert found.shape == (2, 10, 14, 5)
    expected = np.tanh(ops.convert_to_numpy(expected) + bias)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    again = layers.ResizeConv.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


def test_a_kernel_is_added_up_before_it_is_rounded():
    """In half precision, what is multiplied is float32's, rounded once."""
    layer = built(layers.ResizeConv, (inputs := drawn(2, 5, 7, 3)), dtype="mixed_bfloat16")
    plain = layers.Conv2DTranspose(
        5, 4, **SAME, dtype="mixed_bfloat16", data_format="channels_last"
    )
    plain.build(inputs.shape)
    kernel, bias = map(ops.convert_to_numpy, layer.weights)
    whole = np.zeros((4, 4, *kernel.shape[2:]), "float32")
    for row, column in np.ndindex(2, 2):
        whole[row : row + 3, column : column + 3] += kernel
    plain.set_weights([whole, bias])
    found, expected = (
        ops.convert_to_numpy(ops.cast(each(inputs), "float32")) for each in (layer, plain)
    )
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "sizes",
    [
        {"kernel_size": 4},
        {"strides": 1},
        {"padding": "valid"},
        {"strides": 1, "dilation_rate": 2},
        {"output_padding": 1},
    ],
    ids=lambda sizes: next(iter(sizes)),
)
def test_resize_convolution_refuses_to_be_another(sizes):
    with pytest.raises(ValueError, match=r"ResizeConv has kernel_size=3, strides=2.*not \("):
        layers.ResizeConv(4, **sizes)
