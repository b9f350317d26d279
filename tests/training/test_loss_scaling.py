"""Losses that are scaled while gradients are computed: the same steps, and none that overflow."""

import keras
import numpy as np
import pytest
from keras import ops
from keras.optimizers import SGD, Adam, LossScaleOptimizer

import ganzoo
from ganzoo import losses
from ganzoo.training.optimizer import portable_config

IMAGES = np.random.default_rng(5).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


def trained(make, dtype=None, loss="non_saturating", epochs=1):
    """Return a model after two rounds an epoch, and the changes of what was trained."""
    gan = ganzoo.DCGAN((8, 8, 1), 3, base_filters=4, seed=3, dtype=dtype)
    gan.compile(make(), make(), loss=loss, discriminator_steps=2, ema_decay=None)
    variables = gan.generator.trainable_variables + gan.discriminator.trainable_variables
    before = [np.float64(ops.convert_to_numpy(each)) for each in variables]
    gan.history = gan.fit(IMAGES, batch_size=4, epochs=epochs, verbose=0).history
    return gan, [
        np.float64(ops.convert_to_numpy(v)) - b for v, b in zip(variables, before, strict=True)
    ]


@pytest.fixture(scope="module")
def plainly():
    return trained(lambda: SGD(0.1))


@pytest.mark.parametrize(
    "make",
    [
        lambda: SGD(0.1, loss_scale_factor=1024.0),
        lambda: LossScaleOptimizer(SGD(0.1), initial_scale=2.0**10),
    ],
    ids=["loss_scale_factor", "LossScaleOptimizer"],
)
def test_a_scaled_loss_takes_the_steps_of_a_plain_one(plainly, make):
    """And shows the plain loss."""
    (plain, expected), (scaled, found) = plainly, trained(make)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-7)
        assert np.abs(other).max() > 1e-5
    for name, value in plain.history.items():
        assert scaled.history[name] == pytest.approx(value, rel=1e-5)
    assert [int(each.iterations) for each in scaled.optimizer.optimizers] == [2, 4]


def test_a_step_that_overflows_is_left_out_and_the_scale_halved():
    """Twice for the generator, four times for the discriminator; the loss that shows is finite."""
    gan, changes = trained(lambda: LossScaleOptimizer(SGD(0.1), initial_scale=3e38), loss=Steep())
    assert [np.abs(each).max() for each in changes] == [0.0] * len(changes)
    scales = [float(each.dynamic_scale) for each in gan.optimizer.optimizers]
    assert scales == pytest.approx([3e38 / 4, 3e38 / 16])
    assert np.isfinite(list(gan.history.values())).all()
    assert [int(each.iterations) for each in (gan.optimizer, *gan.optimizer.optimizers)] == [
        2,
        0,
        0,
    ]


def test_a_scale_grows_while_steps_are_finite():
    gan, _ = trained(lambda: LossScaleOptimizer(SGD(0.1), 8.0, dynamic_growth_steps=2))
    assert [float(each.dynamic_scale) for each in gan.optimizer.optimizers] == [16.0, 32.0]


@keras.saving.register_keras_serializable("ganzoo_tests")
class Steep(losses.Hinge):
    """A loss of a hundred times the size."""

    def real_loss(self, logits):
        return 100.0 * super().real_loss(logits)

    def fake_loss(self, logits):
        return 100.0 * super().fake_loss(logits)

    def generator_loss(self, logits):
        return 100.0 * super().generator_loss(logits)


@keras.saving.register_keras_serializable("ganzoo_tests")
class Faint(losses.Hinge):
    """A loss of a millionth of the size: its gradients are less than float16 has numbers for."""

    def real_loss(self, logits):
        return 1e-6 * super().real_loss(logits)

    def fake_loss(self, logits):
        return 1e-6 * super().fake_loss(logits)

    def generator_loss(self, logits):
        return 1e-6 * super().generator_loss(logits)


def test_float16_keeps_small_gradients():
    """As good as float32's to some percent; without a scale, most of them would be 0."""

    def of(dtype, make):
        return trained(make, dtype, Faint())[1]

    exact = of(None, lambda: SGD(1e4))
    found = of("mixed_float16", lambda: SGD(1e4))
    lost = of("mixed_float16", lambda: SGD(1e4, loss_scale_factor=1.0))
    errors, worse = (
        [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(each, exact, strict=True)]
        for each in (found, lost)
    )
    assert max(errors) < 0.15
    assert max(worse) > 0.5


def test_what_scales_its_loss_is_left_as_it_is():
    """In float16 whatever does not is wrapped, and only there."""
    given = [Adam(1e-3, loss_scale_factor=8.0), LossScaleOptimizer(Adam(1e-3))]
    gan = ganzoo.DCGAN((8, 8, 1), 3, base_filters=4, seed=3, dtype="mixed_float16")
    gan.compile(*given)
    assert gan.optimizer.optimizers == given
    gan.compile()
    for each in gan.optimizer.optimizers:
        assert type(each) is LossScaleOptimizer
        assert isinstance(each.inner_optimizer, Adam)
    gan = ganzoo.DCGAN((8, 8, 1), 3, base_filters=4, seed=3, dtype="mixed_bfloat16")
    gan.compile()
    assert not any(isinstance(each, LossScaleOptimizer) for each in gan.optimizer.optimizers)


def test_a_scale_is_saved_and_resumed(tmp_path):
    """Bit for bit; the config names no backend and the schedule that the user gave."""

    def make():
        rate = keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)
        return LossScaleOptimizer(Adam(rate), 8.0, dynamic_growth_steps=3)

    gan, _ = trained(make)
    gan.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_compile_config() == gan.get_compile_config()
    for each in (gan, loaded):
        each.fit(IMAGES, batch_size=4, initial_epoch=1, epochs=2, verbose=0)
    pairs = zip(
        gan.variables + gan.optimizer.variables,
        loaded.variables + loaded.optimizer.variables,
        strict=True,
    )
    for one, other in pairs:
        if "mean" not in one.path.split("/")[0]:
            np.testing.assert_array_equal(*map(ops.convert_to_numpy, (one, other)))
    inner = portable_config(loaded.optimizer.generator_optimizer)["config"]["inner_optimizer"]
    assert (inner["module"], inner["class_name"]) == ("keras.optimizers", "Adam")
    assert inner["config"]["learning_rate"]["class_name"] == "ExponentialDecay"
