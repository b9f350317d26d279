"""What holds for every callback."""

import copy
import shutil

import numpy as np
import pytest
from kept_models import plain_gan
from PIL import Image

import ganzoo

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


@pytest.fixture
def gan():
    return plain_gan()


def means(images):
    return images.mean(axis=(2, 3))[:, :3] / 255


def copied(gan, folder, between=lambda callbacks: None):
    """Return the history with copies of all callbacks, made before or after another training."""
    snapshot = ganzoo.callbacks.BestSnapshot(folder / "best.keras", IMAGES, means, n=8)
    doctor = ganzoo.callbacks.Doctor(IMAGES, n=8, roll_back=snapshot)
    callbacks = [
        *(snapshot, doctor, ganzoo.callbacks.EvaluateSamples(IMAGES, means, ["fid"], n=6)),
        ganzoo.callbacks.TrainingFilm(folder / "film.gif", n=4),
        ganzoo.callbacks.SampleGrid(folder / "samples", n=4),
        ganzoo.callbacks.LossCurves(folder),
        ganzoo.callbacks.ExactResume(folder / "checkpoints"),
    ]
    between(callbacks)
    callbacks = copy.deepcopy(callbacks)
    assert callbacks[1].roll_back is callbacks[0]
    return gan.fit(IMAGES, epochs=2, verbose=0, callbacks=callbacks).history


def test_callbacks_can_be_copied_before_and_after_a_training(gan, tmp_path):
    """As tools that search for the best arguments do."""

    def train_another(callbacks):
        other = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
        other.compile()
        other.fit(IMAGES, epochs=2, verbose=0, callbacks=callbacks)
        shutil.rmtree(tmp_path / "b")

    first = copied(gan, tmp_path / "a")
    again = ganzoo.DCGAN.from_config(gan.get_config())
    again.compile()
    assert copied(again, tmp_path / "b", train_another) == first


@pytest.mark.parametrize("make", [
    lambda folder, **how: ganzoo.callbacks.EvaluateSamples(folder, means, ["fid"], n=6, **how),
    lambda folder, **how: ganzoo.callbacks.BestSnapshot("b.keras", folder, means, n=6, **how),
    lambda folder, **how: ganzoo.callbacks.Doctor(folder, n=6, **how),
])  # fmt: skip
def test_real_images_are_read_as_anywhere(make, gan, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 256, (12, 20, 4), dtype="uint8")
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
    how = {"fit": "pad", "background": "red", "limit": 4}
    read, found = ganzoo.datasets.read, []
    expected = read("photos", (8, 8, 1), **how).images

    def spy(*given, **options):
        found.append(read(*given, **options))
        return found[-1]

    monkeypatch.setattr(ganzoo.datasets, "read", spy)
    gan.fit(IMAGES, epochs=1, verbose=0, callbacks=[make("photos", **how)])
    (only,) = found
    np.testing.assert_array_equal(only.images, expected)


@pytest.mark.parametrize("make", [
    lambda: ganzoo.callbacks.SampleGrid("~/samples").folder,
    lambda: ganzoo.callbacks.TrainingFilm("~/samples/film.gif").path.parent,
    lambda: ganzoo.callbacks.LossCurves("~/samples").folder,
    lambda: ganzoo.callbacks.ExactResume("~/samples").folder,
    lambda: ganzoo.callbacks.BestSnapshot("~/samples/best.keras", IMAGES).path.parent,
])  # fmt: skip
def test_a_path_from_home_is_one(make, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert make() == tmp_path / "samples"
