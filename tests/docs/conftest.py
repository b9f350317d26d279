"""The small world, in an empty folder, and with a Hub that answers from this machine."""

from pathlib import Path

import pytest

import small_world as world


@pytest.fixture
def small_world(tmp_path, monkeypatch, hub):
    """Move into an empty folder of the small world."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    world.enter(monkeypatch.setattr)


@pytest.fixture
def small_folders(small_world, hub):
    """Place the folders of images that the pages speak of, and a data set of the Hub."""
    world.place_folders()
    files = {
        f"{split}/{path.relative_to('my_pets').as_posix()}": path.read_bytes()
        for split in ("train", "test")
        for path in Path("my_pets").rglob("*.jpg")
    }
    rows = [f"{name},{name.split('/')[1]}" for name in files]
    text = "\n".join(["file_name,label", *rows]).encode()
    hub.put("datasets/user/name", {"metadata.csv": text, **files})
