"""A training that is stopped within an epoch goes on there, bit for bit."""

import os
import signal
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.callbacks import ExactResume

IMAGES = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), dtype="uint8")
LABELS = np.arange(32) % 2
EPOCHS = 2


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 8

    def __getitem__(self, number):
        return IMAGES[4 * number :][:4], LABELS[4 * number :][:4]


WAYS = {
    "an array": {"x": IMAGES, "y": LABELS, "batch_size": 4},
    "a PyDataset": {"x": Batches()},
    "with validation": {"x": IMAGES, "y": LABELS, "batch_size": 4, "validation_split": 0.25},
}
if keras.backend.backend() != "torch":  # which has no such option
    WAYS["two steps at once"] = WAYS["an array"]


class At(keras.callbacks.Callback):
    """Does something as a step begins."""

    def __init__(self, epoch, step, does):
        super().__init__()
        self.place, self.does, self.told = (epoch, step), does, []

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self.told.append((self.epoch, batch))
        if (self.epoch, batch) == self.place:
            self.does()


def send(number):
    return lambda: os.kill(os.getpid(), number)


def crash():
    raise MemoryError


def train(folder, *callbacks, way="an array", **options):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, num_classes=2, base_filters=4, seed=0)
    at_once = 2 if way == "two steps at once" else 1
    gan.compile(steps_per_execution=at_once, jit_compile="auto")  # XLA would take long to compile
    resume = ExactResume(folder, **options)
    gan.fit(**WAYS[way], epochs=EPOCHS, verbose=0, callbacks=[*callbacks, resume])
    return gan


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    known = {}

    def model(way):
        if way not in known:
            known[way] = train(tmp_path_factory.mktemp("undisturbed"), way=way)
        return known[way]

    return model


def assert_alike(one, other, state):
    for first, second in zip(state(one), state(other), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("way", WAYS)
def test_ctrl_c_within_an_epoch(way, tmp_path, undisturbed, state):
    """The running means go on, too: the history is that of a whole epoch."""
    stop = At(1, 2, send(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, stop, way=way)
    done = 4 if way == "two steps at once" else 3
    assert [each.name for each in tmp_path.iterdir()] == [f"epoch-000001-step-{done:06d}.keras"]
    looked = At(9, 9, crash)
    gan = train(tmp_path, looked, way=way)
    assert looked.told[0] == (1, done), "callbacks are told of what is left"
    whole = undisturbed(way)
    assert_alike(gan, whole, state)
    assert gan.history.epoch == [1]
    for name, values in gan.history.history.items():
        assert values == whole.history.history[name][1:], name
    assert [each.name for each in tmp_path.iterdir()] == ["epoch-000002.keras"]


STOPS = {
    "in the first step": (At(0, 0, send(signal.SIGINT)), KeyboardInterrupt, "0-step-000001"),
    "by the system": (At(0, 5, send(signal.SIGTERM)), SystemExit, "0-step-000006"),
    "a line that is cut": (At(1, 5, send(signal.SIGHUP)), SystemExit, "1-step-000006"),
    "in the last step": (At(0, 7, send(signal.SIGINT)), KeyboardInterrupt, "1"),
}


@pytest.mark.parametrize("stop", STOPS)
def test_whoever_asks_to_stop(stop, tmp_path, undisturbed, state):
    when, error, name = STOPS[stop]
    with pytest.raises(error):
        train(tmp_path, when)
    assert [each.name for each in tmp_path.iterdir()] == [f"epoch-00000{name}.keras"]
    assert_alike(train(tmp_path), undisturbed("an array"), state)


def test_every_so_many_minutes(tmp_path, undisturbed, state, monkeypatch):
    """A program that ends without a word loses no more than that."""
    now = iter(range(0, 10**6, 25))  # each look at the clock is 25 s later than the one before
    clock = SimpleNamespace(monotonic=lambda: next(now))
    monkeypatch.setattr("ganzoo.callbacks.exact_resume.time", clock)
    with pytest.raises(MemoryError):
        train(tmp_path, At(0, 6, crash), minutes=1)
    (checkpoint,) = tmp_path.iterdir()
    assert checkpoint.name == "epoch-000000-step-000005.keras"
    assert_alike(train(tmp_path, minutes=1), undisturbed("an array"), state)
    with pytest.raises(ValueError, match="minutes must be a number above 0, not 0"):
        ExactResume(tmp_path, minutes=0)


def test_other_batches_are_refused_or_begin_the_epoch_anew(tmp_path, state):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, At(0, 2, send(signal.SIGINT)))
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, num_classes=2, base_filters=4, seed=0)
    gan.compile()
    before = state(gan)
    fit = {"x": IMAGES, "y": LABELS, "batch_size": 8, "verbose": 0}
    with pytest.raises(ValueError, match=r"within an epoch of 8 steps, and now an epoch has 4"):
        gan.fit(**fit, callbacks=[ExactResume(tmp_path)])
    for one, other in zip(state(gan), before, strict=True):
        np.testing.assert_array_equal(one, other)
    looked = At(9, 9, crash)
    gan.fit(**fit, callbacks=[looked, ExactResume(tmp_path, new_recipe=True)])
    assert [step for _, step in looked.told] == [0, 1, 2, 3]
    assert int(gan.optimizer.iterations) == 3 + 4


def test_a_second_ctrl_c_does_not_wait(tmp_path):
    def twice():
        for _ in range(2):
            send(signal.SIGINT)()

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, At(0, 2, twice))
    assert not list(tmp_path.iterdir())


def test_a_full_disk_costs_that_checkpoint_alone(tmp_path, monkeypatch):
    def full(*arguments, **notes):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ganzoo.callbacks.exact_resume.save_state", full)
    with (
        pytest.warns(UserWarning, match="No checkpoint within epoch 1 could be written"),
        pytest.raises(KeyboardInterrupt),
    ):
        train(tmp_path, At(0, 2, send(signal.SIGINT)))
