"""What a backend does in its own fast way gives the numbers of Keras' own operations."""

import keras
import numpy as np
import pytest
from keras import ops

from ganzoo import backends
from ganzoo.backends import stock

BATCH = 11  # no multiple of the images that JAX spreads at a time


def drawn(*shape):
    return np.random.default_rng(shape).normal(size=shape).astype("float32")


def value_and_gradients(function, *arrays):
    """Return a function's value, and the gradients of its sum weighted by fixed numbers."""
    variables = [keras.Variable(array) for array in arrays]

    def objective():
        value = function(*[variable.value for variable in variables])
        loss = ops.sum(value * ops.convert_to_tensor(drawn(*value.shape)))
        return loss, value

    _, value, gradients = backends.current.value_and_gradients(
        objective, variables, lambda: variables
    )
    return [ops.convert_to_numpy(each) for each in (value, *gradients)]


@pytest.mark.parametrize(("size", "channels"), [((8, 8), 1), ((9, 14), 6)])
@pytest.mark.parametrize("way", ["conv", "conv_transpose"])
def test_convolutions(way, size, channels):
    filters = 5
    images = drawn(BATCH, *size, channels if way == "conv" else filters)
    kernel = drawn(4, 4, channels, filters)
    fast = value_and_gradients(getattr(backends.current, way), images, kernel)
    slow = value_and_gradients(getattr(stock, way), images, kernel)
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * np.abs(other).max())


def twice(function, *arrays, last=lambda outputs: ops.sum(ops.tanh(outputs))):
    """Return a penalty on the gradients by the first array, these, and its by the others."""
    first, *variables = [keras.Variable(array) for array in arrays]

    def objective():
        others = [variable.value for variable in variables]
        slopes = backends.current.input_gradients(
            lambda images: last(function(images, *others)), first.value, state
        )
        return ops.sum(slopes**2), slopes

    def state():
        return [first, *variables]

    loss, slopes, gradients = backends.current.value_and_gradients(objective, variables, state)
    return [ops.convert_to_numpy(each) for each in (loss, slopes, *gradients)]


@pytest.mark.parametrize(("size", "channels"), [((8, 8), 1), ((9, 14), 6)])
@pytest.mark.parametrize("way", ["conv", "conv_transpose"])
def test_convolutions_differentiated_twice(way, size, channels):
    """As by a penalty: the kernel's gradient of a function of the images' gradients."""
    images = drawn(BATCH, *size, channels if way == "conv" else 5)
    kernel = drawn(4, 4, channels, 5) * 0.1
    fast, slow = (twice(getattr(each, way), images, kernel) for each in (backends.current, stock))
    for one, other in zip(fast, slow, strict=True):
        assert np.abs(other).max() > 0.1
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5 * np.abs(other).max())


def test_batch_norm():
    """Against NumPy: values and statistics; and its second derivative, by finite differences."""
    images, gain, offset = drawn(5, 3, 2, 4), drawn(4), drawn(1, 4)[0]

    def normalised(images, gain, offset):
        mean, variance = images.mean((0, 1, 2)), images.var((0, 1, 2))
        return (images - mean) / np.sqrt(variance + 0.1) * gain + offset, mean, variance

    found = backends.current.batch_norm(*map(ops.convert_to_tensor, (images, gain, offset)), 0.1)
    for one, other in zip(found, normalised(images, gain, offset), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(one), other, rtol=1e-4, atol=1e-5)

    first = drawn(5, 3, 2, 1)
    weight = drawn(5, 3, 2, 4)

    def slope(kernel):
        """The length of the gradient of `sum(weight * norm(first * kernel))`, by NumPy."""
        x = first.astype("float64") * kernel
        deviation = np.sqrt(x.var((0, 1, 2)) + 0.1)
        unit, d = (x - x.mean((0, 1, 2))) / deviation, weight * gain
        d = (d - d.mean((0, 1, 2)) - unit * np.mean(d * unit, (0, 1, 2))) / deviation
        return np.sum(np.sum(d * kernel, axis=-1) ** 2)

    def by_backend(images, kernel):
        tensors = [ops.convert_to_tensor(each) for each in (gain, offset)]
        return weighted(backends.current.batch_norm(images * kernel, *tensors, 0.1)[0])

    def weighted(images):
        return images * ops.convert_to_tensor(weight)

    kernel = drawn(6, 4)[0]
    loss, _, gradient = twice(by_backend, first, kernel, last=ops.sum)
    assert loss == pytest.approx(slope(np.float64(kernel)), rel=1e-4)
    for i in range(4):
        step = 1e-5 * np.eye(4)[i]
        expected = (slope(kernel + step) - slope(kernel - step)) / 2e-5
        assert gradient[i] == pytest.approx(expected, rel=1e-3, abs=1e-3)


@pytest.mark.skipif(backends.current.tune is stock.tune, reason="this backend tunes nothing")
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"clipnorm": 0.5},
        {"weight_decay": 0.1},
        {"use_ema": True, "ema_overwrite_frequency": 2},
        {"gradient_accumulation_steps": 2},
        {"amsgrad": True},
        {"learning_rate": keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)},
    ],
    ids=lambda settings: next(iter(settings), "plain"),
)
@pytest.mark.parametrize("kind", ["Adam", "AdamW", "SGD"])
def test_a_tuned_optimizer_takes_the_same_steps(kind, settings):
    """A large epsilon, so that it matters where it is added."""
    if kind != "Adam":
        settings = {key: value for key, value in settings.items() if key != "amsgrad"}
    else:
        settings = {"epsilon": 0.1, "beta_1": 0.5} | settings
    shapes = [(4, 4, 3, 2), (6, 5), (2,)]
    ends = []
    for tune in (backends.current.tune, stock.tune):
        variables = [keras.Variable(drawn(*shape)) for shape in shapes]
        optimizer = getattr(keras.optimizers, kind)(**settings)
        optimizer.build(variables)
        tune(optimizer, variables)
        for step in range(1, 7):
            # Gradients of another memory layout than the weights', as torch's may be.
            gradients = [ops.convert_to_tensor(drawn(step, *each)[0]) for each in shapes]
            optimizer.apply(gradients, variables)
        optimizer.finalize_variable_values(variables)
        ends.append([ops.convert_to_numpy(v) for v in [*variables, *optimizer.variables]])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-6, atol=2e-7)


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="only torch has a fused Adam")
def test_torch_steps_once_over_memory(monkeypatch):
    """The paper's optimizer takes the fused way; one that it cannot stand for does not."""
    import torch

    if torch.cuda.is_available():
        pytest.skip("the fused way is for processors")
    taken = []
    monkeypatch.setattr(
        "ganzoo.backends.on_torch.fused_adam", lambda *arguments: taken.append(arguments[0])
    )
    for amsgrad in (False, True):
        variable = keras.Variable(drawn(3))
        optimizer = keras.optimizers.Adam(amsgrad=amsgrad)
        optimizer.build([variable])
        backends.current.tune(optimizer, [variable])
        optimizer.apply([ops.ones(3)], [variable])
        assert bool(taken) is not amsgrad
        taken.clear()
