"""Data sets of the Hub by its real client, against a double on the loopback interface."""

import json
import zipfile
from contextlib import suppress

import pytest
from huggingface_hub import constants
from PIL import Image

import ganzoo
from ganzoo.datasets import hub_sets, inspect, read
from ganzoo.datasets.hub_sets import pinned
from ganzoo.datasets.hub_splits import files_of, split_of
from hub_double import READER

SHAPE = (4, 4, 1)
SET = "hf://datasets/me/pets"


def grey(folder, level):
    Image.new("L", (8, 8), level).save(folder / "grey.png")
    return (folder / "grey.png").read_bytes()


@pytest.fixture
def pets(hub, tmp_path, monkeypatch):
    """Put a data set on the Hub, two images of each class in each split; return its commit."""
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    levels = {"train": (10, 20, 30, 40), "test": (50, 60, 70, 80)}
    files = {"README.md": b"---\nlicense: mit\n---\n", ".gitattributes": b"", "weights.bin": b"x"}
    for split, greys in levels.items():
        for number, level in enumerate(greys):
            files[f"{split}/{('cats', 'dogs')[number % 2]}/{number}.png"] = grey(tmp_path, level)
    return hub.put("datasets/me/pets", files)


def levels(found):
    return found.images[:, 0, 0, 0].tolist()


def downloads(hub):
    return [each for each in hub.requests if "/resolve/" in each and each.startswith("GET")]


def test_a_split_is_read_at_one_commit_and_no_more_is_downloaded(hub, pets):
    found = read(SET, SHAPE, labels="inferred")
    assert (levels(found), found.class_names) == ([10, 30, 20, 40], ["cats", "dogs"])
    assert found.files == ["cats/0.png", "cats/2.png", "dogs/1.png", "dogs/3.png"]
    assert found.name == f"{SET}@{pets}"
    assert not [each for each in downloads(hub) if "/test/" in each or "weights" in each]
    assert levels(read(SET, SHAPE, split="test")) == [50, 70, 60, 80]
    assert len(downloads(hub)) == 9  # each image once, and the card
    assert inspect(SET).classes == {"cats": 2, "dogs": 2}


def test_a_commit_that_is_there_costs_no_request(hub, pets):
    read(SET, SHAPE)
    hub.put("datasets/me/pets", {"train/cats/0.png": b"other"})
    hub.requests.clear()
    assert levels(read(f"{SET}@{pets}", SHAPE)) == [10, 30, 20, 40]
    assert hub.requests == []
    assert pinned(f"{SET}@{pets}") == f"{SET}@{pets}"
    assert pinned(SET) != f"{SET}@{pets}"


@pytest.mark.parametrize("trouble", ["offline", "down"])
def test_what_is_there_is_read_without_a_network(hub, pets, monkeypatch, trouble):
    def cut_off():
        if trouble == "offline":
            monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        hub.mood = lambda request: 503

    read(SET, SHAPE)
    cut_off()
    assert levels(read(SET, SHAPE)) == [10, 30, 20, 40]
    with pytest.raises(ConnectionError):
        read(SET, SHAPE, split="test")
    with pytest.raises(ConnectionError, match="hf://datasets/me/other"):
        read("hf://datasets/me/other", SHAPE)


def test_who_may_not_read_is_told_what_to_do(hub, pets, monkeypatch):
    hub.repos["datasets/me/pets"].gated = True
    monkeypatch.setenv("HF_TOKEN", READER)
    with pytest.raises(PermissionError, match=r"pets is gated: ask for access"):
        read(SET, SHAPE)
    with pytest.raises(FileNotFoundError, match="There is no hf://datasets/me/none on the Hub"):
        read("hf://datasets/me/none", SHAPE)
    hub.repos["datasets/me/pets"].gated = False
    with pytest.raises(FileNotFoundError, match="revision that is not there"):
        read(f"{SET}@v9", SHAPE)


@pytest.mark.parametrize("name", ["train/cats/0.png", "metadata.csv"])
def test_other_bytes_of_the_right_size_are_found_out(hub, pets, name):
    """Also of a small file, which the Hub knows by Git's hash; the next call brings them anew."""
    files = hub.repos["datasets/me/pets"].commits[pets]
    files["metadata.csv"] = b"file_name,kind\ntrain/cats/0.png,a\n"
    whole = files[name]

    def mood(request):
        damaged = "/resolve/" in request
        files[name] = bytes([*whole[:-1], whole[-1] ^ 1]) if damaged else whole

    hub.mood = mood
    with pytest.raises(ConnectionError, match=f"{name} of hf://.* is not the file"):
        read(SET, SHAPE)
    hub.mood, files[name] = None, whole
    assert len(read(SET, SHAPE)) == 4


def test_a_cut_download_is_made_good(hub, pets):
    """By the client, or of one that gives up, by the next call."""
    cuts = [("cut", 40)]
    hub.mood = lambda each: cuts.pop() if cuts and "GET" in each and "0.png" in each else None
    with suppress(ConnectionError):
        read(SET, SHAPE)
    assert not cuts
    assert levels(read(SET, SHAPE)) == [10, 30, 20, 40]


def test_archives_and_label_files(hub, pets, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("0.png", grey(tmp_path, 5))
        archive.writestr("1.png", grey(tmp_path, 6))
        archive.writestr("metadata.csv", "file_name,kind\n0.png,new\n1.png,old\n")
    hub.put("datasets/me/zips", {"data/train.zip": (tmp_path / "a.zip").read_bytes()})
    found = read("hf://datasets/me/zips", SHAPE, labels="kind")
    assert (levels(found), found.class_names) == ([5, 6], ["new", "old"])
    rows = [{"file_name": f"train/{name}", "n": n} for n, name in enumerate(("cats/0.png",))]
    hub.put("datasets/me/pets", {"metadata.jsonl": "\n".join(map(json.dumps, rows)).encode()})
    assert read(SET, SHAPE, labels="n").class_names == ["0"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("data/train-00000-of-00012.parquet", "train"),
        ("data/artwork-00000-of-00001-0123456789abcdef.parquet", "artwork"),
        ("mnist/test-00000-of-00001.parquet", "test"),
        ("default/train/0000.parquet", "train"),
        ("images/val/cat.1.jpg", "validation"),
        ("my_training_set/1.png", "train"),
        ("eval.zip", "test"),
        ("cats/constrain.png", ""),
        ("1.png", ""),
    ],
)
def test_splits_are_found_as_the_hub_finds_them(name, split):
    assert split_of(name) == split


def test_the_card_says_which_files_are_whose():
    names = ["big/a.parquet", "small/b.parquet", "small/c.parquet", "d.png", "e.csv"]
    card = [
        {"config_name": "small", "data_files": [{"split": "train", "path": "small/*"}]},
        {
            "config_name": "big",
            "default": True,
            "data_files": [
                {"split": "train", "path": ["big/a*", "d.png"]},
                {"split": "rest", "path": "small/c*"},
            ],
        },
    ]
    assert files_of(names, "train", "", card) == ["big/a.parquet", "d.png"]
    assert files_of(names, "rest", "", card) == ["small/c.parquet"]
    assert files_of(names, "train", "small", card) == names[1:3]
    assert files_of(names, "train", "small") == names[1:3]  # a folder, if no card says otherwise
    assert files_of(names, "train", "", [None, {"data_files": 7}]) == names[:4]
    with pytest.raises(ValueError, match="has no split 'test', but rest, train"):
        files_of(names, "test", "", card)
    with pytest.raises(ValueError, match="no folder or configuration 'none'"):
        files_of(names, "train", "none")
    with pytest.raises(ValueError, match=r"but \.arrow, \.py.*@refs/convert/parquet"):
        files_of(["a.arrow", "b.py", "README.md"], "train")


def test_what_a_set_lacks_is_said_with_its_name(hub, pets):
    with pytest.raises(ValueError, match="hf://datasets/me/pets has no split 'rest', but test, tr"):
        read(SET, SHAPE, split="rest")


def test_a_home_that_cannot_be_written_to_is_done_without(hub, pets, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "file"))
    assert len(read(SET, SHAPE)) == 4


def test_without_a_home_the_place_is_asked_for(hub, pets, tmp_path, monkeypatch):
    """The Hub's client would make a folder that is called like the home."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", "~/.cache/huggingface/hub")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="home folder, and this account has none"):
        read(SET, SHAPE)
    assert not (tmp_path / "~").exists()


def test_sets_and_presets_are_told_apart(hub):
    assert not hub_sets.is_set("hf://me/gan")
    with pytest.raises(ValueError, match="is a data set of the Hub, and no preset"):
        ganzoo.from_preset(SET)
