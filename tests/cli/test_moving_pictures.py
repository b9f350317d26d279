"""`ganzoo film` and `ganzoo interpolate`."""

import numpy as np
import pytest
from command_line import ran, run
from PIL import Image

import ganzoo
from ganzoo.latents import interpolate


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def frames(path):
    with Image.open(path) as film:
        return film.n_frames


def test_a_run_becomes_a_film(tmp_path):
    (tmp_path / "run" / "samples").mkdir(parents=True)
    for number in range(1, 6):
        picture = Image.new("L", (30, 30), number)
        picture.save(tmp_path / "run" / "samples" / f"epoch-000{number}.png")
    assert "5 frames are in run/film.gif" in ran("film", "run").replace("\\", "/")
    assert frames("run/film.gif") == 5
    ran("film", "run/samples", "-o", "few.webp", "--most", "3")
    assert frames("few.webp") == 3


def test_a_row_goes_from_one_image_of_a_class_to_another():
    output = ran("interpolate", "mnist", "-n", "3", "--steps", "5", "--seed", "2", "-o", "a.png")
    assert "15 images are in a.png" in output
    gan = ganzoo.DCGAN.from_preset("mnist", compile=False)
    a, b = np.random.default_rng(2).standard_normal((2, 3, gan.latent_dim))
    expected = gan.draw(interpolate(a, b, 5), np.arange(3)[:, None])
    with Image.open("a.png") as found:
        np.testing.assert_array_equal(found, ganzoo.pictures.image_grid(expected))


def test_a_film_goes_round():
    ran("interpolate", "mnist", "-n", "2", "--steps", "3", "--label", "8", "-o", "eights.gif")
    assert frames("eights.gif") == 4 * 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["film", "."], "There is no picture in"),
        (["film", "nowhere"], "does not exist"),
        (["film", ".", "-o", "film.mp4"], "ends in .gif or .webp"),
        (["interpolate", "mnist", "--label", "11", "-o", "a.png"], "Unknown label 11"),
    ],
)
def test_what_is_no_film_is_one_plain_sentence(arguments, message, tmp_path):
    result = run(*arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())
