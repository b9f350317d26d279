"""How often a run is looked at; the clock is a test's."""

import tomllib

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.callbacks.training_film import epochs_shown
from ganzoo.metrics.evaluate import Evaluator
from ganzoo.runs import spacing
from ganzoo.runs.spacing import ALWAYS, ONCE, SHARE, spaced

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")
EPOCHS = 12


@pytest.mark.parametrize(("looked", "trained"), [(0.5, 2.0), (4.0, 1.0), (0.1, 60.0)])
@pytest.mark.parametrize("epochs", [20, 500])
def test_looks_take_a_twentieth_at_most(looked, trained, epochs):
    every = spaced(looked, trained, epochs)
    allowed = max(SHARE * trained * epochs, ALWAYS) - ONCE * looked
    if every == epochs:  # there is time for no other look
        assert allowed < 2 * looked
    else:
        assert looked * epochs / every <= allowed + 1e-9
    if every > 1:  # and no less than that
        assert looked * epochs / (every - 1) > allowed


@pytest.mark.parametrize("every", [1, 2, 3, 8])
def test_a_film_of_some_epochs_is_even(every):
    drawn = [each for each in range(1, 401) if each == 1 or each % every == 0]
    shown = sorted(epochs_shown(400, 10, every))
    assert set(shown[:-1]) <= set(drawn)
    assert shown[0] == 1
    assert shown[-1] == 400
    assert 5 < len(shown) <= 10


def test_a_run_measures_its_second_epoch_and_notes_what_it_found(tmp_path, monkeypatch):
    now = [0.0]
    score = Evaluator.__call__

    def scored(*arguments, **options):
        now[0] += 5.0
        return score(*arguments, **options)

    class Slow(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            now[0] += 30.0  # of two batches in an epoch

    def trained(epochs):
        gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=2, seed=0)
        gan.compile()
        options = {"callbacks": [Slow()], "verbose": 0}
        return ganzoo.runs.train(gan, IMAGES, tmp_path, epochs, 4, **options).history

    monkeypatch.setattr(spacing, "ALWAYS", 0.0)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr(Evaluator, "__call__", scored)
    scores = trained(EPOCHS)["snapshot_fid"]
    assert tomllib.loads((tmp_path / "run.toml").read_text())["watch_every"] == 3
    assert [n for n in range(2, EPOCHS + 1) if scores[n - 1] != scores[n - 2]] == [2, 3, 6, 9, 12]
    frames = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert frames == [f"epoch-{n:04d}.png" for n in (1, 3, 6, 9, 12)]
    later = trained(EPOCHS + 4)["snapshot_fid"]  # 13, as the first of a `fit`, and as noted
    assert [n for n in (14, 15, 16) if later[n - 13] != later[n - 14]] == [15, 16]


class Ends(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == 2


def test_a_run_that_ends_early_is_looked_at_in_the_end(tmp_path):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=2, seed=0)
    gan.compile()
    options = {"watch_every": 100, "callbacks": [Ends()], "verbose": 0}
    scores = ganzoo.runs.train(gan, IMAGES, tmp_path, 9, 4, **options).history["snapshot_fid"]
    assert len(scores) == 3
    assert scores[0] == scores[1] != scores[2]
    assert {path.name for path in (tmp_path / "samples").iterdir()} == {
        "epoch-0001.png",
        "epoch-0003.png",
    }
