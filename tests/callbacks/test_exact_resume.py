"""A training that is killed and started again ends where an undisturbed one ends, bit for bit."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.files import PARTIAL_PREFIX

RUN = Path(__file__).with_name("resumable_run.py")
EPOCHS = 30
KILLS = 5


def start(folder, *options):
    command = [sys.executable, str(RUN), str(folder), str(EPOCHS), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_to_end(folder):
    process = start(folder)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return int(output.split()[1]), np.load(folder / "final.npz")


def kill_at_random(folder):
    """Start the run, kill it at a random moment of a random epoch, return the first and last."""
    process = start(folder)
    seen = [process.stdout.readline() for _ in range(random.randint(2, 5))]
    assert seen[-1].startswith("epoch"), process.stderr.read()
    time.sleep(random.uniform(0.0, 0.2))  # an epoch and its checkpoint take about as long
    process.kill()
    seen += process.communicate()[0].splitlines()
    assert process.returncode == -signal.SIGKILL, "the run ended before it was killed"
    return int(seen[0].split()[1]), int(seen[-1].split()[1])


def assert_identical(one, other):
    assert one.files == other.files
    for name in one.files:
        np.testing.assert_array_equal(one[name], other[name])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return run_to_end(tmp_path_factory.mktemp("undisturbed"))[1]


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path, undisturbed):
    reached = 0
    for _ in range(KILLS):
        first, last = kill_at_random(tmp_path)
        assert first in (reached, reached + 1), "finished epochs were lost"
        reached = last
    first, final = run_to_end(tmp_path)
    assert 0 < first in (reached, reached + 1)
    assert_identical(final, undisturbed)


@pytest.mark.slow
def test_killed_during_the_write(tmp_path, undisturbed):
    process = start(tmp_path, "--die-in-write", "3")
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.glob("epoch-*")] == ["epoch-000002.keras"]
    assert list(tmp_path.glob(f"{PARTIAL_PREFIX}*")), "it was killed before it wrote anything"
    first, final = run_to_end(tmp_path)
    assert first == 2
    assert not list(tmp_path.glob(f"{PARTIAL_PREFIX}*"))
    assert_identical(final, undisturbed)


IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


def small_gan(seed=0, **changes):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=seed, **changes)
    gan.compile()
    return gan


FULL_DISK = """
import resource, sys, warnings
import keras
import numpy as np
import ganzoo

class FullDisk(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:  # from now on no file may grow beyond 4 KB
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))

gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
gan.compile()
images = np.zeros((8, 8, 8, 1), np.uint8)
resume = ganzoo.callbacks.ExactResume(sys.argv[1])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    history = gan.fit(images, epochs=3, verbose=0, callbacks=[FullDisk(), resume])
print(len(history.epoch), *[each.message for each in caught], sep="|")
"""


def test_full_disk_keeps_the_previous_checkpoint(tmp_path):
    # In a process of its own: the limit would also hit the file that this one's output may go to.
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    epochs, *warned = result.stdout.strip().split("|")
    assert epochs == "3"
    assert sum("No checkpoint after epoch" in each for each in warned) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-000001.keras"]
    keras.saving.load_model(tmp_path / "epoch-000001.keras")


def test_broken_weights_are_not_saved(tmp_path):
    resume = ganzoo.callbacks.ExactResume(tmp_path)
    gan = small_gan()
    gan.fit(IMAGES, epochs=1, verbose=0, callbacks=[resume])
    gan.generator.weights[0].assign(np.full(gan.generator.weights[0].shape, np.nan))
    with pytest.raises(FloatingPointError, match=r"NaN.*last good checkpoint"):
        resume.on_epoch_end(1)
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-000001.keras"]


def test_a_finished_training_is_left_as_it_is(tmp_path):
    resume = ganzoo.callbacks.ExactResume(tmp_path)
    gan = small_gan()
    gan.fit(IMAGES, epochs=2, verbose=0, callbacks=[resume])
    again = small_gan()
    history = again.fit(IMAGES, epochs=2, verbose=0, callbacks=[resume])
    assert history.epoch == []
    np.testing.assert_array_equal(again.generate(2, seed=0), gan.generate(2, seed=0))


@pytest.mark.parametrize("changes", [{"seed": 1}, {"num_classes": 2}])
def test_checkpoint_of_another_model_is_refused(tmp_path, changes):
    resume = ganzoo.callbacks.ExactResume(tmp_path)
    small_gan().fit(IMAGES, epochs=1, verbose=0, callbacks=[resume])
    with pytest.raises(ValueError, match=f"another model.*{next(iter(changes))}"):
        resume.restore(small_gan(**changes))
