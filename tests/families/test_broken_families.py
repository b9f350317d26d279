"""The checks of `ganzoo.testing` can fail: each of them finds a family that breaks its promise."""

import dataclasses
import inspect
import re
import textwrap
from unittest import SkipTest

import keras
import numpy as np
import pytest
from keras import layers, ops

import ganzoo
from ganzoo import testing

BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
SMALL = {"image_shape": (9, 8, 1), "latent_dim": 4, "units": 8}

pytestmark = pytest.mark.any_backend  # what is broken is so on every backend


class Counting(layers.Layer):
    """Adds how often it was called."""

    def build(self, shape):
        self.count = self.add_weight((), initializer="zeros", trainable=False)

    def call(self, inputs):
        self.count.assign_add(0.1)
        return inputs + ops.cast(self.count, inputs.dtype)


def after(network, layer, inputs=None):
    """Return a network with a layer behind it."""
    outputs = layer(network.output)
    return keras.Model(network.input, outputs, name=network.name)


def unbounded(dense):
    @dataclasses.dataclass
    class Arguments(dense.Arguments):
        def __post_init__(self):
            units, self.units = self.units, 8
            super().__post_init__()
            self.units = units

    return {"Arguments": Arguments}


def without_seed(dense):
    def build_generator(arguments, seed, dtype):
        return dense.build_generator(arguments, 0, dtype)

    return {"build_generator": staticmethod(build_generator)}


def too_bright(dense):
    def build_generator(arguments, seed, dtype):
        network = dense.build_generator(arguments, seed, dtype)
        return after(network, layers.Rescaling(2.0, dtype="float32"))

    return {"build_generator": staticmethod(build_generator)}


def one_logit_for_all(dense):
    def build_discriminator(arguments, seed, dtype):
        network = dense.build_discriminator(arguments, seed, dtype)
        logits = ops.mean(network.output, axis=0, keepdims=True)
        return keras.Model(network.input, logits, name="discriminator")

    return {"build_discriminator": staticmethod(build_discriminator)}


def blind_to_labels(dense):
    def build_generator(arguments, seed, dtype):
        network = dense.build_generator(
            dataclasses.replace(arguments, num_classes=None, class_names=None), seed, dtype
        )
        if not arguments.num_classes:
            return network
        labels = keras.Input((), dtype="int32", name="labels")
        return keras.Model([network.input, labels], network.output, name="generator")

    return {"build_generator": staticmethod(build_generator)}


def counting_generator(dense):
    def build_generator(arguments, seed, dtype):
        network = dense.build_generator(arguments, seed, dtype)
        return after(network, Counting(dtype="float32"))

    return {"build_generator": staticmethod(build_generator)}


def counting_discriminator(dense):
    def build_discriminator(arguments, seed, dtype):
        network = dense.build_discriminator(arguments, seed, dtype)
        return after(network, Counting(dtype="float32"))

    return {"build_discriminator": staticmethod(build_discriminator)}


def without_gradient(dense):
    def build_generator(arguments, seed, dtype):
        network = dense.build_generator(arguments, seed, dtype)
        return keras.Model(network.input, ops.stop_gradient(network.output), name="generator")

    return {"build_generator": staticmethod(build_generator)}


def one_image(dense):
    def build_generator(arguments, seed, dtype):
        network = dense.build_generator(arguments, seed, dtype)
        return keras.Model(network.input, network.output * 0.0, name="generator")

    return {"build_generator": staticmethod(build_generator)}


def features_of_the_batch(dense):
    def build_discriminator(arguments, seed, dtype):
        images = keras.Input(arguments.image_shape, name="images")
        x = layers.Flatten()(images)
        x = layers.Dense(8)(x - ops.mean(x, axis=0, keepdims=True))
        logits = ops.squeeze(layers.Dense(1)(x), axis=-1)
        return keras.Model(images, logits, name="discriminator")

    return {"build_discriminator": staticmethod(build_discriminator)}


def untrained_discriminator(dense):
    def build_discriminator(arguments, seed, dtype):
        network = dense.build_discriminator(arguments, seed, dtype)
        for layer in network.layers[1:-4]:
            layer.trainable = False
        return network

    def compile(self, **options):
        dense.compile(self, **options)
        self.optimizer.discriminator_optimizer.learning_rate = 0.0

    return {"build_discriminator": staticmethod(build_discriminator), "compile": compile}


def state_that_is_no_weight(dense):
    def train_step(self, *data):
        self.rounds = getattr(self, "rounds", 0) + 1
        weight = self.generator.trainable_variables[0]
        weight.assign(weight * (1 + self.rounds / 100))
        return dense.train_step(self, *data)

    return {"train_step": train_step}


def drawing_trains(dense):
    def draw(self, *arguments, **options):
        for weight in self.generator.trainable_variables:
            weight.assign(weight * 1.01)
        return dense.draw(self, *arguments, **options)

    return {"draw": draw}


def never_frozen(dense):
    def compile(self, **options):
        number = options.get("frozen_stages", 0)
        dense.compile(self, **options | {"frozen_stages": 0 if number == 1 else number})

    return {"compile": compile}


def forgets_its_random_state(dense):
    def load_own_variables(self, store):
        state = ops.convert_to_numpy(self.seed_generator.state)
        dense.load_own_variables(self, store)
        self.seed_generator.state.assign(state + 1)

    return {"load_own_variables": load_own_variables}


def presets_without_weights(dense):
    def from_preset(cls, preset, **options):
        return super(cls, cls).from_preset(preset, **options | {"load_weights": False})

    return {"from_preset": classmethod(from_preset)}


def clamped(dense):
    @dataclasses.dataclass
    class Arguments(dense.Arguments):
        def __post_init__(self):
            self.units = min(max(self.units, 1), 8) if isinstance(self.units, int) else self.units
            super().__post_init__()

    return {"Arguments": Arguments}


def silent_transplant(dense):
    def transplant(cls, weights, source, target, fresh):
        kept, anew = super(cls, cls).transplant(weights, source, target, fresh)
        return kept, [1 for _ in anew]

    return {"transplant": classmethod(transplant)}


def exports_another(dense):
    def float32_generator(self):
        return self.build_generator(self.arguments, 0, "float32")

    return {"float32_generator": float32_generator}


def draws_nothing(dense):
    def draw(self, latents, labels=None, *rest, **options):
        return np.zeros_like(dense.draw(self, latents, labels, *rest, **options))

    return {"draw": draw}


def draws_once(dense):
    ink = iter("k")  # for the picture that save_to_preset makes

    def draw(self, *arguments, **options):
        if not next(ink, ""):
            raise RuntimeError("no ink")
        return dense.draw(self, *arguments, **options)

    return {"draw": draw}


BROKEN = [
    (testing.check_arguments, unbounded, "units=1000000000000 in Arguments is taken"),
    (testing.check_config, without_seed, "Another seed makes the same first weights"),
    (testing.check_networks, too_bright, "not within"),
    (testing.check_networks, one_logit_for_all, r"makes float32 \(1,\) of 4 images"),
    (testing.check_networks, blind_to_labels, "draws the same for every label"),
    (testing.check_drawing, counting_generator, "One seed draws other images"),
    (testing.check_threads, counting_generator, "Threads get other images"),
    (testing.check_latents, without_gradient, "comes no nearer"),
    (testing.check_directions, one_image, "changes nothing"),
    (testing.check_discriminator_features, features_of_the_batch, "depend on the others"),
    (testing.check_fit, untrained_discriminator, "The discriminator learns nothing"),
    (testing.check_evaluate, counting_discriminator, "something else the second time"),
    (testing.check_resume, state_that_is_no_weight, "ends otherwise"),
    (testing.check_callbacks, drawing_trains, "Callbacks change the training"),
    (testing.check_frozen_stages, never_frozen, "A frozen stage was trained"),
    (testing.check_keras_file, forgets_its_random_state, "has lost a part of the model's state"),
    (testing.check_preset, presets_without_weights, "The preset draws other images"),
    (testing.check_hostile_presets, clamped, "whose units is 1000000000000 is taken"),
    (testing.check_other_shapes, silent_transplant, "does not say in words"),
    (testing.check_export, exports_another, "draws other images"),
    (testing.check_command_line, draws_once, "ganzoo generate fails.*no ink"),
    (testing.check_demo, draws_nothing, "the same for every seed"),
]


@pytest.mark.parametrize(
    ("check", "broken", "message"), BROKEN, ids=lambda each: getattr(each, "__name__", "")
)
def test_a_check_finds_the_broken_promise(check, broken, message, dense, tmp_path):
    parts = broken(dense)
    family = type("BrokenGAN", (dense,), {"family": "broken", **parts})
    keras.saving.register_keras_serializable("tests")(family)
    with pytest.raises(testing.BrokenPromise, match=message):
        check(family, SMALL, tmp_path)


def test_every_check_was_broken():
    assert {check for check, *_ in BROKEN} == set(testing.CHECKS)


def test_all_checks_are_run_and_all_failures_told(capsys):
    def fails(family, small, folder):
        raise testing.BrokenPromise("no ink")

    def skips(family, small, folder):
        raise SkipTest("no paper")

    def passes(family, small, folder):
        assert not list(folder.iterdir())

    with pytest.raises(ExceptionGroup, match="DCGAN fails 2 of 4 checks") as error:
        testing.check_family(ganzoo.DCGAN, {}, [fails, skips, passes, fails])
    assert [str(each) for each in error.value.exceptions] == ["no ink", "no ink"]
    assert error.value.exceptions[0].__notes__ == ["Found by ganzoo.testing.fails."]
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == ["fails: BrokenPromise: no ink", "skips: left out: no paper", "passes: ok"]
    testing.check_family(ganzoo.DCGAN, {}, [passes, skips])


@pytest.mark.parametrize("name", testing.__all__)
def test_what_is_public_is_documented(name):
    assert inspect.getdoc(getattr(testing, name))


EXAMPLES = {
    name: textwrap.dedent(code)
    for name in ("__doc__", *testing.__all__)
    for value in [getattr(testing, name)]
    for text in [value if isinstance(value, str) else getattr(value, "__doc__", None) or ""]
    for _, code in BLOCK.findall(text)
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(EXAMPLES[name], name, "exec"), {"__name__": name})


def test_there_are_examples():
    assert {"__doc__", "BrokenPromise", "check_family", "check_fit"} <= EXAMPLES.keys()
