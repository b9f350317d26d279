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
