import zipfile
from contextlib import contextmanager
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from kept_models import kept, state

import ganzoo
from ganzoo.callbacks import BestSnapshot, ExactResume, state_file
from ganzoo.callbacks import best_snapshot as best
from ganzoo.metrics import extractors
from ganzoo.metrics.evaluate import Evaluator

BLACK = np.zeros((8, 8, 8, 1), "uint8")  # what is learnt: from grey to black
DARK = np.tile(np.arange(96, 104, dtype="uint8")[:, None, None, None], (1, 8, 8, 1))
EPOCHS = 6


def grey(images):
    """Look at the grey level alone: it passes that of DARK halfway."""
    return images.mean(axis=(1, 2)) / 255


def trained(*callbacks, epochs=EPOCHS, seed=0):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=seed)
    gan.compile(keras.optimizers.Adam(0.02, beta_1=0.5), ema_decay=0.5)
    gan = kept(gan, ("snapshot", seed))
    gan.fit(BLACK, epochs=epochs, batch_size=2, verbose=0, callbacks=callbacks)
    return gan


def snapshot(folder, **options):
    options = {"real": DARK, "extractor": grey, "n": 8} | options
    return BestSnapshot(folder / "best.keras", **options)


def assert_same(one, other):
    for each, its in zip(one, other, strict=True):
        np.testing.assert_array_equal(each, its)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    chosen = snapshot(tmp_path_factory.mktemp("undisturbed"))
    states = []
    spy = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: states.append(state(chosen.model))
    )
    gan = trained(chosen, spy)
    return state(gan), chosen, states, gan.history.history


def test_the_training_ends_on_its_best_epoch(undisturbed):
    final, chosen, states, history = undisturbed
    scores = history[f"snapshot_{chosen.metric}"]
    assert 1 < chosen.best.epoch < EPOCHS, "the example shows nothing"
    assert chosen.best == (1 + int(np.argmin(scores)), min(scores))
    assert_same(final, states[chosen.best.epoch - 1])
    assert_same(state(keras.saving.load_model(chosen.path)), final)
    assert any((a != b).any() for a, b in zip(final, states[-1], strict=True))


class Killed(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.doomed = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.doomed:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after_snapshot", [False, True])
@pytest.mark.parametrize("later", [0, 1])
def test_interrupted_and_resumed_it_ends_as_if_undisturbed(
    undisturbed, tmp_path, later, after_snapshot
):
    """Killed in the best epoch or the next, before the snapshot or before the checkpoint."""
    expected, its, *_ = undisturbed
    resume, chosen = ExactResume(tmp_path / "checkpoints"), snapshot(tmp_path)
    killer = Killed(its.best.epoch + later)
    with pytest.raises(KeyboardInterrupt):
        trained(resume, *([chosen, killer] if after_snapshot else [killer, chosen]))
    again = snapshot(tmp_path)
    assert_same(state(trained(resume, again)), expected)
    assert again.best == its.best
    finished = snapshot(tmp_path)
    assert_same(state(trained(resume, finished)), expected)
    assert finished.best == its.best


WAVERING = [9, 6, 4, 3.2, 2.8, 3.1, 3.3, 2.9, 3.2, 9]


class Told(keras.callbacks.Callback):
    """Makes the score of each epoch what a list says."""

    def __init__(self, snapshot):
        super().__init__()
        self.snapshot = snapshot

    def on_epoch_begin(self, epoch, logs=None):
        score = {"fid": WAVERING[epoch]}
        self.snapshot._evaluator.__class__ = type(
            "Evaluator", (Evaluator,), {"__call__": lambda *_: SimpleNamespace(scores=score)}
        )


@pytest.mark.parametrize("killed", [None, 5, 8, 9])
def test_a_later_epoch_wins_within_the_noise_however_often_it_is_interrupted(tmp_path, killed):
    if killed:
        chosen = snapshot(tmp_path)
        resume = ExactResume(tmp_path / "checkpoints")
        with pytest.raises(KeyboardInterrupt):
            trained(chosen, Told(chosen), Killed(killed), resume, epochs=len(WAVERING))
    chosen = snapshot(tmp_path)
    trained(chosen, Told(chosen), ExactResume(tmp_path / "checkpoints"), epochs=len(WAVERING))
    assert chosen.best == (9, 3.2)
    assert list(chosen.scores.values()) == WAVERING


def test_it_says_which_epoch_won(tmp_path, capsys):
    chosen = snapshot(tmp_path)
    gan = trained(chosen, epochs=1)
    assert "epoch" not in capsys.readouterr().out
    gan.fit(BLACK, initial_epoch=1, epochs=2, verbose=2, callbacks=[chosen])
    said = capsys.readouterr().out.splitlines()[-1]
    assert f"epoch {chosen.best.epoch}, {chosen.metric} {chosen.best.score:.5g}" in said


def test_it_stops_when_nothing_gets_better(undisturbed, tmp_path):
    _, its, *_ = undisturbed
    chosen = snapshot(tmp_path, patience=2)
    gan = trained(chosen, epochs=EPOCHS + 9)
    assert len(gan.history.epoch) == its.best.epoch + 2
    assert chosen.best == its.best


def test_the_file_of_another_training_is_refused(tmp_path):
    trained(snapshot(tmp_path), epochs=2)
    before = (tmp_path / "best.keras").read_bytes()
    with pytest.raises(ValueError, match=r"another model: it has seed=0 instead of 1"):
        trained(snapshot(tmp_path), seed=1)
    with pytest.raises(ValueError, match=r"other scores \(n 8, not 4; seed 0, not 3\)"):
        trained(snapshot(tmp_path, n=4, seed=3))
    with pytest.raises(ValueError, match="other scores"):
        trained(snapshot(tmp_path, real=BLACK + 7))
    with pytest.raises(ValueError, match="has come to epoch 2 or further; this one is at epoch 1"):
        trained(snapshot(tmp_path))
    assert (tmp_path / "best.keras").read_bytes() == before
    with zipfile.ZipFile(tmp_path / "best.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(ValueError, match="no snapshot of ganzoo"):
        trained(snapshot(tmp_path))


def test_a_snapshot_that_was_cut_off_is_not_restored(tmp_path):
    """As by a copy that was stopped; the model stays as it is."""
    chosen = snapshot(tmp_path)
    gan = trained(chosen, epochs=2)
    before = state(gan)
    chosen.path.write_bytes(chosen.path.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"best\.keras is damaged"):
        chosen.restore(gan)
    assert_same(state(gan), before)
    with pytest.raises(ValueError, match=r"no snapshot of ganzoo.* delete it"):
        gan.fit(BLACK, initial_epoch=2, epochs=3, verbose=0, callbacks=[snapshot(tmp_path)])
    chosen.path.unlink()
    with pytest.raises(FileNotFoundError):
        chosen.restore(gan)


def test_only_epochs_that_are_due_can_be_the_best(tmp_path):
    """Whenever a training is interrupted; its first epoch then is scored for the logs alone."""
    chosen = snapshot(tmp_path, every=3)
    gan = trained(chosen, epochs=1)
    history = gan.fit(BLACK, initial_epoch=1, epochs=3, batch_size=2, verbose=0, callbacks=[chosen])
    assert np.isfinite(history.history["snapshot_fid"]).all()
    assert chosen.best.epoch in (1, 3)


def test_a_full_disk_costs_no_training(tmp_path, monkeypatch):
    """The best before it is kept, and the training ends on that."""
    whole_file = state_file.whole_file
    writes = []

    @contextmanager
    def full(path):
        writes.append(path)
        with whole_file(path) as partial:
            yield partial
            if len(writes) > 1:
                raise OSError(28, "No space left on device")

    monkeypatch.setattr(state_file, "whole_file", full)
    chosen = snapshot(tmp_path)
    with pytest.warns(UserWarning, match="No snapshot after epoch .*No space left"):
        gan = trained(chosen)
    assert len(gan.history.epoch) == EPOCHS
    assert len(writes) > 1
    assert chosen.best.epoch == 1
    assert_same(state(keras.saving.load_model(chosen.path)), state(gan))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.json", "best.keras"]


def test_without_a_file_the_last_model_stays(tmp_path):
    (tmp_path / "folder").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="No snapshot after epoch"):
        last = state(trained(snapshot(tmp_path / "folder"), epochs=2))
    assert_same(last, state(trained(epochs=2)))


class Spoil(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        weight = self.model.discriminator.trainable_weights[-1]
        weight.assign(np.full(weight.shape, np.inf))


def test_broken_weights_are_no_snapshot(tmp_path):
    chosen = snapshot(tmp_path)
    trained(Spoil(), chosen, epochs=1)
    assert chosen.best is None


def test_of_many_real_images_some_are_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(best, "MOST_REAL", 3)
    seen = []
    chosen = snapshot(tmp_path, extractor=lambda images: seen.append(images) or grey(images))
    trained(chosen, epochs=1)
    assert len(seen[0]) == 3
    assert len(np.unique(grey(seen[0]))) == 3


def test_colours_are_scored_by_a_network_that_has_seen_objects(tmp_path):
    real = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 3), "uint8")
    gan = ganzoo.DCGAN((8, 8, 3), latent_dim=4, base_filters=4, seed=0)
    gan.compile()
    path = tmp_path / "best.keras"

    def scored(epochs, **options):
        chosen = BestSnapshot(path, real, n=12, **options)
        gan.fit(real, epochs=epochs, initial_epoch=epochs - 1, verbose=0, callbacks=[chosen])
        return chosen.extractor

    assert scored(1) == "objects"
    path.unlink()
    assert scored(1, extractor="random") == "random"
    assert scored(2) == "random"  # as the file was chosen by
    assert extractors.quick((8, 8, 1)) == "random"


def test_arguments_are_checked(tmp_path):
    with pytest.raises(ValueError, match=r"must end in .keras"):
        BestSnapshot(tmp_path / "best.h5", DARK)
    with pytest.raises(ValueError, match="Unknown metric 'precision'"):
        snapshot(tmp_path, metric="precision")
    with pytest.raises(ValueError, match="patience must be at least 1"):
        snapshot(tmp_path, patience=0)
