"""What torch runs in a true `fit`: the faster ways, and not Keras' own."""

import os
import platform
import subprocess
import sys
from collections import Counter

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo import backends, layers
from ganzoo.backends import stock
from ganzoo.penalties import R1

torch = pytest.importorskip("torch")
if keras.backend.backend() != "torch":
    pytest.skip("of torch", allow_module_level=True)
from ganzoo.backends import twice_torch  # noqa: E402

on_a_cpu = pytest.mark.skipif(torch.cuda.is_available(), reason="these ways are for a CPU")

BATCH = 8
LOSSES = ("generator_loss", "discriminator_loss")


def maps_copied(profile):
    return sum(
        event.name == "aten::clone" and len(shape) == 4 and shape[0] == BATCH
        for event in profile.events()
        for shape in event.input_shapes[:1]
    )


def fit():
    """Train for two rounds; return the losses and what torch ran in the second."""
    gan = ganzoo.DCGAN((16, 16, 1), 3, base_filters=16, seed=0)
    gan.compile()
    images = np.random.default_rng(0).integers(0, 256, (BATCH, 16, 16, 1), dtype="uint8")
    gan.fit(images, batch_size=BATCH, verbose=0)
    with torch.profiler.profile(record_shapes=True) as profile:
        history = gan.fit(images, batch_size=BATCH, verbose=0).history
    ran = Counter(event.name.removeprefix("aten::") for event in profile.events())
    ran["copies of maps"] = maps_copied(profile)
    return gan, [history[name] for name in LOSSES], ran


@on_a_cpu
def test_a_round_takes_the_fast_ways():
    gan, _, ran = fit()
    assert ran["copies of maps"] == 0
    assert ran["conv2d"] == 2 * 3  # of two convolutions, for real images and twice for fakes
    assert ran["conv_transpose2d"] == 2
    assert ran["native_batch_norm"] == 2 + 3  # the generator's two, the discriminator's one
    assert ran["_fused_adam_"] == 2  # both optimizers
    assert ran["_foreach_sqrt"] == 0  # Keras' own
    variables = [*gan.generator.variables, *gan.discriminator.variables, *gan.optimizer.variables]
    kernels = [each.value for each in variables if len(each.shape) == 4]
    assert len(kernels) == 4 * 3  # with their moments
    for kernel in kernels:
        view = kernel.permute(3, 2, 0, 1)
        assert view.is_contiguous(memory_format=torch.channels_last)


@on_a_cpu
@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("conv", "copies of maps"),
        ("conv_transpose", "copies of maps"),
        ("batch_norm", "native_batch_norm"),
        ("tune", "_fused_adam_"),
    ],
)
def test_each_way_is_missed(name, sign, monkeypatch):
    """Without it, the signs of the test above are others, and the losses the same."""
    _, fast, ran = fit()
    monkeypatch.setattr(backends.current, name, getattr(stock, name))
    _, slow, missed = fit()
    assert missed[sign] != ran[sign]
    np.testing.assert_allclose(fast, slow, rtol=1e-4)


@pytest.mark.parametrize("kind", [layers.Conv2D, layers.SpectralConv2D])
@pytest.mark.parametrize(("width", "strides"), [(1, 1), (3, 1), (4, 2), (5, 1)])
def test_convolutions_of_any_size_copy_no_maps(kind, width, strides):
    """Keras' own layer does."""

    def copies(kind):
        layer = kind(32, width, strides, padding="same", data_format="channels_last")
        images = torch.ones((BATCH, 12, 12, 16), requires_grad=True)
        layer.build(images.shape)
        with torch.profiler.profile(record_shapes=True) as profile:
            (layer(images) ** 2).sum().backward()
        return maps_copied(profile)

    assert copies(kind) == 0
    assert copies(keras.layers.Conv2D) > 0


@on_a_cpu
@pytest.mark.parametrize("name", ["_parallel_update_step", "_momentums"])
def test_adam_goes_on_when_keras_gives_its_private_parts_other_names(name, monkeypatch):
    """As slow as Keras' own, but it steps the same, and `test_a_round...` would tell."""
    _, fast, _ = fit()
    monkeypatch.setattr("ganzoo.backends.fast_torch.OF_ADAM", (name, "_not_there"))
    _, slow, ran = fit()
    assert ran["_fused_adam_"] == 0
    assert ran["_foreach_sqrt"] == 2
    np.testing.assert_allclose(fast, slow, rtol=1e-4)


@on_a_cpu
def test_an_adam_of_another_kind_keeps_its_own_step():
    class MyAdam(keras.optimizers.Adam):
        pass

    for adam in (keras.optimizers.Adam(amsgrad=True), keras.optimizers.AdamW(), MyAdam()):
        variable = keras.Variable(np.ones(3, "float32"))
        adam.build([variable])
        backends.current.tune(adam, [variable])
        with torch.profiler.profile() as profile:
            adam.apply([keras.ops.ones(3)], [variable])
        ran = {event.name for event in profile.events()}
        assert "aten::_fused_adam_" not in ran
        assert float(variable.value[0].detach()) < 1


def test_an_adam_that_was_built_for_other_variables_is_left_to_keras_error():
    first, *others = (keras.Variable(np.ones(3, "float32")) for _ in range(3))
    adam = keras.optimizers.Adam()
    adam.build([first])
    backends.current.tune(adam, others)
    with pytest.raises(ValueError, match="optimizer can only be called for the variables"):
        adam.apply([keras.ops.ones(3)] * 2, others)


@pytest.mark.parametrize(
    ("strides", "zeros", "dilations", "groups"), [(2, (1, 1), 1, 1), ((1, 2), (0, 1), (2, 1), 2)]
)
def test_what_is_differentiated_twice(strides, zeros, dilations, groups):
    """First and second derivatives beside differences of float64."""
    random = torch.Generator().manual_seed(0)
    options = {"generator": random, "dtype": torch.float64, "requires_grad": True}
    images = torch.randn(2, 4, 6, 5, **options)
    kernel = torch.randn(2, 4 // groups, 3, 2, **options)

    def maps(images, kernel):
        with twice_torch.wanted():
            found = twice_torch.conv(images, kernel, (strides, zeros, dilations, groups))
            return twice_torch.leaky_relu(found, 0.2)

    assert torch.autograd.gradcheck(maps, (images, kernel))
    assert torch.autograd.gradgradcheck(maps, (images, kernel))


@on_a_cpu
def test_a_penalty_on_gradients_takes_no_more_than_its_arithmetic():
    """Of two convolutions: once more forwards, back to the images, and both of these back."""
    images = np.random.default_rng(0).integers(0, 256, (BATCH, 16, 16, 1), dtype="uint8")
    ran = []
    for penalties in ([], [R1()]):
        gan = ganzoo.DCGAN((16, 16, 1), 3, base_filters=16, seed=0, discriminator_norm=None)
        gan.compile(penalties=penalties)
        with torch.profiler.profile() as profile:
            gan.train_on_batch(images)
        ran.append(Counter(event.name.removeprefix("aten::") for event in profile.events()))
    plain, penalised = ran
    assert penalised["conv2d"] - plain["conv2d"] == 2 * 2
    assert penalised["convolution_backward"] - plain["convolution_backward"] == 2 * 2


PAGES = """
import resource, torch
from ganzoo.backends import fast_torch

def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(3):
        maps = [torch.ones(2**21) for _ in range(20)]  # 8 MB each
        del maps
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

pages()
print(pages())
fast_torch.keep_memory()
pages()
print(pages())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another malloc")
def test_memory_is_kept_for_the_next_round():
    """The maps of each round take new pages, and then none.

    The variable holds malloc to its first threshold: how far it raises that by itself, and what it
    keeps then, hangs on what else a process has done.
    """
    env = os.environ | {"MALLOC_MMAP_THRESHOLD_": str(2**17)}
    run = [sys.executable, "-c", PAGES]
    result = subprocess.run(run, env=env, capture_output=True, check=True)
    anew, kept = map(int, result.stdout.split())
    assert anew > 1000
    assert kept < anew / 10
