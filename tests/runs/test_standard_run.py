"""A run by one call: what it leaves, how it goes on, and what it refuses before that."""

import csv
import json
import tomllib

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.callbacks import BestSnapshot, Doctor, TrainingFilm

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 1), dtype="uint8")
LABELS = np.arange(12) % 2
OPTIONS = {"batch_size": 4, "watch_every": 1, "verbose": 0}


def small_gan(shape=(8, 8, 1), **arguments):
    gan = ganzoo.DCGAN(shape, latent_dim=4, base_filters=2, seed=0, **arguments)
    gan.compile()
    return gan


def trained(folder, data=IMAGES, gan=None, **options):
    gan = gan or small_gan()
    ganzoo.runs.train(gan, data, folder, **OPTIONS | {"epochs": 1} | options)
    return gan


def noted(folder):
    return tomllib.loads((folder / "run.toml").read_text())


def about(folder):
    return json.loads((folder / "metadata.json").read_text())["about"]


def log(folder):
    with (folder / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


class Killed(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def test_an_interrupted_run_ends_as_one_that_was_not(tmp_path, state):
    """All files are the same, too, but for the times within them."""
    straight = trained(tmp_path / "straight", epochs=3, flip=True)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "stopped", epochs=3, flip=True, callbacks=[Killed()])
    again = trained(tmp_path / "stopped", epochs=3, flip=True)
    for one, other in zip(state(again), state(straight), strict=True):
        np.testing.assert_array_equal(one, other)
    assert about(tmp_path / "stopped") == about(tmp_path / "straight")
    for name in ("log.csv", "run.toml", "model.safetensors", "film.gif", "curves.png"):
        one, other = ((tmp_path / run / name).read_bytes() for run in ("stopped", "straight"))
        assert one == other, name


def test_the_model_is_that_of_the_best_epoch(tmp_path):
    gan = trained(tmp_path, epochs=3)
    scores = [float(row["snapshot_fid"]) for row in log(tmp_path)]
    best = 1 + int(np.argmin(scores))
    assert about(tmp_path)["training"]["best_epoch"] == best
    kept = keras.saving.load_model(tmp_path / "best.keras", compile=False)
    np.testing.assert_array_equal(kept.generate(4, seed=0), gan.generate(4, seed=0))
    drawn = ganzoo.from_preset(tmp_path).generate(4, seed=0).astype(int)
    assert np.abs(drawn - gan.generate(4, seed=0)).max() <= 1  # half precision
    with Image.open(tmp_path / "samples" / f"epoch-{best:04d}.png") as sample:
        expected = ganzoo.pictures.image_grid(gan.generate(36, seed=0))
        np.testing.assert_array_equal(sample, expected)


def test_more_epochs_go_on_and_fewer_end_there(tmp_path):
    whole = trained(tmp_path / "whole", epochs=3)
    for epochs, trained_to in ((1, 1), (3, 3), (2, 3)):
        gan = trained(tmp_path / "parts", epochs=epochs)
        assert len(log(tmp_path / "parts")) == trained_to
    np.testing.assert_array_equal(gan.generate(4, seed=0), whole.generate(4, seed=0))


def test_what_it_was_started_with_is_noted(tmp_path):
    trained(tmp_path, options={"colour": "red"}, metadata={"license": "apache-2.0"})
    assert noted(tmp_path).items() >= {"epochs": 1, "batch_size": 4, "colour": "red"}.items()
    said = about(tmp_path)
    assert said["license"] == "apache-2.0"
    assert said["data"] == {"name": "images"}
    assert said["training"]["images"] == 12
    assert said["recipe"]["colour"] == "red"
    assert "images" not in said["recipe"]


def refused(folder, match, error=ValueError, **options):
    before = sorted(folder.rglob("*")) if folder.exists() else None
    with pytest.raises(error, match=match):
        trained(folder, **{"epochs": 2} | options)
    assert (sorted(folder.rglob("*")) if folder.exists() else None) == before


def test_a_run_that_was_started_otherwise_is_refused(tmp_path):
    trained(tmp_path)
    refused(tmp_path, "flip False, now True", flip=True)
    refused(tmp_path, "batch_size 4, now 5", batch_size=5)
    refused(tmp_path, "steps_per_epoch None, now 2", steps_per_epoch=2)
    refused(tmp_path, "began with other images", data=IMAGES[::-1])
    refused(tmp_path, "another model", gan=small_gan(upsampling="resize"))
    gan = small_gan()
    gan.compile(loss="hinge")
    refused(tmp_path, "another recipe: loss is Hinge", gan=gan)
    assert len(log(tmp_path)) == 1


def test_what_no_run_can_begin_with_is_refused_before_anything_is_written(tmp_path):
    refused(tmp_path / "one", "One image cannot be learned from", data=IMAGES[:1])
    raw = ganzoo.DCGAN((8, 8, 1), base_filters=2)
    refused(tmp_path / "raw", r"gan\.compile\(\)", gan=raw)
    refused(tmp_path / "none", "neither|no folder", data="nowhere", error=FileNotFoundError)
    refused(tmp_path / "other", "shape", data=IMAGES[:, :4])


@pytest.fixture
def pets(tmp_path):
    for number in range(8):
        path = tmp_path / "pets" / ("cats", "dogs")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (12, 8, 3), dtype="uint8")
        Image.fromarray(pixels).save(path)
    return tmp_path / "pets"


def test_sub_folders_are_the_classes_of_a_conditional_model(pets, tmp_path):
    for epochs in (1, 2):  # the second call builds a model without names again
        gan = trained(tmp_path / "run", pets, small_gan(num_classes=2), epochs=epochs)
        assert gan.class_names == ["cats", "dogs"]
    assert len(log(tmp_path / "run")) == 2
    assert about(tmp_path / "run")["data"] == {"name": "pets"}
    with pytest.raises(ValueError, match=r"2 classes \(cats, dogs\), the model has 3"):
        trained(tmp_path / "three", pets, small_gan(num_classes=3))


def test_a_folder_is_read_as_asked_and_stays_outside(pets, tmp_path):
    gan = small_gan((8, 8, 3))
    trained(tmp_path / "run", pets, gan, fit="pad", background="black", limit=6)
    assert (
        noted(tmp_path / "run").items()
        >= {
            "data": str(pets),
            "fit": "pad",
            "background": "black",
            "limit": 6,
            "images": ganzoo.datasets.read(
                pets, (8, 8, 3), fit="pad", background="black", limit=6
            ).fingerprint(),
        }.items()
    )
    assert about(tmp_path / "run")["recipe"]["fit"] == "pad"
    with pytest.raises(ValueError, match="lies among the images"):
        trained(pets / "run", pets, small_gan((8, 8, 3)))


def test_images_that_were_read_before_and_labels_are_taken(tmp_path):
    images = ganzoo.datasets.read((IMAGES, LABELS), flip=True, class_names=["a", "b"])
    trained(tmp_path / "set", images, small_gan(num_classes=2))
    assert noted(tmp_path / "set")["flip"] is True
    trained(tmp_path / "pair", (IMAGES, LABELS), small_gan(num_classes=2))
    trained(tmp_path / "plain", images, small_gan())
    trained(tmp_path / "float", IMAGES.astype("float32"))
    for run in ("set", "plain", "float"):
        assert (tmp_path / run / "film.gif").exists()


def test_images_that_no_picture_shows_are_learned_all_the_same(tmp_path):
    trained(tmp_path, IMAGES.repeat(5, -1), small_gan((8, 8, 5)))
    assert not (tmp_path / "film.gif").exists()
    assert ganzoo.from_preset(tmp_path).image_shape == (8, 8, 5)


def test_a_callback_of_a_kind_takes_the_place_of_the_runs_own(tmp_path):
    real = ganzoo.datasets.read(IMAGES)
    snapshot = BestSnapshot(tmp_path / "mine.keras", IMAGES, n=4, every=2)
    film = TrainingFilm(tmp_path / "film.webp", n=1, frames=tmp_path / "samples")
    doctor = Doctor(IMAGES, n=4, roll_back=snapshot)
    scores = ganzoo.callbacks.EvaluateSamples(
        IMAGES, lambda images: images.mean(axis=(1, 2)), ["kid"], n=4
    )
    trained(tmp_path, real, callbacks=[scores, snapshot, film, doctor], epochs=3)
    names = {path.name for path in tmp_path.iterdir()}
    assert names > {"mine.keras", "film.webp", "curves.png", "checkpoints"}
    assert not names & {"best.keras", "film.gif"}
    assert len({row["kid"] for row in log(tmp_path)}) >= 1
    assert about(tmp_path)["training"]["best_epoch"] == snapshot.best.epoch


def test_a_finished_run_says_so_and_is_whole(tmp_path, capsys):
    trained(tmp_path, verbose=2)
    (tmp_path / "README.md").unlink()
    trained(tmp_path, verbose=2)
    assert "Nothing is left to train" in capsys.readouterr().out
    assert (tmp_path / "README.md").exists()
