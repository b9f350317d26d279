"""`ganzoo generate`, `interpolate` and `film`."""

from pathlib import Path

import numpy as np
import pytest
from command_line import pixels, ran, refused
from PIL import Image, ImageSequence

import ganzoo
from ganzoo.latents import interpolate


def frames(path):
    with Image.open(path) as film:
        return film.n_frames


def test_a_class_is_asked_for_by_number_or_name(tmp_path):
    ganzoo.DCGAN((8, 8, 1), class_names=["cat", "dog"], base_filters=4).save_to_preset("gan")
    for label, name in [("1", "a.png"), ("dog", "b.png")]:
        ran("generate", "gan", "-n", "4", "--seed", "0", "--label", label, "-o", name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_generate_draws_with_a_preset_of_the_hub(hub, tmp_path):
    golden = Path(__file__).parents[1] / "presets" / "golden" / "jax"
    handle = ganzoo.upload_preset("hf://me/gan", golden)
    ran("generate", handle, "-n", "4", "--seed", "0", "-o", "a.png")
    ran("generate", str(golden), "-n", "4", "--seed", "0", "-o", "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("out", ["many", "/proc/x/many.png", "file/many.png"])
def test_a_place_that_cannot_be_written_costs_no_drawing(out, monkeypatch):
    Path("file").touch()
    monkeypatch.setattr(ganzoo, "from_preset", None)
    assert "many" in refused("generate", "mnist", "-n", "5000", "-o", out)
    assert "many" in refused("interpolate", "mnist", "-o", out)


def test_transparent_images_are_laid_on_white_in_a_jpeg():
    gan = ganzoo.DCGAN((16, 16, 4), base_filters=2, seed=0)
    gan.save_to_preset("gan")
    ran("generate", "gan", "-n", "4", "--seed", "1", "-o", "a.png")
    ran("generate", "gan", "-n", "4", "--seed", "1", "-o", "a.jpg")
    clear = pixels("a.png").astype(float)
    alpha = clear[..., 3:] / 255
    expected = alpha * clear[..., :3] + (1 - alpha) * 255
    found = pixels("a.jpg").astype(float)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 10  # JPEG is not exact


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
    """From the images that `generate` draws by the same seed."""
    output = ran("interpolate", "mnist", "-n", "3", "--steps", "5", "--seed", "2", "-o", "a.png")
    assert "15 images are in a.png" in output
    gan = ganzoo.DCGAN.from_preset("mnist", compile=False)
    a, b = gan.latents(6, seed=2).reshape(2, 3, gan.latent_dim)
    expected = gan.draw(interpolate(a, b, 5), np.arange(3)[:, None])
    np.testing.assert_array_equal(pixels("a.png"), ganzoo.pictures.image_grid(expected))
    np.testing.assert_array_equal(expected[:, 0], gan.generate(3, seed=2))


def test_a_film_goes_round():
    ran("interpolate", "mnist", "-n", "2", "--steps", "3", "--label", "8", "-o", "eights.gif")
    assert frames("eights.gif") == 4 * 3


def test_a_film_goes_through_seeds_on_the_beat():
    ran("interpolate", "mnist", "-n", "2", "--seeds", "3,14,15", "--steps", "5", "--bpm", "120",
        "-o", "walk.gif")  # fmt: skip
    with Image.open("walk.gif") as film:
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(film)]
    assert len(durations) == 3 * 5
    assert sum(durations) == 3 * 500
    ran("interpolate", "mnist", "-n", "2", "--seeds", "3,14", "--steps", "4", "-o", "a.png")
    gan = ganzoo.DCGAN.from_preset("mnist", compile=False)
    ends = np.stack([gan.generate(2, seed=seed) for seed in (3, 14)], axis=1)
    shown = pixels("a.png")
    np.testing.assert_array_equal(shown[2:30, 2:30], ends[0, 0, ..., 0])
    np.testing.assert_array_equal(shown[32:60, 92:120], ends[1, 1, ..., 0])
    assert "are for films" in refused("interpolate", "mnist", "--bpm", "90", "-o", "b.png")
    assert "are no seeds" in refused("interpolate", "mnist", "--seeds", "3", "-o", "b.gif")
