"""Pictures of more than 8 bits: one range for all of a set, against plain arithmetic."""

import numpy as np
import pytest
from PIL import Image
from troubles import png, saved

from ganzoo.datasets import image_folder, inspect, read
from ganzoo.datasets.folders.levels import USUAL, Levels, Seen, levels_of

SHAPE = (4, 4, 1)


def flat(value, dtype):
    return np.full((4, 4), value, dtype)


def files(folder, dtype, *values, kind="TIFF"):
    """Write a picture of each number, and return the folder."""
    folder.mkdir(exist_ok=True)
    for number, value in enumerate(values):
        array = flat(value, dtype)
        data = png(array, 16, 0) if kind == "PNG" else saved(array, kind)
        (folder / f"{number}.{kind.lower()}").write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("values", "white"),
    [
        ([0, 3, 4095], 4095),  # a camera of 12 bits
        ([0, 3, 900], 1023),
        ([0, 200], 255),
        ([0, 40_000], 65535),
        ([0, 70_000], 131071),
    ],
)
def test_white_has_as_many_bits_as_the_set_uses(tmp_path, values, white):
    dtype = np.uint16 if white < 65536 else np.int32
    found = image_folder(files(tmp_path, dtype, *values), SHAPE, verbose=False)
    np.testing.assert_array_equal(
        found.images[:, 0, 0, 0], np.rint(np.array(values) * (255 / white))
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.25, 1], [0, 64, 255]),
        ([0, 64.4, 200], [0, 64, 200]),
        ([0, 500, 1000], [0, 125, 249]),
        ([-1, 0, 1], [0, 128, 255]),
        ([-3e38, 0, 3e38], [0, 128, 255]),
    ],
)
def test_floats_share_one_range(tmp_path, values, expected):
    found = image_folder(files(tmp_path, np.float32, *values), SHAPE, verbose=False)
    assert found.images[:, 0, 0, 0].tolist() == expected


@pytest.mark.parametrize("budget", [0, 2**30])
def test_a_dark_scan_among_bright_ones_stays_dark(tmp_path, monkeypatch, budget):
    """In memory and on disk, where it is found again; beside a picture of 8 bits."""
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    folder = files(tmp_path / "scans", np.uint16, 16, 160, 4000, kind="PNG")
    Image.new("L", (4, 4), 77).save(folder / "plain.png")
    for _ in range(2):
        found = image_folder(folder, SHAPE, memory_budget=budget, verbose=False)
        assert found.images[:, 0, 0, 0].tolist() == [1, 10, 249, 77]
        assert "of more than 8 bits: 3, whose 0 to 4,095 became 0 to 255" in str(found.report)


def test_lists_of_files_and_of_pictures_have_one_range_too(tmp_path):
    folder = files(tmp_path, np.uint16, 16, 4000)
    paths = sorted(folder.iterdir())
    pictures = [Image.fromarray(flat(value, np.uint16)) for value in (16, 4000)]
    for data in (paths, pictures):
        assert read(data, SHAPE).images[:, 0, 0, 0].tolist() == [1, 249]


def test_inspect_sees_what_training_will_see(tmp_path):
    found = inspect(files(tmp_path, np.uint16, 16, 4000))
    assert found.brightest == 249
    assert "whose 0 to 4,095 became" in str(found)
    assert not any("black" in each for each in found.advice)


def test_integers_and_floats_do_not_share_a_range():
    seen = [Seen(False, 0, 4095), Seen(True, 0, 0.5), Seen(False, 7, 9)]
    assert levels_of(seen) == Levels((0, 4095), (0, 1))
    assert levels_of([]) == USUAL
