"""What XLA is given in a true training step: the faster ways, and not Keras' own."""

import re

import keras
import numpy as np
import pytest

import ganzoo

jax = pytest.importorskip("jax")
if keras.backend.backend() != "jax":
    pytest.skip("of JAX", allow_module_level=True)
from ganzoo.backends import fast_jax  # noqa: E402  # which needs JAX

if jax.default_backend() != "cpu":
    pytest.skip("these ways are for a CPU", allow_module_level=True)


def compiled():
    gan = ganzoo.DCGAN((16, 16, 1), 3, base_filters=2, seed=0)
    gan.compile()
    return gan


def state_of(gan):
    """Return what a training step is given beside the images."""
    groups = [
        gan.trainable_variables,
        gan.non_trainable_variables,
        gan.optimizer.variables,
        gan.metrics_variables,
    ]
    return [[variable.value for variable in group] for group in groups]


def dilations(gan):
    """Return how the convolutions of a training step spread their inputs: (1, 1) is not at all."""
    images = np.zeros((4, 16, 16, 1), "uint8")
    step = str(jax.make_jaxpr(gan.train_step)(state_of(gan), (images,)))
    return re.findall(r"lhs_dilation=(\(\d+, \d+\))", step)


def test_no_convolution_of_a_step_spreads_its_inputs(monkeypatch):
    """XLA is slow at those: at transposed convolutions, and at gradients of strided ones."""
    gan = compiled()
    found = dilations(gan)
    assert len(found) > 10
    assert set(found) == {"(1, 1)"}
    monkeypatch.setattr(fast_jax, "on_cpu", lambda images: False)
    assert dilations(gan).count("(2, 2)") > 5


def test_fit_takes_the_fast_ways(monkeypatch):
    """Counted while `fit` traces its step; Keras' own transposed convolution is not asked for."""
    calls = {"strided": 0, "transposed": 0}

    def counting(name):
        way = getattr(fast_jax, name)

        def counted(*arguments):
            calls[name] += 1
            return way(*arguments)

        monkeypatch.setattr(fast_jax, name, counted)

    def refused(*arguments, **options):
        raise AssertionError("Keras' own way was asked for")

    for name in calls:
        counting(name)
    monkeypatch.setattr(keras.ops, "conv_transpose", refused)
    gan = compiled()
    gan.fit(np.zeros((4, 16, 16, 1), "uint8"), batch_size=4, verbose=0)
    assert calls["transposed"] == 2
    assert calls["strided"] >= 2 * 3


@pytest.mark.parametrize("strides", [1, 2])
def test_xla_pads_convolutions_without_padding(strides, monkeypatch):
    """Within the convolution itself, so that no padded images are written."""

    def program():
        convolved = jax.jit(lambda images, kernel: fast_jax.conv(images, kernel, strides))
        arrays = np.zeros((2, 9, 9, 8), "float32"), np.zeros((3, 3, 8, 16), "float32")
        return convolved.lower(*arrays).compile().as_text()

    padded = r" convolution\(.*pad=0_1x0_1"
    assert re.search(padded, program())
    assert " pad(" not in program()
    monkeypatch.setattr(fast_jax, "on_cpu", lambda images: False)
    assert not re.search(padded, program())


def test_a_lazy_penalty_has_no_convolution_that_xla_is_slow_at():
    """XLA brings them into its own layout, but not within a condition."""
    gan = ganzoo.DCGAN((16, 16, 1), 3, base_filters=2, discriminator_norm=None, seed=0)
    gan.compile(penalties=[ganzoo.penalties.R1(every=2)])
    images = np.zeros((4, 16, 16, 1), "uint8")
    program = jax.jit(gan.train_step).lower(state_of(gan), (images,)).compile().as_text()
    assert " conditional(" in program
    layouts = re.findall(r" convolution\(.*dim_labels=([^, ]+)", program)
    assert len(layouts) > 10
    assert set(layouts) == {"b01f_01io->b01f"}
