"""Scores among the logs, where Keras' own callbacks see them."""

import csv
import types

import keras
import numpy as np
import pytest
from kept_models import plain_gan
from PIL import Image

import ganzoo
from ganzoo.metrics import Extractor

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


@pytest.fixture
def gan():
    return plain_gan()


def means(images):
    return images.mean(axis=(2, 3))[:, :3] / 255


def scored(metrics=("fid",), **options):
    return ganzoo.callbacks.EvaluateSamples(IMAGES, means, metrics, n=6, **options)


def test_scores_stand_in_the_logs(gan, tmp_path):
    best = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.keras", monitor="fid", mode="min", save_best_only=True
    )
    callbacks = [scored(["fid", "kid"], seed=3), keras.callbacks.CSVLogger(tmp_path / "log"), best]
    history = gan.fit(IMAGES, epochs=3, verbose=0, callbacks=callbacks).history
    expected = ganzoo.metrics.evaluate(
        IMAGES, gan.generate(6, seed=3), means, ["fid", "kid"], seed=3, verbose=False
    )
    assert callbacks[0].evaluation.difference(expected) == dict.fromkeys(expected.scores, 0.0)
    for name, value in expected.scores.items():
        assert history[name][-1] == value
    with (tmp_path / "log").open(newline="") as file:
        assert [float(row["fid"]) for row in csv.DictReader(file)] == history["fid"]
    assert best.best == min(history["fid"])


class Scripted(keras.callbacks.Callback):
    """Make the scores of the epochs what a test says."""

    def __init__(self, scores, values):
        super().__init__()
        self.scores, self.values = scores, iter(values)

    def on_train_begin(self, logs=None):
        evaluator = self.scores._evaluator
        self.scores._evaluator = lambda *_: types.SimpleNamespace(
            scores={"fid": next(self.values)}, real=evaluator.real
        )


def test_epochs_between_repeat_the_last_score_and_the_best_is_the_best(gan, tmp_path):
    """NaN would be the best for good, for any callback of Keras that compares."""
    scores = scored(every=2)
    best = keras.callbacks.ModelCheckpoint(
        tmp_path / "{epoch}.keras", monitor="fid", mode="min", save_best_only=True
    )
    stop = keras.callbacks.EarlyStopping(monitor="fid", mode="min", patience=4)
    slower = keras.callbacks.ReduceLROnPlateau(monitor="fid", mode="min", patience=3)
    log = keras.callbacks.CSVLogger(tmp_path / "log")
    script = Scripted(scores, [9.0, 8.0, 5.0, 6.0, 7.0])
    callbacks = [scores, script, log, best, stop, slower]
    history = gan.fit(IMAGES, epochs=12, verbose=0, callbacks=callbacks).history
    assert history["fid"] == [9, 8, 8, 5, 5, 6, 6, 7]
    assert (best.best, stop.best, stop.stopped_epoch) == (5, 5, 7)
    assert sorted(path.stem for path in tmp_path.glob("*.keras")) == ["1", "2", "4"]
    assert float(gan.optimizer.learning_rate) < 1e-4
    with (tmp_path / "log").open(newline="") as file:
        assert [float(row["fid"]) for row in csv.DictReader(file)] == history["fid"]


def test_another_fit_does_not_repeat_the_score_of_the_one_before():
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
    gan.compile(ema_decay=None)
    scores = scored(every=10)
    first = gan.fit(IMAGES, epochs=2, verbose=0, callbacks=[scores]).history["fid"]
    gan.generator.set_weights([weight * 0 for weight in gan.generator.get_weights()])
    second = gan.fit(IMAGES, initial_epoch=2, epochs=4, verbose=0, callbacks=[scores])
    assert second.history["fid"][0] != first[-1]


def test_images_are_drawn_and_scored_batch_by_batch(gan, monkeypatch):
    sizes, draw = [], ganzoo.GAN.draw
    monkeypatch.setattr(
        ganzoo.GAN, "draw", lambda self, *given: sizes.append(len(given[0])) or draw(self, *given)
    )
    known = Extractor("means", None, "none", means, batch_size=5)
    scores = ganzoo.callbacks.EvaluateSamples(IMAGES, known, ["fid"], n=13)
    gan.fit(IMAGES, epochs=1, verbose=0, callbacks=[scores])
    assert sizes == [5, 5, 3]


def test_another_model_is_scored_against_images_of_its_own_shape(gan, tmp_path):
    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 256, (16, 16), dtype="uint8")
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    scores = ganzoo.callbacks.EvaluateSamples(
        tmp_path, lambda x: x.mean(axis=2)[..., 0], ["kid"], n=6
    )
    gan.fit(IMAGES, epochs=1, verbose=0, callbacks=[scores])
    large = ganzoo.DCGAN((16, 16, 1), latent_dim=4, base_filters=4, seed=0)
    large.compile()
    large.fit(IMAGES.repeat(2, 1).repeat(2, 2), epochs=1, verbose=0, callbacks=[scores])
    assert scores.evaluation.protocol["image_shape"] == [16, 16, 1]


def test_a_conditional_model_draws_as_many_of_each_class():
    labels = np.arange(8) % 2
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, num_classes=2, base_filters=4, seed=0)
    gan.compile()
    drawn = []

    def remembering(images):
        drawn.append(images)
        return means(images)

    known = Extractor("halves", None, "none", remembering, lambda f: np.eye(2)[np.arange(6) % 2])
    scores = ganzoo.callbacks.EvaluateSamples(IMAGES[:6], known, ["recognised"], n=6)
    history = gan.fit(IMAGES, labels, epochs=1, verbose=0, callbacks=[scores]).history
    assert history["recognised"] == [1.0]
    np.testing.assert_array_equal(drawn[-1], gan.generate(6, labels=[0, 1] * 3, seed=0))


def test_scoring_does_not_change_the_training(gan):
    plain = ganzoo.DCGAN.from_config(gan.get_config())
    plain.compile()
    network = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
    scores = ganzoo.callbacks.EvaluateSamples(IMAGES, network, ["kid"], n=6)
    keras.utils.set_random_seed(0)
    expected = plain.fit(IMAGES, epochs=2, batch_size=4, verbose=0).history
    keras.utils.set_random_seed(0)
    history = gan.fit(IMAGES, epochs=2, batch_size=4, verbose=0, callbacks=[scores]).history
    assert {name: history[name] for name in expected} == expected
    for one, other in zip(
        [*gan.weights, *gan.optimizer.variables, gan.seed_generator.state],
        [*plain.weights, *plain.optimizer.variables, plain.seed_generator.state],
        strict=True,
    ):
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (one, other)))


def test_a_cache_that_cannot_be_written_costs_no_training(gan, tmp_path, monkeypatch):
    (tmp_path / "home").write_text("a file where the folder should be")
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    known = Extractor("means", "ab" * 32, "none", means)
    scores = ganzoo.callbacks.EvaluateSamples(IMAGES, known, ["fid"], n=6)
    with pytest.warns(UserWarning, match="could not be kept"):
        history = gan.fit(IMAGES, epochs=2, verbose=0, callbacks=[scores])
    assert np.isfinite(history.history["fid"]).all()


def test_real_images_that_do_not_fit_cost_no_epoch(gan):
    scores = ganzoo.callbacks.EvaluateSamples(IMAGES[:, :4], means)
    with pytest.raises(ValueError, match=r"real images of shape \(n, 8, 8, 1\)"):
        gan.fit(IMAGES, epochs=1, verbose=0, callbacks=[scores])
    with pytest.raises(ValueError, match="every must be at least 1"):
        scored(every=0)
