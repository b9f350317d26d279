import keras
import numpy as np
import pytest
from keras import ops

from ganzoo import backends
from ganzoo.dcgan.dcgan_networks import build_discriminator
from ganzoo.layers.spectral_norm import SpectralConv2D, SpectralDense, SpectralNorm
from training.golden import reference


def normalised(network):
    return [layer for layer in network.layers if isinstance(layer, SpectralNorm)]


def singular(layer):
    """Return the kernel's largest singular value and its two vectors, and the matrix."""
    matrix = np.float64(ops.convert_to_numpy(layer.kernel))
    matrix = matrix.reshape(-1, matrix.shape[-1])
    left, values, right = np.linalg.svd(matrix)
    return values[0], left[:, 0], right[0], matrix


def settled(norm="spectral", dtype=None):
    """Return a discriminator with kernels far from 1, after 60 calls in training."""
    network = build_discriminator((15, 17, 1), 3, 2, 0, dtype, norm)
    random = np.random.default_rng(1)
    for variable in network.trainable_variables:
        variable.assign(random.normal(0, 0.7, variable.shape))
    if norm == "spectral":
        for layer in normalised(network):
            for _ in range(60):
                layer.divided(training=True)
    return network


def test_spectral_norm_divides_by_the_largest_singular_value():
    layers_ = normalised(settled())
    assert len(layers_) == 4  # two convolutions, the logit's product and the classes'
    for layer in layers_:
        largest, *_, matrix = singular(layer)
        assert largest > 1.1 or largest < 0.9
        for training in (True, False):
            divided = ops.convert_to_numpy(layer.divided(training)).reshape(matrix.shape)
            np.testing.assert_allclose(divided, matrix / largest, rtol=1e-4, atol=1e-5)
            assert np.linalg.svd(divided)[1][0] == pytest.approx(1, rel=1e-4)


def test_an_average_of_directions_divides_as_they_do():
    """It is shorter than they are, the more so where they turned."""
    for layer in normalised(settled()):
        _, _, direction, matrix = singular(layer)
        other = np.random.default_rng(2).normal(size=direction.shape)
        other -= direction * (direction @ other)  # at a right angle, if there is one
        layer.direction.assign(0.3 * direction)
        short = np.linalg.svd(ops.convert_to_numpy(layer.divided(False)).reshape(matrix.shape))[1]
        assert short[0] == pytest.approx(1, rel=1e-4)
        if np.linalg.norm(other) > 1e-6:
            average = (direction + other / np.linalg.norm(other)) / 2
            layer.direction.assign(average)
            norm = np.linalg.norm(matrix @ average) / np.linalg.norm(average)
            divided = ops.convert_to_numpy(layer.divided(False)).reshape(matrix.shape)
            np.testing.assert_allclose(divided, matrix / norm, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(8, 8, 2), (15, 17, 1), (32, 32, 3)])
def test_spectral_norm_is_right_before_any_training(shape):
    """A fresh layer divides by its kernel's largest singular value, to some percent."""
    for layer in normalised(build_discriminator(shape, 3, 4, 0, None, "spectral")):
        direction = ops.convert_to_numpy(layer.direction)
        assert direction.dtype == "float32"
        assert np.linalg.norm(direction) == pytest.approx(1, rel=1e-6)
        largest, *_, matrix = singular(layer)
        divided = ops.convert_to_numpy(layer.divided(training=False)).reshape(matrix.shape)
        assert np.linalg.svd(divided)[1][0] == pytest.approx(1, abs=0.05)
        assert np.abs(matrix / largest - divided).max() < 0.05 * np.abs(matrix / largest).max()


def test_a_kernel_is_divided_before_it_is_rounded():
    """In half precision, what is multiplied is float32's, rounded once."""
    exact = build_discriminator((15, 17, 1), 3, 2, 0, None, "spectral")
    half = build_discriminator((15, 17, 1), 3, 2, 0, "mixed_bfloat16", "spectral")
    seen = []

    class Seen(keras.layers.Layer):
        def call(self, inputs):
            seen.append(self.inner.kernel_of(inputs, training=False))
            return inputs

    for one, other in zip(normalised(exact), normalised(half), strict=True):
        spy = Seen(dtype="mixed_bfloat16")
        spy.inner = other  # within a layer's call, variables are cast as they are read
        spy(np.zeros((1, 1), "float32"))
        expected = ops.cast(one.divided(training=False), "bfloat16")
        np.testing.assert_array_equal(
            *(ops.convert_to_numpy(ops.cast(each, "float32")) for each in (expected, seen.pop()))
        )


def test_spectral_norm_takes_one_step_for_each_training_call():
    """`v <- normalised W'W v`, the stored one; none at inference."""
    layer = normalised(build_discriminator((8, 8, 2), None, 3, 0, None, "spectral"))[0]
    expected = np.float64(ops.convert_to_numpy(layer.direction))
    assert np.ptp(expected) > 0.1
    *_, matrix = singular(layer)
    image = np.random.default_rng(0).normal(size=(2, 8, 8, 2)).astype("float32")
    for _ in range(2):
        layer(image, training=True)
        expected = matrix.T @ (matrix @ expected)
        expected /= np.linalg.norm(expected)
        for _ in range(2):
            found = ops.convert_to_numpy(layer.direction)
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
            layer(image, training=False)


def test_spectral_norms_gradient_is_the_papers():
    """`(G - <G, W / s> u v') / s` (equations 10 and 11), with `u`, `v` and `s` by NumPy."""
    for layer in normalised(settled()):
        largest, u, v, matrix = singular(layer)
        outer = np.random.default_rng(0).normal(size=layer.kernel.shape).astype("float32")
        weight = ops.convert_to_tensor(outer)
        _, _, (found,) = backends.current.value_and_gradients(
            lambda layer=layer, weight=weight: (ops.sum(layer.divided(True) * weight), ()),
            [layer.kernel],
            lambda layer=layer: layer.variables,
        )
        outer = np.float64(outer).reshape(matrix.shape)
        expected = outer - np.sum(outer * matrix / largest) * np.outer(u, v)
        found = ops.convert_to_numpy(found).reshape(matrix.shape)
        np.testing.assert_allclose(found, expected / largest, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("norm", ["spectral", None])
def test_discriminators_without_batch_norm_are_the_reference(norm):
    """Kernels divided by NumPy's singular values, and biases; no image sees its batch."""
    network, weights = settled(norm), {}
    for name, variable in reference.named_weights(network, norm).items():
        value = np.float64(ops.convert_to_numpy(variable))
        if norm == "spectral" and value.ndim > 1:
            value /= np.linalg.svd(value.reshape(-1, value.shape[-1]))[1][0]
        weights[name] = value
    random = np.random.default_rng(5)
    images, labels = random.normal(size=(3, 15, 17, 1)).astype("float32"), np.array([2, 0, 1])
    expected = reference.discriminator(weights, np.float64(images), labels)[0]
    for training in (True, False):
        found = ops.convert_to_numpy(network([images, labels], training=training))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
        one = ops.convert_to_numpy(network([images[1:2], labels[1:2]], training=training))
        np.testing.assert_allclose(one, found[1:2], rtol=1e-4, atol=1e-5)


def test_spectral_norm_in_half_precision():
    """The iteration goes on in float32; what is multiplied is bfloat16."""
    network = settled(dtype="mixed_bfloat16")
    for layer in normalised(network):
        assert layer.direction.dtype == layer.kernel.dtype == "float32"
        divided = layer.kernel_of(ops.zeros((), layer.compute_dtype), training=True)
        assert keras.backend.standardize_dtype(divided.dtype) == "bfloat16"
        largest, *_, matrix = singular(layer)
        found = ops.convert_to_numpy(ops.cast(divided, "float32")).reshape(matrix.shape)
        np.testing.assert_allclose(found, matrix / largest, rtol=0.01, atol=0.01)
        layer.direction.assign(3.0 * layer.direction)
    images = np.zeros((2, 15, 17, 1), "float32")
    logits = network([images, np.array([0, 1])], training=True)
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"
    for layer in normalised(network):  # a step was taken in the network, too
        assert np.linalg.norm(ops.convert_to_numpy(layer.direction)) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("bias", [True, False])
def test_spectral_layers_honour_their_arguments(bias):
    """As Keras' layers with the kernel divided."""
    options = {"use_bias": bias, "activation": "tanh"}
    conv = {"padding": "same", "data_format": "channels_last"} | options
    inputs = np.random.default_rng(0).normal(size=(2, 7, 6, 3)).astype("float32")
    for ours, theirs in [
        (SpectralDense(4, **options), keras.layers.Dense(4, **options)),
        (SpectralConv2D(4, 3, **conv), keras.layers.Conv2D(4, 3, **conv)),
        (SpectralConv2D(4, 3, 2, **conv), keras.layers.Conv2D(4, 3, 2, **conv)),
    ]:
        for layer in (ours, theirs):
            layer.build(inputs.shape)
        random = np.random.default_rng(1)
        for weight in ours.weights:
            weight.assign(random.normal(size=weight.shape))
        theirs.kernel.assign(ours.divided(training=False))
        if bias:
            theirs.bias.assign(ours.bias)
        found, expected = (ops.convert_to_numpy(layer(inputs)) for layer in (ours, theirs))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_spectral_layers_are_saved_with_their_direction(tmp_path):
    """In Keras' own format; a layer beside them keeps Keras' own way."""
    inputs = keras.Input((6, 6, 2))
    x = SpectralConv2D(3, 3, padding="same", data_format="channels_last")(inputs)
    x = SpectralDense(2)(keras.layers.Dense(3)(x))
    model = keras.Model(inputs, x)
    random = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(random.normal(size=weight.shape))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert len(again.weights) == len(model.weights) == 8
    for one, other in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))
