"""Each failure is provoked in a training and named; healthy trainings are left in peace."""

import json
import math
from pathlib import Path

import keras
import numpy as np
import pytest
from kept_models import kept, state

import ganzoo
from ganzoo.callbacks import BestSnapshot, Doctor, failure_modes

# Four grey squares each: 8x8 images of four numbers.
SQUARES = np.random.default_rng(0).integers(0, 256, (256, 2, 2, 1))
SQUARES = SQUARES.repeat(4, axis=1).repeat(4, axis=2).astype("uint8")


def small_gan(generator_rate=2e-3, discriminator_rate=2e-3, seed=0, norm="batch", **recipe):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=8, base_filters=8, seed=seed, discriminator_norm=norm)
    rates = (generator_rate, discriminator_rate)
    gan.compile(
        *(keras.optimizers.Adam(each, beta_1=0.5) for each in rates),
        **{"ema_decay": 0.9} | recipe,
    )
    return kept(gan, ("doctor", norm, str(recipe)))


def train(gan, *callbacks, epochs=8, **options):
    options = {"steps_per_epoch": 40, "batch_size": 32} | options
    return gan.fit(SQUARES, epochs=epochs, verbose=0, callbacks=callbacks, **options)


def doctor(**options):
    return Doctor(SQUARES, **{"n": 128, "after": 150} | options)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_healthy_training_raises_no_alarm(seed):
    """A warning is an error here."""
    gan, seen = small_gan(seed=seed), doctor()
    train(gan, seen)
    assert seen.diagnoses == []
    drawn = failure_modes.nearest_distance(failure_modes.rows_of(gan.generate(128, seed=1)))
    assert drawn > 0.7 * failure_modes.nearest_distance(failure_modes.rows_of(SQUARES[:128])), (
        "it learnt nothing"
    )


FAULTS = {
    "discriminator": {"generator_rate": 1e-9, "discriminator_rate": 1e-2},
    "collapse": {"generator_rate": 2e-2, "discriminator_rate": 1e-6},
    "oscillation": {  # Wasserstein's loss without a penalty goes round in circles
        "generator_rate": 3e-2,
        "discriminator_rate": 3e-2,
        "loss": "wasserstein",
        "norm": None,
        "ema_decay": None,
    },
}


@pytest.mark.filterwarnings("ignore:Epoch")
@pytest.mark.parametrize("failure", FAULTS)
def test_a_provoked_failure_is_named(failure):
    seen = doctor()
    train(small_gan(**FAULTS[failure]), seen, epochs=14)
    assert failure in [each.failure for each in seen.diagnoses]


def test_a_collapse_within_one_class_is_named(monkeypatch):
    gan = ganzoo.DCGAN.from_preset("mnist")
    labels = np.arange(200) % 10
    seen = Doctor((gan.generate(200, seed=1), labels), n=200, after=0)
    seen.set_model(gan)
    seen.on_train_begin()
    healthy = gan.generate(200, seed=0)
    drawn = healthy.copy()
    drawn[labels == 3] = healthy[3]
    losses = {"discriminator_loss": 0.3}
    monkeypatch.setattr(gan, "generate", lambda n, seed: healthy)
    assert seen._look(losses) == {}
    monkeypatch.setattr(gan, "generate", lambda n, seed: drawn)
    assert list(seen._look(losses)) == ["collapse"]
    assert "images of class 3 differ" in seen._look(losses)["collapse"]


def test_losses_of_the_bundled_presets_are_healthy():
    weights = Path(ganzoo.__file__).parent / "dcgan" / "weights"
    records = [json.loads(path.read_text()) for path in weights.glob("*/metadata.json")]
    shares = []
    for about in (record["about"] for record in records):
        curve = about["training"]["curve"]["discriminator_loss"]
        recipe = about["recipe"]  # of the older presets, `compile` has its own part
        loss = ganzoo.losses.get(recipe.get("compile", recipe)["loss"])
        shares.append(failure_modes.share_of_guessing(loss, min(curve)))
    assert shares
    assert min(shares) > 5 * failure_modes.TOO_CERTAIN


def test_the_share_of_guessing():
    smooth = ganzoo.losses.NonSaturating(real_target=0.9)
    least = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    for loss, floor, guessing in (
        ("non_saturating", 0.0, 2 * math.log(2)),
        (smooth, least, None),
        ("least_squares", 0.0, 0.25),
        ("hinge", 0.0, 2.0),
        ("relativistic", 0.0, math.log(2)),
    ):
        loss = ganzoo.losses.get(loss)
        assert failure_modes.share_of_guessing(loss, floor) == pytest.approx(0, abs=1e-4)
        if guessing:
            assert failure_modes.share_of_guessing(loss, guessing) == pytest.approx(1, abs=1e-4)
    assert failure_modes.share_of_guessing(ganzoo.losses.get("wasserstein"), -40.0) is None


def test_what_failures_are_told_by():
    points = np.array([[0.0, 0], [0, 3], [4, 0], [4, 1]])
    assert failure_modes.nearest_distance(points) == pytest.approx(2.0)  # of 3, 3, 1 and 1
    assert failure_modes.deviation_of(points) == pytest.approx(math.sqrt(4 + 1.5))
    there_and_back = [np.array(each) for each in ([0.0, 0], [2, 0], [0, 0], [2, 0], [0, 0])]
    assert failure_modes.wandering(there_and_back, deviation=4.0) == (0.5, 0.0)
    assert failure_modes.wandering(there_and_back[:2], deviation=1.0) == (2.0, 1.0)


def test_a_failure_is_warned_of_once_until_it_is_over(recwarn):
    seen = doctor()
    looks = iter([["collapse"], ["collapse"], ["collapse"], [], ["collapse"], ["collapse"]])
    seen._look = lambda logs: dict.fromkeys(next(looks), "Advice.")
    gan = small_gan()
    seen.set_model(gan)
    seen.on_train_begin()
    for epoch in range(6):
        seen.on_epoch_end(epoch, {})
    warned = [str(each.message) for each in recwarn if "Advice" in str(each.message)]
    assert warned == ["Epoch 2: Advice.", "Epoch 6: Advice."]
    assert [each.epoch for each in seen.diagnoses] == [2, 6]


@pytest.mark.filterwarnings("ignore:Epoch")
def test_looking_changes_nothing():
    gan = small_gan()
    expected = train(gan, epochs=2, steps_per_epoch=4).history, state(gan)
    gan = small_gan()
    assert train(gan, doctor(after=0), epochs=2, steps_per_epoch=4).history == expected[0]
    for one, other in zip(state(gan), expected[1], strict=True):
        np.testing.assert_array_equal(one, other)


class Spoil(keras.callbacks.Callback):
    """Break the weights at the beginning of an epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            weight = self.model.generator.trainable_weights[0]
            weight.assign(np.full(weight.shape, np.nan))


def test_after_nan_the_training_goes_on_from_the_best(tmp_path):
    gan = small_gan(generator_rate=4e-3)
    best = BestSnapshot(tmp_path / "best.keras", SQUARES, n=64)
    seen = doctor(roll_back=best, factor=0.25)
    with pytest.warns(UserWarning, match=r"Epoch 3: .*became nan at epoch 3, step 1\. Went back"):
        history = train(gan, best, Spoil(), seen, epochs=5, steps_per_epoch=4).history
    finite = np.isfinite(history["generator_loss"]).tolist()
    assert finite == [True, True, False, True, True]
    assert history["snapshot_fid"][2] == min(history["snapshot_fid"][:2]), "not the best"
    assert seen.roll_backs == 1
    rates = [float(each.learning_rate) for each in gan.optimizer.optimizers]
    if best.best.epoch < 3:  # what is restored at the end learnt as fast as before
        rates = [rate / 4 for rate in rates]
    np.testing.assert_allclose(rates, [1e-3, 5e-4], rtol=1e-5)


@pytest.mark.parametrize("options", [{}, {"at_most": 0}])
def test_nan_ends_a_training_without_roll_backs(tmp_path, options):
    callbacks = [Spoil()]
    if options:
        options["roll_back"] = BestSnapshot(tmp_path / "best.keras", SQUARES, n=64)
        callbacks.append(options["roll_back"])
    with pytest.raises(FloatingPointError, match="at epoch 3, step 1"):
        train(small_gan(), *callbacks, doctor(**options), epochs=4, steps_per_epoch=2)


def test_a_roll_back_that_cannot_be_made_is_refused(tmp_path):
    best = BestSnapshot(tmp_path / "best.keras", SQUARES, n=64)
    with pytest.raises(ValueError, match="among the callbacks, too"):
        train(small_gan(), doctor(roll_back=best))
    gan = small_gan()
    train(gan, best, epochs=1, steps_per_epoch=1)
    with pytest.raises(ValueError, match="among the callbacks, too"):
        train(gan, doctor(roll_back=best))  # it was, in an earlier training
    scheduled = ganzoo.DCGAN((8, 8, 1), base_filters=4)
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 100)
    scheduled.compile(discriminator_optimizer=keras.optimizers.Adam(schedule))
    with pytest.raises(ValueError, match="has a schedule"):
        train(scheduled, best, doctor(roll_back=best))


@pytest.mark.parametrize("wrong", [{"n": 1}, {"every": 0}, {"at_most": -1}, {"factor": 1.0}])
def test_arguments_are_checked(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        doctor(**wrong)
