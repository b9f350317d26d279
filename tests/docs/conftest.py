"""A small world for the examples of docstrings and pages.

It holds little of everything, and gives away nothing: what an example names, it defines. A
training stops after an epoch, MNIST has a few images in its original format, the Hub answers from
this machine, and there are small folders of images under the names that the pages use.
"""

import gzip
import shutil
import struct
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from ganzoo.datasets import DATASETS, loading

FEW = 64
FOLDERS = {"my_photos": "jpg", "my_sprites": "png", "my_pets/cats": "jpg", "my_pets/dogs": "jpg"}


@pytest.fixture
def small_world(tmp_path, monkeypatch, hub):
    """Move into an empty folder of the small world."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(loading, "fetch", few_originals)
    monkeypatch.setattr(keras.Model, "fit", one_epoch(keras.Model.fit))


@pytest.fixture
def small_folders(small_world):
    """Place the folders of images that the pages speak of."""
    for folder, suffix in FOLDERS.items():
        Path(folder).mkdir(parents=True)
        for number in range(4):
            pixels = np.random.default_rng(number).integers(0, 256, (40, 30, 3), dtype="uint8")
            Image.fromarray(pixels).save(f"{folder}/{number}.{suffix}")
    shutil.make_archive("my_sprites", "zip", "my_sprites")


def few_originals(folder, file):
    """Do as `fetch`, for a few images in MNIST's format instead of a download."""
    (name,) = (name for name, each in DATASETS.items() if file in sum(each.files.values(), ()))
    random = np.random.default_rng(0)
    if "images" in file.name:
        values = random.integers(0, 256, (FEW, *DATASETS[name].image_shape[:2]), dtype="uint8")
    else:
        values = np.arange(FEW, dtype="uint8") % len(DATASETS[name].class_names)
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file.name).write_bytes(gzip.compress(header + values.tobytes()))
    return folder / file.name


def one_epoch(fit):
    """Return Keras' `fit`, silent and ending after one more epoch."""

    def short(self, *arguments, initial_epoch=0, epochs=1, **options):
        last = min(epochs, initial_epoch + 1)
        options |= {"initial_epoch": initial_epoch, "epochs": last, "verbose": 0}
        return fit(self, *arguments, **options)

    return short
