"""What the tests of the command line share: a few digits and pictures in place of data."""

import dataclasses
import gzip
import hashlib

import numpy as np
import pytest
from PIL import Image

from ganzoo.datasets import catalog


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Work in a folder of one's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return gzip.compress(header + array.tobytes())


@pytest.fixture
def digits(tmp_path, monkeypatch):
    """Put thirty random images in place of each of MNIST's splits."""
    random = np.random.default_rng(0)
    entry = catalog.DATASETS["mnist"]
    files = {}
    (tmp_path / "home" / "mnist").mkdir(parents=True)
    for split in entry.files:
        contents = [
            idx(random.integers(0, 256, (30, 28, 28), dtype=np.uint8)),
            idx(np.arange(30, dtype=np.uint8) % 10),
        ]
        for file, content in zip(entry.files[split], contents, strict=True):
            (tmp_path / "home" / "mnist" / file.name).write_bytes(content)
        files[split] = tuple(
            dataclasses.replace(file, sha256=hashlib.sha256(content).hexdigest())
            for file, content in zip(entry.files[split], contents, strict=True)
        )
    changed = dataclasses.replace(entry, files=files)
    monkeypatch.setitem(catalog.DATASETS, "mnist", changed)
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def pets(tmp_path):
    """Put eight small pictures in two sub-folders, a broken file among them."""
    random = np.random.default_rng(0)
    for number in range(8):
        path = tmp_path / "pets" / ("cats", "dogs")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (24, 18, 3), dtype=np.uint8)).save(path)
    (tmp_path / "pets" / "dogs" / "broken.jpg").write_bytes(b"no picture")


@pytest.fixture
def photos(tmp_path):
    """Put eight small pictures in a folder."""
    random = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for number in range(8):
        pixels = random.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
