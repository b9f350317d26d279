"""Pictures that move."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from ganzoo.pictures import save_film


def frames_of(path):
    with Image.open(path) as film:
        return [
            (np.asarray(frame.convert("RGB")).astype(int), frame.info["duration"])
            for frame in ImageSequence.Iterator(film)
        ]


@pytest.mark.parametrize(("ending", "loss"), [("gif", 5), ("webp", 8)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_film_shows_each_frame_for_its_time(ending, loss, mode, tmp_path):
    levels = [0, 60, 130, 255]
    count = save_film(
        tmp_path / f"film.{ending}",
        (Image.new(mode, (32, 24), (level,) * len(mode)) for level in levels),
        seconds=0.05,
        last_seconds=1,
    )
    frames = frames_of(tmp_path / f"film.{ending}")
    assert len(frames) == count == 4
    for (pixels, _), level in zip(frames, levels, strict=True):
        assert pixels.shape == (24, 32, 3)
        assert np.abs(pixels - level).max() <= loss
    if ending == "gif":  # Pillow tells the durations of a WebP's frames a frame late
        assert [duration for _, duration in frames] == [50, 50, 50, 1000]


def test_rounding_does_not_add_up(tmp_path):
    """At 128 beats a minute and 12 frames a beat, 48 frames take four beats: 1875 ms."""
    frames = [Image.new("L", (8, 8), 255 * (index % 2)) for index in range(48)]
    seconds = 60 / 128 / 12
    save_film(tmp_path / "film.gif", frames, seconds=seconds, last_seconds=seconds)
    durations = [duration for _, duration in frames_of(tmp_path / "film.gif")]
    starts = np.cumsum([0, *durations])
    assert np.abs(starts - 1000 * seconds * np.arange(49)).max() <= 10


def test_an_mp4_shows_each_frame_for_its_time(tmp_path):
    av = pytest.importorskip("av", reason="MP4 needs PyAV")
    levels = [0, 60, 130, 255]
    pictures = [Image.new("L", (33, 24), level) for level in levels]
    seconds = 60 / 128 / 12
    assert save_film(tmp_path / "film.mp4", pictures, None, seconds, 5 * seconds) == 4
    with av.open(tmp_path / "film.mp4") as container:
        stream = container.streams.video[0]
        frames = [(frame.time, frame.to_ndarray(format="gray")) for frame in container.decode(0)]
        length = float(stream.duration * stream.time_base)
    assert length == pytest.approx(8 * seconds, abs=1e-3)
    np.testing.assert_allclose([time for time, _ in frames], seconds * np.arange(8), atol=1e-3)
    for (_, pixels), level in zip(frames, [*levels, 255, 255, 255, 255], strict=True):
        assert pixels.shape == (24, 34)
        assert np.abs(pixels[:, :30].astype(int) - level).max() <= 6


def test_without_pyav_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match="needs PyAV: pip install av"):
        save_film(tmp_path / "film.mp4", [Image.new("L", (8, 8))])
    assert os.listdir(tmp_path) == []


def folder_of(folder, numbers):
    """Write pictures in grey levels that stay different in a GIF."""
    folder.mkdir()
    for number in numbers:
        Image.new("L", (80, 20), round(number * 255 / 31)).save(folder / f"epoch-{number}.png")
    return folder


def test_a_folder_becomes_a_film_in_the_order_of_its_numbers(tmp_path):
    folder = folder_of(tmp_path / "samples", [9, 1, 29, 10])
    (folder / "notes.txt").write_text("no picture")
    (folder / ".partial-0123.png").write_bytes(b"half a pict")
    assert save_film(tmp_path / "film.gif", folder) == 4
    frames = [pixels for pixels, _ in frames_of(tmp_path / "film.gif")]
    assert [round(frame[0, 0, 0] / 255 * 31) for frame in frames] == [1, 9, 10, 29]
    below = [frame[20:] for frame in frames]
    assert all((each < 100).any() and (each == 255).any() for each in below), "no caption"
    assert not np.array_equal(below[0], below[1]), "all captions are the same"


def test_a_caption_has_room_below_a_narrow_frame(tmp_path):
    save_film(tmp_path / "film.gif", [Image.new("L", (8, 8))] * 2, ["epoch 11111", "epoch 11112"])
    (one, _), (other, _) = frames_of(tmp_path / "film.gif")
    assert not np.array_equal(one, other)
    assert (one[:, -4:] == 255).all(), "something is cut off"


@pytest.mark.parametrize(("most", "expected"), [(5, [1, 8, 15, 22, 29]), (2, [1, 29]), (40, None)])
def test_a_long_film_is_thinned_out_evenly(most, expected, tmp_path):
    folder = folder_of(tmp_path / "samples", range(1, 30))
    save_film(tmp_path / "film.gif", folder, most=most)
    found = [round(pixels[0, 0, 0] / 255 * 31) for pixels, _ in frames_of(tmp_path / "film.gif")]
    assert found == (expected or list(range(1, 30)))


def test_frames_of_other_sizes_and_modes_stand_on_white(tmp_path):
    folder = folder_of(tmp_path / "samples", [1])
    half = Image.new("RGBA", (90, 10), (0, 0, 0, 0))
    half.paste((255, 0, 0, 255), (0, 0, 25, 10))
    half.save(folder / "epoch-2.png")
    save_film(tmp_path / "film.gif", folder)
    small, clear = (pixels for pixels, _ in frames_of(tmp_path / "film.gif"))
    assert small.shape == clear.shape == (36, 90, 3)
    assert (small[:20, 80:] == 255).all()
    assert (clear[:10, :25] == (255, 0, 0)).all()
    assert (clear[:10, 25:] == 255).all()
    assert (clear[10:20] == 255).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("film.avi", []), r"ends in .gif, .webp or .mp4, unlike 'film.avi'"),
        (("film.gif", []), "no frame"),
        (("film.gif", [Image.new("L", (2, 2))], ["a", "b"]), "1 frames need as many captions"),
        (("film.gif", [Image.new("L", (2, 2))], None, 0.0), "lasts 0.01 s"),
        (("film.gif", "samples"), "no picture in samples"),
    ],
)
def test_what_makes_no_film_is_refused(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("samples").mkdir()
    with pytest.raises((ValueError, OSError), match=message):
        save_film(*arguments)
    assert os.listdir() == ["samples"]
