"""One clock: what follows a schedule follows the rounds played, whatever else counts."""

import keras
import numpy as np
import pytest
from keras import ops
from keras.optimizers.schedules import PiecewiseConstantDecay, PolynomialDecay

import ganzoo
from ganzoo import schedules
from ganzoo.augmentation import Augmentation, InstanceNoise, Transformation
from ganzoo.penalties import R1, LeCam

IMAGES = np.random.default_rng(5).integers(0, 256, (12, 9, 8, 1), dtype="uint8")
STEPS = 3  # of the discriminator


def first_round(before, after):
    """Return a schedule of one value in the first round, and another from then on."""
    return PiecewiseConstantDecay([0], [before, after])


def model(rates=(0.5, 0.5), **recipe):
    gan = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=3)
    return compiled(gan, rates, **recipe)


def compiled(gan, rates=(0.5, 0.5), **recipe):
    gan.compile(*map(keras.optimizers.SGD, rates), discriminator_steps=STEPS, **recipe)
    return gan


def play(gan, rounds, played=0):
    """Play rounds of twelve images each, after so many others; return all weights."""
    gan.fit(IMAGES, batch_size=12, initial_epoch=played, epochs=played + rounds, verbose=0)
    networks = (gan.generator, gan.ema_generator, gan.discriminator)
    return [np.array(ops.convert_to_numpy(v)) for each in networks for v in each.weights]


def assert_close(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def differ(one, other):
    return any(np.abs(a - b).max() > 1e-4 for a, b in zip(one, other, strict=True))


def test_a_number_is_what_it_is_at_any_time():
    assert schedules.at(0.25, 7) == 0.25
    falling = PolynomialDecay(1.0, decay_steps=4, end_learning_rate=0.0)
    assert [float(schedules.at(falling, each)) for each in (0, 1, 4, 9)] == [1.0, 0.75, 0.0, 0.0]


def test_a_learning_rate_counts_rounds_and_not_updates():
    """Three updates of the discriminator at the first rate, then none: not one and then none."""
    shared = first_round(0.5, 0.0)
    gan = model((shared, shared))
    first = play(gan, 1)
    assert_close(first, play(model(), 1))
    trained = gan.generator.trainable_variables + gan.discriminator.trainable_variables
    before = [np.array(ops.convert_to_numpy(each)) for each in trained]
    play(gan, 1, played=1)
    assert_close(before, [ops.convert_to_numpy(each) for each in trained])
    rates = [float(each.learning_rate) for each in gan.optimizer.optimizers]
    assert rates == [0.0, 0.0]
    counts = [int(each.iterations) for each in (gan.optimizer, *gan.optimizer.optimizers)]
    assert counts == [2, 2, 2 * STEPS]


class Shifted(Transformation):
    def __call__(self, images, random, rounds):
        return images + 0.5


@pytest.mark.parametrize(
    ("scheduled", "then"),
    [
        (lambda w: {"penalties": [R1(w)]}, (3.0, 0.25)),
        (lambda w: {"penalties": [R1(0.1), LeCam(w)]}, (0.5, 2.0)),
        (lambda p: {"augmentation": Augmentation([Shifted()], p)}, (1.0, 0.0)),
    ],
)
def test_a_weight_and_a_probability_count_rounds(scheduled, then):
    """Two rounds of one training are those of two trainings, each with its number."""
    both = play(model(**scheduled(first_round(*then))), 2)
    gan = model(**scheduled(then[0]))
    play(gan, 1)
    averages = [float(v) for each in gan.objective.penalties for v in each.variables]
    compiled(gan, **scheduled(then[1]))
    for variable, value in zip(
        [v for each in gan.objective.penalties for v in each.variables], averages, strict=True
    ):
        variable.assign(value)
    assert_close(play(gan, 1, played=1), both)
    gan = model(**scheduled(then[0]))
    play(gan, 1)
    assert differ(play(gan, 1, played=1), both)


def test_instance_noise_counts_rounds():
    """Half of it is left after one of two rounds, not after one of six updates."""
    seen = []

    class Asked(InstanceNoise):
        def __call__(self, images, random, rounds):
            seen.append(float(rounds))
            return super().__call__(images, random, rounds)

    gan = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=3)
    gan.compile(
        augmentation=Augmentation([Asked(0.1, rounds=2)]),
        discriminator_steps=STEPS,
        run_eagerly=True,
    )
    if keras.backend.backend() == "jax":
        pytest.skip("within a gradient, JAX has no numbers to look at")
    play(gan, 2)
    views = 2 * STEPS + 1  # real images and fakes for each update, and the fakes that convince
    assert seen == [0.0] * views + [1.0] * views


def everything():
    rate = PolynomialDecay(0.05, decay_steps=6, end_learning_rate=0.01)
    return model(
        (rate, rate),
        penalties=[R1(PolynomialDecay(0.5, 6, 0.05))],
        augmentation=Augmentation([Shifted()], PolynomialDecay(0.0, 6, 0.5)),
    )


def test_a_resumed_training_goes_on_along_its_schedules(tmp_path):
    """Bit for bit; a file holds what the user gave, on whatever backend it was written."""
    keras.saving.register_keras_serializable("ganzoo_tests")(Shifted)
    straight = everything()
    play(straight, 2)
    straight.save(tmp_path / "half.keras")
    expected = play(straight, 2, played=2)
    loaded = keras.saving.load_model(tmp_path / "half.keras")
    for one, other in zip(play(loaded, 2, played=2), expected, strict=True):
        np.testing.assert_array_equal(one, other)
    config = loaded.get_compile_config()
    assert config == straight.get_compile_config()
    for network in ("generator", "discriminator"):
        rate = config[f"{network}_optimizer"]["config"]["learning_rate"]
        assert rate["class_name"] == "PolynomialDecay"
        assert rate["config"]["decay_steps"] == 6
    assert "ByRounds" not in str(config)


def test_compiled_again_with_the_same_optimizers_a_schedule_begins_anew():
    """As every `compile` does; and it is still the user's own, wrapped once."""
    gan = model((first_round(0.5, 0.0),) * 2)
    play(gan, 2)
    gan.compile(*gan.optimizer.optimizers, discriminator_steps=STEPS)
    rates = [float(each.learning_rate) for each in gan.optimizer.optimizers]
    assert rates == [0.5, 0.5]
    assert "ByRounds" not in str(gan.get_compile_config())


def test_a_rate_that_is_a_function_is_left_alone():
    """It counts by itself."""
    gan = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=3)
    gan.compile(keras.optimizers.SGD(lambda: 0.25), keras.optimizers.SGD(0.5))
    assert [float(each.learning_rate) for each in gan.optimizer.optimizers] == [0.25, 0.5]
