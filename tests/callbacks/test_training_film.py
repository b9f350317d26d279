"""Pictures of the training; the epochs are played by hand, but for one real training."""

import numpy as np
import pytest
from PIL import Image, ImageSequence

import ganzoo
from ganzoo.callbacks import LossCurves, SampleGrid, TrainingFilm
from ganzoo.callbacks.training_film import epochs_shown

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


class Painter:
    """Draws grey levels that tell the epoch, and noise that tells the seed."""

    image_shape, turns = (8, 8, 1), None

    def generate(self, n, seed):
        noise = np.random.default_rng(seed).integers(0, 60, (n, 8, 8, 1))
        return (noise + 8 * self.epoch % 190).astype(np.uint8)


def played(epochs, *callbacks, painter=None):
    """Do what `fit` does with callbacks, in these epochs."""
    painter = painter or Painter()
    for callback in callbacks:
        callback.set_model(painter)
        callback.on_train_begin()
    for painter.epoch in epochs:
        for callback in callbacks:
            callback.on_epoch_begin(painter.epoch)
            callback.on_epoch_end(painter.epoch, {"generator_loss": 1.0 + painter.epoch})
    for callback in callbacks:
        callback.on_train_end()
    return painter


def pixels(path):
    with Image.open(path) as film:
        return [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(film)]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_film_of_all_epochs_from_the_same_latents(tmp_path):
    painter = played(range(3), TrainingFilm(tmp_path / "film.gif", n=4, seed=1))
    frames = pixels(tmp_path / "film.gif")
    assert len(frames) == 3
    (last,) = pixels(tmp_path / "film-frames" / "epoch-0003.png")
    expected = np.asarray(ganzoo.pictures.image_grid(painter.generate(4, seed=1)))
    np.testing.assert_array_equal(last, expected)
    assert np.abs(frames[2][: len(last), : last.shape[1]].astype(int) - last).max() <= 5


def test_a_resumed_film_is_that_of_a_training_never_stopped(tmp_path):
    for epochs in (range(2), range(2, 3), range(3, 7)):
        played(epochs, TrainingFilm(tmp_path / "stopped.gif", n=4, most=4))
    played(range(7), TrainingFilm(tmp_path / "whole.gif", n=4, most=4))
    stopped, whole = (pixels(tmp_path / f"{name}.gif") for name in ("stopped", "whole"))
    assert len(whole) == 4  # epochs 1, 3, 5 and 7
    assert_same(stopped, whole)


def test_frames_drawn_after_the_epoch_that_a_training_goes_on_from_are_left_out(tmp_path):
    played(range(5), TrainingFilm(tmp_path / "film.webp", n=1))
    played(range(2, 3), TrainingFilm(tmp_path / "film.webp", n=1))
    assert len(pixels(tmp_path / "film.webp")) == 3
    played(range(2), TrainingFilm(tmp_path / "film.webp", n=1))
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
    played(range(6), TrainingFilm(tmp_path / "film.gif", n=1, most=3))
    found = sorted(path.name for path in (tmp_path / "film-frames").iterdir())
    assert found == ["epoch-0001.png", "epoch-0005.png", "epoch-0006.png"]


def test_the_film_is_written_on_the_way_but_takes_little_time(tmp_path, monkeypatch):
    now, written = [0.0], []
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def writing(*_, **__):
        written.append(painter.epoch)
        now[0] += 1  # a film takes a second

    monkeypatch.setattr("ganzoo.callbacks.training_film.save_film", writing)

    class Slow(Painter):
        def generate(self, n, seed):
            now[0] += 6  # and an epoch six
            return super().generate(n, seed)

    painter = Slow()
    played(range(10), TrainingFilm(tmp_path / "film.gif"), painter=painter)
    assert written == [0, 4, 8, 9]


def test_classes_get_whole_rows(tmp_path):
    painter = Painter()
    painter.turns = 5
    played(range(1), TrainingFilm(tmp_path / "film.gif"), painter=painter)
    with Image.open(tmp_path / "film-frames" / "epoch-0001.png") as frame:
        assert frame.size == (5 * 10 + 2, 8 * 10 + 2)
        assert max(frame.getpixel((45, 75)), frame.getpixel((46, 76))) < 255, "the last is missing"


CAREFUL = {
    "film": lambda folder: TrainingFilm(folder / "film.gif", n=1),
    "sample grid": lambda folder: SampleGrid(folder, n=1),
    "curves": LossCurves,
}


@pytest.mark.parametrize("what", CAREFUL)
def test_what_cannot_be_written_is_warned_of_once(what, tmp_path):
    callback = CAREFUL[what](tmp_path / "file")
    (tmp_path / "file").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match=f"No {what} could be written") as caught:
        played(range(3), callback)
    assert len(caught) == 1


def test_a_full_disk_leaves_the_film_before(tmp_path, monkeypatch):
    played(range(2), TrainingFilm(tmp_path / "film.gif", n=1))
    before = (tmp_path / "film.gif").read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.warns(UserWarning, match="No space left"):
        played(range(2), TrainingFilm(tmp_path / "film.gif", n=1))
    assert (tmp_path / "film.gif").read_bytes() == before


def test_a_real_training_is_watched_resumed_and_left_as_it_is(tmp_path):
    def trained(*epochs, watch=list):
        gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
        gan.compile()
        for first, last in epochs:
            gan.fit(IMAGES, initial_epoch=first, epochs=last, verbose=0, callbacks=watch())
        return gan

    def watching():
        return [TrainingFilm(tmp_path / "film.gif", n=4), LossCurves(tmp_path)]

    plain, watched = trained((0, 3)), trained((0, 2), (2, 3), watch=watching)
    assert watched.history.history == {
        name: values[2:] for name, values in plain.history.history.items()
    }
    assert_same(watched.get_weights(), plain.get_weights())
    assert len(pixels(tmp_path / "film.gif")) == 3
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 1 + 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "film.avi"}, "ends in .gif, .webp or .mp4"),
        ({"path": "a.gif", "most": 1}, "at least 2"),
    ],
)
def test_what_makes_no_film_is_refused_at_once(arguments, message):
    with pytest.raises(ValueError, match=message):
        TrainingFilm(**arguments)
