"""Several files as one set: lists of shards, and patterns as the shell and webdataset have them."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganzoo.datasets import inspect, read
from ganzoo.datasets.folders import several
from ganzoo.datasets.folders.several import matching, unfolded

SHAPE = (4, 4, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.tar", ["a.tar"]),
        ("{a,b}.tar", ["a.tar", "b.tar"]),
        ("s-{008..011}.tar", ["s-008.tar", "s-009.tar", "s-010.tar", "s-011.tar"]),
        ("{0..1}/{x,y}", ["0/x", "0/y", "1/x", "1/y"]),
        ("{a}{9..8}", []),
        ("{a,}b", ["ab", "b"]),
        ("{a", ["{a"]),
    ],
)
def test_braces_are_unfolded_as_the_shell_does(text, expected):
    assert list(unfolded(text)) == expected


@pytest.fixture
def shards(tmp_path, monkeypatch):
    """Three zip archives of one picture, of levels 10 to 12, and a picture beside them."""
    monkeypatch.chdir(tmp_path)
    Path("some").mkdir()
    for number in range(3):
        Image.new("L", (4, 4), 10 + number).save("one.png")
        with zipfile.ZipFile(f"some/{number}.zip", "w") as archive:
            archive.write("one.png")
    return Path("some")


def levels(data):
    return read(data, SHAPE).images[:, 0, 0, 0].tolist()


def test_patterns_are_read_as_their_files(shards):
    assert matching("some/[12].zip") == [shards / "1.zip", shards / "2.zip"]
    assert matching("some/0.zip") == matching("else/*.zip") == []
    assert levels("some/*.zip") == levels("some/{0..2}.zip") == [10, 11, 12]
    assert levels("some/{2,0,2}.zip") == [10, 12]  # as in a folder, by their names
    assert levels("{some/0.zip,one.png}") == [12, 10]
    assert levels("*.png") == levels("one.png*") == [12]
    found = read("some/?.zip", SHAPE)
    assert (found.name, found.files[0]) == ("?.zip", "0.zip/one.png")
    assert inspect("some/?.zip").images == 3
    Path("odd[1]").mkdir()
    Image.new("L", (4, 4), 99).save("odd[1]/a.png")
    assert levels("odd[1]") == [99]  # what is there is no pattern


def test_what_a_pattern_lacks_is_said(shards, monkeypatch):
    for pattern in ("some/*.tar", "some/{7..9}.zip"):
        with pytest.raises(FileNotFoundError, match="No file fits the pattern"):
            read(pattern, SHAPE)
    with pytest.raises(FileNotFoundError, match=r"'some/3\.zip' is not there"):
        read("some/{0..3}.zip", SHAPE)
    with pytest.raises(ValueError, match="'some' is a folder: give one alone"):
        read("s*", SHAPE)
    monkeypatch.setattr(several, "MOST", 2)
    with pytest.raises(ValueError, match="names more than 2 files"):
        read("some/{0..2}.zip", SHAPE)


def test_a_list_of_shards(tmp_path, monkeypatch):
    import tarfile

    monkeypatch.chdir(tmp_path)
    for number in range(3):
        Image.new("L", (4, 4), 10 + number).save(f"{number}.png")
        with tarfile.open(f"{number}.tar", "w") as archive:
            archive.add(f"{number}.png")
    found = read([Path("2.tar"), "0.tar"], SHAPE)
    assert sorted(np.unique(found.images)) == [10, 12]
    assert "2.tar and 1 more: 2 images" in str(found.report)
    with pytest.raises(FileNotFoundError, match=r"There is no file at '3\.tar'"):
        read(["0.tar", "3.tar"], SHAPE)
    with pytest.raises(TypeError, match="Labels of a folder"):
        read(["0.tar", "1.tar"], SHAPE, labels=[0, 1])
    with pytest.raises(ValueError, match="shards without a column of classes"):
        read(["0.tar", "1.tar"], SHAPE, labels="inferred")
