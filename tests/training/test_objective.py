"""All parts of a training at once: checked, frozen, saved, and resumed exactly."""

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo import augmentation, losses, penalties

SHAPE = (15, 16, 1)
RANDOM = np.random.default_rng(5)
IMAGES = RANDOM.integers(0, 256, (8, *SHAPE), dtype="uint8")
LABELS = (np.arange(8) % 2).astype("int32")


def everything():
    """Return a model with each part that keeps numbers of its own, or draws some."""
    model = ganzoo.DCGAN(SHAPE, 3, 2, base_filters=2, discriminator_norm="spectral", seed=7)
    rate = keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)
    model.compile(
        keras.optimizers.Adam(rate, beta_1=0.5),
        keras.optimizers.Adam(0.004),
        loss=losses.NonSaturating(real_target=0.9),
        penalties=[penalties.GradientPenalty(rate), penalties.LeCam(0.3, decay=0.8)],
        augmentation=augmentation.AdaptiveAugmentation(
            [augmentation.Translation(), augmentation.InstanceNoise(0.2, rounds=6)],
            probability=0.5, target=0.0, images=40,
        ),
        discriminator_steps=2,
        ema_decay=0.8,
        frozen_stages=1,
    )  # fmt: skip
    return model


def state(model):
    return {
        f"{i} {each.path}": ops.convert_to_numpy(each)
        for i, each in enumerate(model.variables + model.optimizer.variables)
        if "mean" not in each.path.split("/")[0]  # of the progress bar
    }


def assert_identical(one, other):
    for (name, a), b in zip(state(one).items(), state(other).values(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def train(model, epochs, *callbacks, begin=0):
    model.fit(IMAGES, LABELS, batch_size=4, epochs=epochs, initial_epoch=begin, verbose=0,
              callbacks=list(callbacks))  # fmt: skip
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def straight(folder):
    """A model after three epochs, saved after each."""
    every = keras.callbacks.ModelCheckpoint(folder / "after-{epoch}.keras")
    return train(everything(), 3, every, ganzoo.callbacks.ExactResume(folder / "resume"))


@pytest.fixture(scope="module")
def resumed(straight, folder):
    """The model as it was after two epochs, trained for the third."""
    return train(keras.saving.load_model(folder / "after-2.keras"), 3, begin=2)


def test_an_interrupted_training_ends_where_an_undisturbed_one_does(straight, resumed, folder):
    """Bit for bit, and so are the pictures; `ExactResume` restores as much."""
    assert_identical(resumed, straight)
    np.testing.assert_array_equal(resumed.generate(4, seed=1), straight.generate(4, seed=1))
    assert resumed.get_compile_config() == straight.get_compile_config()
    restored = everything()
    assert ganzoo.callbacks.ExactResume(folder / "resume").resume(restored) == 3
    assert_identical(restored, straight)


def test_what_the_parts_have_learnt(straight):
    """None of it stands still: a comparison of these is a comparison."""
    recipe = straight.objective
    _, held = recipe.penalties
    assert float(held.real_average) != 0 != float(held.fake_average)
    assert float(recipe.augmentation.mean_sign) != 0
    assert float(recipe.augmentation.probability) != 0.5
    counts = [int(each.iterations) for each in (straight.optimizer, *straight.optimizer.optimizers)]
    assert counts == [6, 6, 12]  # three epochs of two batches; of two updates
    assert int(straight.rounds_played) == 6
    for one, other in zip(
        straight.ema_generator.get_weights(), straight.generator.get_weights(), strict=True
    ):
        assert (one != other).any()


def test_frozen_stages_keep_their_weights(straight, resumed):
    """The first convolution alone, bit for bit; also after a model was saved and loaded."""

    def parts(model):
        weights = {f"{i} {each.name}": ops.convert_to_numpy(each)
                   for i, each in enumerate(model.discriminator.weights)}  # fmt: skip
        frozen = ["0 kernel", "1 bias"]
        return [weights.pop(each) for each in frozen], weights

    frozen, free = parts(everything())
    found, moved = parts(straight)
    for one, other in zip(frozen, found, strict=True):
        np.testing.assert_array_equal(one, other)
    # The first direction is no weight: it follows the power iteration.
    assert len(free) == len(moved) == 8
    for name, value in free.items():
        if value.size > 1 or "direction" not in name:  # that of a single unit is 1
            assert (value != moved[name]).any(), name
    for one, other in zip(frozen, parts(resumed)[0], strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(resumed.optimizer.discriminator_variables) == 4
    thawed = everything()
    thawed.compile()
    assert len(thawed.optimizer.discriminator_variables) == 6


def small(**options):
    return ganzoo.DCGAN((16, 16, 1), 3, base_filters=1, seed=0, **options)


@pytest.mark.parametrize("norm", ["batch", "spectral", None])
def test_stages_are_the_convolutions_with_what_follows(norm):
    """All of the discriminator but its last products."""
    model = small(discriminator_norm=norm, num_classes=2)
    first, second = model.stages()
    normed = ["BatchNorm"] * (norm == "batch")
    kind = "SpectralConv2D" if norm == "spectral" else "Conv2D"
    assert [type(each).__name__ for each in first] == [kind, "LeakyReLU"]
    assert [type(each).__name__ for each in second] == [kind, *normed, "LeakyReLU"]
    model.compile(frozen_stages=2)
    assert [each.name for each in model.optimizer.discriminator_variables] == ["kernel"] * 2


def numbers(layers):
    return [ops.convert_to_numpy(v) for layer in layers for v in layer.weights]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def half_frozen():
    """Return a model with a convolution and a norm of each network frozen; those, and the rest."""
    model = small(num_classes=2)
    parts = [
        [layer for layer in network.layers if layer.weights]
        for network in (model.generator, model.discriminator)
    ]
    held = [layer for layers in parts for layer in layers[1:3]]
    for layer in held:
        layer.trainable = False
    return model, held, [layer for layers in parts for layer in layers if layer not in held]


def test_what_the_user_froze_stays_frozen(tmp_path):
    """Through any `compile` and a file; norms among it normalise as they are used afterwards."""
    model, held, free = half_frozen()
    kinds = ["BatchNorm", "Conv2DTranspose", "Conv2D", "BatchNorm"]
    assert [type(each).__name__ for each in held] == kinds
    before, others = numbers(held), numbers(free)
    images = RANDOM.integers(0, 256, (8, 16, 16, 1), dtype="uint8")
    for recipe in ({"frozen_stages": 1}, {}):
        model.compile(**recipe)
        model.fit(images, LABELS, batch_size=4, verbose=0)
        assert_same(numbers(held), before)
        assert not any(layer.trainable for layer in held)
        assert all(layer.trainable for layer in free)
    for one, other in zip(numbers(free), others, strict=True):
        assert (one != other).any()
    model.save(tmp_path / "frozen.keras")
    loaded = keras.saving.load_model(tmp_path / "frozen.keras")
    for each in (model, loaded):
        each.fit(images, LABELS, batch_size=4, initial_epoch=1, epochs=2, verbose=0)
    assert_identical(loaded, model)
    for one, other in zip(model.discriminator.layers, loaded.discriminator.layers, strict=True):
        assert one.trainable == other.trainable


def test_frozen_stages_are_given_back_and_only_they():
    """A layer that the user freezes meanwhile is not."""
    model = small()
    first, norm = model.stages()[0][0], model.stages()[1][1]
    model.compile(frozen_stages=2)
    assert len(model.optimizer.discriminator_variables) == 1
    statistics = numbers([norm])[2:]
    model.fit(RANDOM.integers(0, 256, (8, 16, 16, 1), dtype="uint8"), batch_size=4, verbose=0)
    for one, other in zip(numbers([norm])[2:], statistics, strict=True):
        assert (one != other).any()  # as `compile` says: weights are kept, statistics are not
    first.trainable = False
    model.compile()
    left = [id(each) for each in model.optimizer.discriminator_variables]
    assert len(left) == 4
    assert id(first.kernel) not in left


def batches_of(size):
    return {"batch_size": size, "verbose": 0}


def test_a_batch_that_cannot_be_shared_out_is_refused():
    model = small()
    model.compile(discriminator_steps=3)
    images = np.zeros((8, 16, 16, 1), "uint8")
    with pytest.raises(ValueError, match=r"batch of 4 images.*3 rounds.*a multiple of 3"):
        model.fit(images, **batches_of(4))


@pytest.mark.parametrize(
    ("arguments", "error", "advice"),
    [
        ({"loss": None}, TypeError, "loss must be one of"),
        ({"penalties": penalties.R1()}, TypeError, r"must be a list, e\.g\. \[ganzoo"),
        ({"penalties": [penalties.R1]}, TypeError, "must be objects of ganzoo.penalties"),
        ({"penalties": "r1"}, TypeError, "not 'r1'"),
        ({"augmentation": augmentation.Flip()}, TypeError, "which takes a list"),
        ({"discriminator_optimizer": "adamm"}, ValueError, "adamm"),
        ({"discriminator_steps": 0}, ValueError, "a whole number from 1, not 0"),
        ({"discriminator_steps": 2.0}, ValueError, "a whole number from 1, not 2.0"),
        ({"discriminator_steps": "2"}, ValueError, "a whole number from 1, not '2'"),
        ({"ema_decay": 1.0}, ValueError, "a decay between 0 and 1"),
        ({"ema_decay": 0.0}, ValueError, "a decay between 0 and 1"),
        ({"ema_decay": True}, ValueError, "a decay between 0 and 1"),
        ({"frozen_stages": 3}, ValueError, "frozen_stages must be 0 to 2, not 3"),
        ({"frozen_stages": -1}, ValueError, "frozen_stages must be 0 to 2"),
        ({"frozen_stages": None}, ValueError, "frozen_stages must be 0 to 2"),
    ],
)
def test_what_a_part_may_not_be(arguments, error, advice):
    """And a compiled model stays as it was."""
    model = small()
    model.compile(ema_decay=0.5, frozen_stages=1)
    before = model.objective, model.optimizer, model.ema_generator
    with pytest.raises(error, match=advice):
        model.compile(**arguments)
    assert before == (model.objective, model.optimizer, model.ema_generator)
    assert len(model.optimizer.discriminator_variables) == 4
