"""A training that is killed and started again ends where an undisturbed one ends, bit for bit."""

import errno
import os
import random
import re
import signal
import stat
import subprocess
import sys
import time
import warnings
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from kept_models import plain_gan

import ganzoo
from ganzoo.callbacks import ExactResume
from ganzoo.callbacks.same_recipe import differences
from ganzoo.files import PARTIAL_PREFIX

RUN = Path(__file__).with_name("resumable_run.py")
EPOCHS = 30
KILLS = 3


def start(folder, *options):
    command = [sys.executable, str(RUN), str(folder), str(EPOCHS), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run_to_end(folder, *options):
    process = start(folder, *options)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return int(output.split()[1]), np.load(folder / "final.npz")


def kill_at_random(folder, *options):
    """Start the run, kill it at a random moment of a random epoch, return the first and last."""
    process = start(folder, *options)
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
@pytest.mark.parametrize("often", [[], ["--each-step"]])
def test_killed_at_random_moments(often, tmp_path, undisturbed):
    reached = 0
    for _ in range(KILLS):
        first, last = kill_at_random(tmp_path, *often)
        assert first in (reached, reached + 1), "finished epochs were lost"
        reached = last
    first, final = run_to_end(tmp_path, *often)
    assert 0 < first in (reached, reached + 1)
    assert_identical(final, undisturbed)


@pytest.mark.slow
@pytest.mark.any_backend
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


def small_gan(seed=0, recipe=None, **changes):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=seed, **changes)
    gan.compile(**recipe or {})
    return gan


def trained(folder, *callbacks, epochs=1, recipe=None, fit=None, **options):
    gan = small_gan(recipe=recipe) if recipe else plain_gan()
    resume = ExactResume(folder, **options)
    gan.fit(IMAGES, epochs=epochs, verbose=0, callbacks=[resume, *callbacks], **fit or {})
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


@pytest.mark.any_backend
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


def test_a_drive_that_cannot_flush_folders_keeps_one_checkpoint(tmp_path, monkeypatch):
    """As network drives; a warning would be an error here."""
    flush = os.fsync

    def picky(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", picky)
    trained(tmp_path, epochs=3)
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-000003.keras"]


def test_broken_weights_are_not_saved(tmp_path):
    resume = ExactResume(tmp_path)
    gan = trained(tmp_path)
    resume.set_model(gan)
    gan.generator.weights[0].assign(np.full(gan.generator.weights[0].shape, np.nan))
    with pytest.raises(FloatingPointError, match=r"NaN.*last good checkpoint"):
        resume.on_epoch_end(1)
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-000001.keras"]


def test_a_finished_training_is_left_as_it_is(tmp_path):
    resume, gan = ExactResume(tmp_path), trained(tmp_path, epochs=2)
    again = small_gan()
    history = again.fit(IMAGES, epochs=2, verbose=0, callbacks=[resume])
    assert history.epoch == []
    np.testing.assert_array_equal(again.generate(2, seed=0), gan.generate(2, seed=0))


@pytest.mark.parametrize("changes", [{"seed": 1}, {"num_classes": 2}])
def test_checkpoint_of_another_model_is_refused(tmp_path, changes):
    trained(tmp_path)
    with pytest.raises(ValueError, match=f"another model.*{next(iter(changes))}"):
        ExactResume(tmp_path).resume(small_gan(**changes))


def adam(rate):
    return keras.optimizers.Adam(rate, beta_1=0.5)


RECIPES = {  # beside the default: what differs, as it is said
    "loss is Hinge, and was NonSaturating": lambda: {"loss": "hinge"},
    "loss.real_target is 0.9, and was 1.0": lambda: {"loss": ganzoo.losses.NonSaturating(0.9)},
    "penalties is [R1], and was []": lambda: {"penalties": [ganzoo.penalties.R1()]},
    "augmentation is Augmentation, and was None": lambda: {
        "augmentation": ganzoo.augmentation.Augmentation()
    },
    "generator_optimizer.learning_rate is 0.05": lambda: {"generator_optimizer": adam(0.05)},
    "generator_optimizer is SGD, and was Adam": lambda: {
        "generator_optimizer": keras.optimizers.SGD(0.01)
    },
    "discriminator_steps is 2, and was 1": lambda: {"discriminator_steps": 2},
    "ema_decay is None, and was 0.999": lambda: {"ema_decay": None},
}


@pytest.mark.parametrize("difference", RECIPES)
def test_a_checkpoint_of_another_recipe_is_refused(difference, tmp_path, state):
    trained(tmp_path)
    gan = small_gan(recipe=RECIPES[difference]())
    before = [weight.copy() for weight in gan.get_weights()]
    with pytest.raises(ValueError, match=f"another recipe: {re.escape(difference)}"):
        ExactResume(tmp_path).resume(gan)
    for one, other in zip(gan.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_step_may_be_run_otherwise_and_its_parts_called_otherwise(tmp_path):
    trained(tmp_path)
    mine = keras.optimizers.Adam(2e-4, beta_1=0.5, name="mine")
    recipe = {"run_eagerly": True, "discriminator_optimizer": mine}
    assert ExactResume(tmp_path).resume(small_gan(recipe=recipe)) == 1


def test_another_recipe_is_taken_where_that_is_wanted(tmp_path):
    """The weights go on; the learning rates are the new ones."""
    images = trained(tmp_path).generate(4, seed=0)

    def recipe():
        return {"generator_optimizer": adam(0.05), "penalties": [ganzoo.penalties.R1()]}

    gan = small_gan(recipe=recipe())
    assert ExactResume(tmp_path, new_recipe=True).resume(gan) == 1
    np.testing.assert_array_equal(gan.generate(4, seed=0), images)
    rates = [float(each.learning_rate) for each in gan.optimizer.optimizers]
    np.testing.assert_allclose(rates, [0.05, 2e-4], rtol=1e-6)
    again = trained(tmp_path, epochs=2, recipe=recipe(), new_recipe=True)
    assert int(again.optimizer.iterations) == 2
    assert ExactResume(tmp_path).resume(small_gan(recipe=recipe())) == 2, "now it is the recipe"


def test_what_another_version_of_keras_knows_of_an_optimizer_is_no_difference():
    then = {"loss": {"class_name": "Adam", "config": {"rate": 1, "old": 2}}, "steps": 1}
    now = {"loss": {"class_name": "Adam", "config": {"rate": 1, "new": 3}}, "steps": 1}
    assert differences(then, now) == []
    assert differences(then, {**now, "more": 4}) == ["more is 4, and was None"]


class Slower(keras.callbacks.Callback):
    """Does what ReduceLROnPlateau and the doctor do."""

    def on_epoch_end(self, epoch, logs=None):
        for each in self.model.optimizer.optimizers:
            each.learning_rate = 0.5 * float(each.learning_rate)


def test_learning_rates_that_callbacks_have_lowered_are_the_same_recipe(tmp_path):
    gan = trained(tmp_path, Slower(), epochs=2)
    gan.fit(IMAGES, epochs=3, verbose=0, callbacks=[ExactResume(tmp_path), Slower()])
    again = trained(tmp_path, Slower(), epochs=4)
    np.testing.assert_allclose(float(again.optimizer.learning_rate), 2e-4 / 16, rtol=1e-6)


@pytest.mark.parametrize("damage", [
    lambda data: b"",
    lambda data: data[:2000],
    lambda data: data[:-1],
    lambda data: data[: len(data) // 2] + bytes(64) + data[len(data) // 2 + 64 :],
    lambda data: b"<!doctype html>" + data[:200],
])  # fmt: skip
def test_a_damaged_checkpoint_is_one_sentence_and_the_model_stays(damage, tmp_path, state):
    trained(tmp_path)
    (checkpoint,) = tmp_path.iterdir()
    checkpoint.write_bytes(damage(checkpoint.read_bytes()))
    gan = small_gan()
    before = state(gan)
    with pytest.raises(
        ValueError, match=r"epoch-000001\.keras is damaged.*Delete it to begin anew"
    ):
        gan.fit(IMAGES, epochs=2, verbose=0, callbacks=[ExactResume(tmp_path)])
    for one, other in zip(state(gan), before, strict=True):
        np.testing.assert_array_equal(one, other)
    (tmp_path / "epoch-000000.keras").touch()
    with pytest.raises(ValueError, match=r"Delete it to go on from epoch-000000\.keras"):
        ExactResume(tmp_path).resume(gan)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_zip_of_something_else_is_no_checkpoint(tmp_path):
    with zipfile.ZipFile(tmp_path / "epoch-000003.keras", "w") as archive:
        archive.writestr("config.json", "[]")
    with pytest.raises(ValueError, match="is damaged, or no file of a training"):
        trained(tmp_path)


def test_files_of_other_names_are_left_alone(tmp_path):
    others = ["epoch-000009 (1).keras", "epoch-best.keras", "epoch-.keras", ".DS_Store", "notes"]
    for name in others:
        (tmp_path / name).write_bytes(b"mine")
    trained(tmp_path)
    gan = trained(tmp_path, epochs=2)
    assert int(gan.optimizer.iterations) == 2
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == sorted([*others, "epoch-000002.keras"])


def test_more_than_a_million_epochs_are_in_order(tmp_path):
    for number in (999_999, 1_000_000):
        (tmp_path / f"epoch-{number:06d}.keras").touch()
    assert ExactResume(tmp_path).checkpoints()[-1].name == "epoch-1000000.keras"


def test_an_epoch_beyond_the_checkpoint_is_not_skipped_to(tmp_path):
    trained(tmp_path, epochs=2)
    with pytest.raises(ValueError, match=r"initial_epoch=5 is beyond the last checkpoint"):
        trained(tmp_path, epochs=8, fit={"initial_epoch": 5})
    assert trained(tmp_path, epochs=3, fit={"initial_epoch": 1}).history.epoch == [2]
    other = tmp_path / "other"
    assert trained(other, epochs=6, fit={"initial_epoch": 4}).history.epoch == [4, 5]


def test_a_warning_of_another_library_is_not_this_models_fault(tmp_path, monkeypatch):
    """It is passed on; those of Keras say that something was not loaded."""
    trained(tmp_path)
    load = keras.Model.load_weights

    def warning(self, path):
        warnings.warn("The library of files is old.", UserWarning, stacklevel=1)
        load(self, path)

    monkeypatch.setattr(ganzoo.DCGAN, "load_weights", warning, raising=False)
    with pytest.warns(UserWarning, match="is old"):
        assert ExactResume(tmp_path).resume(small_gan()) == 1


def test_what_can_be_loaded_in_part_only_is_not_loaded(tmp_path, state):
    """An optimizer of another kind, after the networks have their weights."""
    trained(tmp_path)
    gan = small_gan(recipe={"discriminator_optimizer": keras.optimizers.SGD(0.1)})
    before = [weight.copy() for weight in gan.get_weights()]
    with pytest.raises(ValueError, match="does not hold this model's state"):
        ExactResume(tmp_path, new_recipe=True).resume(gan)
    for one, other in zip(gan.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
