"""`ganzoo complete`, `anomalies` and `invert`."""

import csv
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from command_line import pixels, ran, refused
from PIL import Image

import ganzoo
from ganzoo.cli import anomalies_command, search_commands
from ganzoo.latents import train_encoder


@pytest.fixture
def torn():
    """Write a seven whose right half is transparent, and that half as a mask; return the seven."""
    gan = ganzoo.DCGAN.from_preset("mnist", compile=False)
    seven = gan.generate(1, labels=7, seed=0)[0, ..., 0]
    alpha = np.full_like(seven, 255)
    alpha[:, 14:] = 0
    parts = [Image.fromarray(each) for each in (seven, alpha)]
    parts[0].save("seven.png")
    Image.merge("LA", parts).save("torn.png")
    Image.fromarray(255 - alpha).save("hole.png")
    return seven


def test_a_torn_digit_is_completed_where_it_is_transparent_or_a_mask_says_so(torn):
    search = ["--label", "7", "--steps", "30"]
    said = ran("complete", "mnist", "torn.png", "-o", "a.png", *search, "--film", "search.gif")
    assert said == "torn.png is completed in a.png, as class 7\n"
    ran("complete", "mnist", "seven.png", "--mask", "hole.png", "-o", "b.png", *search)
    np.testing.assert_array_equal(pixels("a.png"), pixels("b.png"))
    np.testing.assert_array_equal(pixels("a.png")[:, :14], torn[:, :14])
    assert pixels("a.png")[:, 14:].max() > 200
    with Image.open("search.gif") as film:
        assert film.n_frames > 20


def test_answers_stand_side_by_side(torn):
    ran("complete", "mnist", "torn.png", "-o", "a.png", "--answers", "3", "--steps", "5")
    assert pixels("a.png").shape == (32, 92)


def test_what_is_added_around_a_narrow_picture_is_not_missing(torn):
    for name in ("seven", "hole"):
        with Image.open(f"{name}.png") as picture:
            picture.crop((4, 0, 24, 28)).save(f"{name}.png")
    search = ["--label", "7", "--steps", "2", "--fit", "pad"]
    ran("complete", "mnist", "seven.png", "--mask", "hole.png", "-o", "a.png", *search)
    assert (pixels("a.png")[:, [*range(4), *range(24, 28)]] == 255).all()
    np.testing.assert_array_equal(pixels("a.png")[:, 4:14], torn[:, 4:14])


def test_a_picture_without_a_hole_is_refused(torn):
    said = refused("complete", "mnist", "seven.png", "-o", "a.png")
    assert "seven.png has no transparent pixels: give --mask" in " ".join(said.split())
    Image.new("L", (28, 28)).save("black.png")
    said = refused("complete", "mnist", "torn.png", "--mask", "black.png", "-o", "a.png")
    assert "black.png has no white pixels" in " ".join(said.split())


@pytest.mark.parametrize("start", [[], ["--encoder"]], ids=["random", "encoder"])
def test_a_report_names_the_oddest_first(start, monkeypatch):
    gan = ganzoo.DCGAN.from_preset("mnist", compile=False)
    images = gan.generate(5, labels=7, seed=3)
    images[2] = 255 - images[2]
    for folder in ("scans", "good"):
        Path(folder).mkdir()
        for number, image in enumerate(images):
            Image.fromarray(image[..., 0]).save(f"{folder}/{number}.png")
    Path("good/2.png").unlink()
    monkeypatch.setattr(anomalies_command, "train_encoder", partial(train_encoder, steps=50))
    options = ["--label", "7", "--steps", "20", *start]
    said = ran("anomalies", "mnist", "scans", "-o", "report", *options, "--normal", "good",
               "--false-alarms", "0.25")  # fmt: skip
    assert "5 images are scored in report, 1 of them odd" in said
    with open("report/scores.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["odd"] for row in rows] == ["yes", "no", "no", "no", "no"]
    assert rows[0]["image"] == "2.png"
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    sheet = pixels("report/oddest.png")
    np.testing.assert_array_equal(sheet[2:30, 2:30], images[2, ..., 0])
    assert sheet.shape == (3 * 30 + 2, 5 * 30 + 2)
    assert "report exists" in refused("anomalies", "mnist", "scans", "-o", "report")


def test_an_inversion_can_be_seen_and_goes_on_in_python(torn):
    said = ran("invert", "mnist", "seven.png", "-o", "a.png", "--label", "7", "--steps", "30",
               "--film", "search.webp", "--latents", "found.npz")  # fmt: skip
    assert "1 images and what is found are in a.png" in said
    found = np.load("found.npz")
    assert found["labels"].tolist() == [7]
    gan = ganzoo.DCGAN.from_preset("mnist", compile=False)
    below = gan.draw(found["latents"], 7)[0, ..., 0]
    np.testing.assert_array_equal(pixels("a.png")[2:30, 2:30], torn)
    np.testing.assert_array_equal(pixels("a.png")[32:60, 2:30], below)
    off = np.sqrt(np.square(below.astype(float) - torn).mean())
    assert abs(off - found["errors"][0]) < 0.5
    with Image.open("search.webp") as film:
        assert 20 < film.n_frames <= len(found["path"])  # WebP joins equal ones


def test_a_folder_is_inverted_from_what_an_encoder_guesses(monkeypatch):
    monkeypatch.setattr(search_commands, "train_encoder", partial(train_encoder, steps=2))
    gan = ganzoo.DCGAN.from_preset("mnist", compile=False)
    Path("scans").mkdir()
    for number, image in enumerate(gan.generate(14, seed=0)):
        Image.fromarray(image[..., 0]).save(f"scans/{number}.png")
    ran("invert", "mnist", "scans", "-o", "a.png", "--encoder", "--steps", "2")
    assert pixels("a.png").shape == (4 * 30 + 2, 12 * 30 + 2)
