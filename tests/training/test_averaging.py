"""The averaged generator: its numbers, and everything that draws with it."""

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo.training import averaging

IMAGES = np.random.default_rng(5).integers(0, 256, (4, 9, 8, 1), dtype="uint8")


def built(**options):
    model = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=3)
    model.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5), **options)
    return model


def numbers(network):
    return [np.float64(ops.convert_to_numpy(each)) for each in network.weights]


def all_of(model):
    """Return the generator's weights, the discriminator's, and the optimizers' variables."""
    optimizer = [np.float64(ops.convert_to_numpy(each)) for each in model.optimizer.variables]
    return [*numbers(model.generator), *numbers(model.discriminator), *optimizer]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_average_ramps_up_to_its_decay():
    """`(1 + n) / (10 + n)` for n rounds, and no more than the decay."""
    average, weight = keras.Variable([2.0]), keras.Variable([4.0])
    for rounds, kept in ((1, 2 / 11), (8, 0.5), (80, 0.9), (81, 0.9), (10**6, 0.9)):
        average.assign([2.0])
        averaging.update([average], [weight], 0.9, ops.convert_to_tensor(rounds, "int32"))
        assert ops.convert_to_numpy(average)[0] == pytest.approx(4.0 - 2.0 * kept, rel=1e-6)


@pytest.fixture(scope="module")
def trained():
    """A model after four rounds in two calls of `fit`, and what its weights were after each."""
    model, seen = built(ema_decay=0.4), []
    record = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(all_of(model))
    )
    seen.append(all_of(model))
    for epochs in (3, 1):
        model.fit(IMAGES, batch_size=4, epochs=epochs, verbose=0, callbacks=[record])
    return model, seen


def test_weights_and_statistics_are_averaged_over_the_rounds(trained):
    """Closed form: kept 2/11, 3/12, 4/13 and 5/14 of the past."""
    model, rounds = trained
    expected, *rounds = [each[:6] for each in rounds]
    for number, weights in enumerate(rounds, 1):
        kept = min(0.4, (1 + number) / (10 + number))
        expected = [kept * a + (1 - kept) * w for a, w in zip(expected, weights, strict=True)]
    found = numbers(model.ema_generator)
    assert len(found) == len(model.generator.weights) == 6
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    apart = [np.abs(one - last).max() for one, last in zip(found, rounds[-1], strict=True)]
    assert max(apart) > 1e-4


def test_the_training_is_left_as_it_is(trained):
    """Bit for bit, both networks and optimizers."""
    model = built(ema_decay=None)
    model.fit(IMAGES, batch_size=4, epochs=3, verbose=0)
    assert_same(all_of(model), trained[1][3])


def last_of(model):
    """Return a model that draws with the last weights."""
    last = ganzoo.DCGAN(**model.get_config())
    last.generator.set_weights(model.generator.get_weights())
    return last


def averaged_of(model):
    last = ganzoo.DCGAN(**model.get_config())
    last.generator.set_weights(model.ema_generator.get_weights())
    return last


def test_the_average_is_what_draws(trained, tmp_path):
    """`generate`, a call, presets; and a saved model, compiled or not."""
    model, _ = trained
    expected = averaged_of(model).generate(8, seed=1)
    assert (last_of(model).generate(8, seed=1) != expected).any()
    np.testing.assert_array_equal(model.generate(8, seed=1), expected)
    latents = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")
    called, direct = (ops.convert_to_numpy(each(latents)) for each in (model, averaged_of(model)))
    np.testing.assert_array_equal(called, direct)
    model.save_to_preset(tmp_path / "preset")
    preset = ganzoo.DCGAN.from_preset(str(tmp_path / "preset"))
    for one, other in zip(preset.generator.weights, numbers(model.ema_generator), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(one), other, rtol=1e-3, atol=1e-6)
    model.save(tmp_path / "model.keras")
    for compile_it in (True, False):
        loaded = keras.saving.load_model(tmp_path / "model.keras", compile=compile_it)
        np.testing.assert_array_equal(loaded.generate(8, seed=1), expected)
        assert_same(numbers(loaded.generator), numbers(model.generator))
    loaded.compile(ema_decay=0.9)  # what was loaded without: goes on from its averages
    np.testing.assert_array_equal(loaded.generate(8, seed=1), expected)


def test_compile_keeps_it_or_removes_it(tmp_path):
    model = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=3)
    first = model.generate(8, seed=1)
    model.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5), ema_decay=0.9)
    np.testing.assert_array_equal(model.generate(8, seed=1), first)  # nothing was trained
    model.fit(IMAGES, batch_size=4, epochs=8, verbose=0)
    drawn, averages = model.generate(8, seed=1), numbers(model.ema_generator)
    count = len(model.weights)
    model.compile(ema_decay=0.5)
    assert_same(numbers(model.ema_generator), averages)
    np.testing.assert_array_equal(model.generate(8, seed=1), drawn)
    assert len(model.weights) == count

    last = last_of(model).generate(8, seed=1)
    assert (last != drawn).any()
    model.save(tmp_path / "with.keras")
    model.compile(ema_decay=None)
    np.testing.assert_array_equal(model.generate(8, seed=1), last)
    assert len(model.weights) == count - 6
    model.save(tmp_path / "without.keras")
    sizes = [(tmp_path / name).stat().st_size for name in ("with.keras", "without.keras")]
    assert sizes[1] < sizes[0] - 1000
    loaded = keras.saving.load_model(tmp_path / "without.keras")
    assert loaded.ema_generator is None
    loaded.fit(IMAGES, batch_size=4, steps_per_epoch=1, verbose=0)
    last = last_of(loaded).generate(8, seed=1)
    np.testing.assert_array_equal(loaded.generate(8, seed=1), last)


def test_nothing_else_changes_the_average(trained):
    model, _ = trained
    known = {id(each) for each in model.trainable_variables}
    assert not known & {id(each) for each in model.ema_generator.variables}
    before = numbers(model.ema_generator)
    model.evaluate(IMAGES, verbose=0)
    model.generate(8)
    assert_same(numbers(model.ema_generator), before)


def one_more_round(model):
    """Play a round; return what the average kept of itself, as it moved."""
    average, weights = numbers(model.ema_generator), model.generator.weights
    model.fit(IMAGES, batch_size=4, verbose=0)
    kept = []
    for old, new, weight in zip(average, numbers(model.ema_generator), weights, strict=True):
        weight = np.float64(ops.convert_to_numpy(weight))
        kept.append(np.abs(new - weight).sum() / np.abs(old - weight).sum())
    return np.mean(kept)


def test_another_compile_goes_on_with_the_average():
    """The rounds of the weights count, not those since `compile`."""
    model = built(ema_decay=0.999)
    model.fit(IMAGES, batch_size=4, epochs=3, verbose=0)
    model.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5), ema_decay=0.999)
    assert int(model.optimizer.iterations) == 0
    assert int(model.rounds_played) == 3
    assert one_more_round(model) == pytest.approx(5 / 14, rel=1e-3)


def test_an_average_that_begins_late_has_no_first_weights_to_forget():
    model = built(ema_decay=None)
    model.fit(IMAGES, batch_size=4, epochs=40, verbose=0)
    model.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5), ema_decay=0.8)
    assert one_more_round(model) == pytest.approx(0.8, rel=1e-3)  # 42 / 51 is more


def test_the_rounds_are_saved_with_the_model(tmp_path):
    """Compiled or not."""
    model = built(ema_decay=0.999)
    model.fit(IMAGES, batch_size=4, epochs=3, verbose=0)
    model.save(tmp_path / "model.keras")
    for compile_it in (True, False):
        loaded = keras.saving.load_model(tmp_path / "model.keras", compile=compile_it)
        if not compile_it:
            loaded.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5), ema_decay=0.999)
        assert int(loaded.rounds_played) == 3
        assert one_more_round(loaded) == pytest.approx(5 / 14, rel=1e-3)


def test_fine_tuning_averages_over_its_last_hundred_rounds_from_the_beginning(tmp_path):
    """A preset has no first weights to forget: 0.99 at once, not after 890 rounds.

    Where parts of it begin anew, there are some.
    """
    built(ema_decay=None).save_to_preset(tmp_path / "preset")
    for changes, kept in (({}, 0.99), ({"num_classes": 2}, 2 / 11)):
        model = ganzoo.DCGAN.from_preset(tmp_path / "preset", verbose=False, **changes)
        recipe = model.fine_tuning_recipe() | {"augmentation": None}
        model.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5), **recipe)
        if changes:
            model.fit = lambda *given, fit=model.fit, **more: fit(IMAGES, np.arange(4) % 2, **more)
        assert bool(model.reinitialized) == bool(changes)
        assert one_more_round(model) == pytest.approx(kept, rel=1e-3)


@pytest.mark.parametrize("decay", [0.5, None])
def test_the_best_snapshot_is_what_was_scored_also_with_averages_of_keras(tmp_path, decay):
    """`use_ema` puts its averages in at the end of a training; the snapshot is put back after."""
    model = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=3)
    model.compile(
        keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9),
        keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9),
        ema_decay=decay,
    )
    drawn = {}
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: drawn.update({epoch + 1: model.generate(8, seed=1)})
    )
    snapshot = ganzoo.callbacks.BestSnapshot(
        tmp_path / "best.keras", IMAGES.repeat(8, axis=0), n=32
    )
    model.fit(IMAGES, batch_size=4, epochs=3, verbose=0, callbacks=[look, snapshot])
    np.testing.assert_array_equal(model.generate(8, seed=1), drawn[snapshot.best.epoch])
    best = keras.saving.load_model(tmp_path / "best.keras")
    assert_same(numbers(model.generator), numbers(best.generator))
    assert_same(numbers(model.discriminator), numbers(best.discriminator))
