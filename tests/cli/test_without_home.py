"""An account without a home folder, as containers have it, can do all but keep files."""

import os
from pathlib import Path

import pytest
from command_line import ran, refused

import ganzoo


@pytest.fixture(autouse=True)
def homeless(photos, monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", os.fspath)
    for name in ("GANZOO_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)


COMMANDS = {
    "info": "no home folder",
    "datasets": "no home folder",
    "generate mnist -n 2 -o a.png": "2 images are in a.png",
    "inspect photos -o a.png": "The contact sheet is in a.png",
    "train photos --out run --epochs 1 --base-filters 2 --batch-size 4": "The model is in run",
    "train emoji --out run --epochs 1 --base-filters 2 --limit 9 --image-size 16": "model is in",
    "evaluate mnist emoji -n 4 --extractor random -o a.json": "The scores are in a.json",
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # of so few images
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command(command):
    assert COMMANDS[command] in ran(*command.split(), columns=300)
    assert not Path("~", ".cache").exists()  # TensorFlow may make ~/.keras


def test_what_has_to_be_kept_says_so():
    said = "no home folder for ganzoo's cache: set GANZOO_HOME"
    assert said in refused("train", "mnist", "--out", "run")
    with pytest.raises(FileNotFoundError, match=said):
        ganzoo.datasets.load("mnist")
