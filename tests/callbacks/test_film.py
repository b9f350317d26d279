import json

import numpy as np
import pytest
from PIL import Image, ImageSequence

import ganzoo
from ganzoo.callbacks import ExactResume, LossCurves, SampleGrid, TrainingFilm
from ganzoo.callbacks.film import epochs_shown

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


def trained(epochs, *callbacks):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
    gan.compile()
    gan.fit(IMAGES, epochs=epochs, verbose=0, callbacks=list(callbacks))
    return gan


def pixels(path):
    with Image.open(path) as film:
        return [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(film)]


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_film_of_all_epochs_from_the_same_latents(tmp_path):
    gan = trained(3, TrainingFilm(tmp_path / "film.gif", n=4, seed=1))
    frames = pixels(tmp_path / "film.gif")
    assert len(frames) == 3
    with Image.open(tmp_path / "film-frames" / "epoch-0003.png") as last:
        expected = ganzoo.pictures.image_grid(gan.generate(4, seed=1))
        np.testing.assert_array_equal(np.asarray(last), np.asarray(expected))
    assert not np.array_equal(frames[0], frames[2])


def test_a_resumed_film_is_that_of_a_training_never_stopped(tmp_path):
    def callbacks(name):
        folder = tmp_path / name
        return TrainingFilm(folder / "film.gif", n=4, most=4), ExactResume(folder / "checkpoints")

    for epochs in (2, 3, 7):
        trained(epochs, *callbacks("stopped"))
    trained(7, *callbacks("whole"))
    films = [tmp_path / name / "film.gif" for name in ("stopped", "whole")]
    assert len(pixels(films[0])) == 4  # epochs 1, 3, 5 and 7
    assert_same(*map(pixels, films))


def test_a_training_from_the_beginning_begins_a_new_film(tmp_path):
    trained(3, TrainingFilm(tmp_path / "film.webp", n=1))
    trained(2, TrainingFilm(tmp_path / "film.webp", n=1))
    assert len(pixels(tmp_path / "film.webp")) == 2


@pytest.mark.parametrize("most", [2, 3, 10, 200])
def test_frames_stay_few_and_even_however_long_the_training(most):
    kept = set()
    for epoch in range(1, 2001):
        shown = epochs_shown(epoch, most)
        kept = (kept | {epoch}) & shown  # as on the disk: what was left out is gone
        assert kept == shown
        assert {1, epoch} <= shown
        assert len(shown) <= most
        distances = np.diff(sorted(shown))
        assert len(set(distances[:-1])) <= 1
    assert len(shown) > most / 2


def test_frames_that_are_not_shown_are_removed(tmp_path):
    trained(6, TrainingFilm(tmp_path / "film.gif", n=1, most=3))
    found = sorted(path.name for path in (tmp_path / "film-frames").iterdir())
    assert found == ["epoch-0001.png", "epoch-0005.png", "epoch-0006.png"]


def test_classes_get_whole_rows(tmp_path):
    film = TrainingFilm(tmp_path / "film.gif")
    gan = ganzoo.DCGAN((8, 8, 1), num_classes=5, base_filters=2)
    gan.compile()
    gan.fit(IMAGES, np.arange(8) % 5, verbose=0, callbacks=[film])
    with Image.open(tmp_path / "film-frames" / "epoch-0001.png") as frame:
        assert frame.size == (5 * 10 + 2, 8 * 10 + 2)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda folder: TrainingFilm(folder / "film.gif", n=1), "film"),
        (lambda folder: SampleGrid(folder, n=1), "sample grid"),
        (LossCurves, "curves"),
    ],
)
def test_what_cannot_be_written_costs_no_training(make, what, tmp_path):
    (tmp_path / "file").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match=f"No {what} could be written") as caught:
        trained(3, make(tmp_path / "file"))
    assert sum("could be written" in str(each.message) for each in caught) == 1


def test_a_full_disk_costs_neither_the_training_nor_the_film_before(tmp_path, monkeypatch):
    trained(2, TrainingFilm(tmp_path / "film.gif", n=1))
    before = (tmp_path / "film.gif").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.warns(UserWarning, match="No space left"):
        trained(2, TrainingFilm(tmp_path / "film.gif", n=1))
    assert (tmp_path / "film.gif").read_bytes() == before


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: TrainingFilm(folder / "film.gif"),
        LossCurves,
        SampleGrid,
    ],
)
def test_callbacks_that_draw_leave_the_training_as_it_is(make, tmp_path):
    def numbers(gan):
        return json.dumps(gan.history.history)

    watched, plain = trained(2, make(tmp_path)), trained(2)
    assert numbers(watched) == numbers(plain)
    assert_same(watched.get_weights(), plain.get_weights())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"path": "film.mp4"}, "ends in .gif or .webp"), ({"path": "a.gif", "most": 1}, "at least 2")],
)
def test_what_makes_no_film_is_refused_at_once(arguments, message):
    with pytest.raises(ValueError, match=message):
        TrainingFilm(**arguments)
