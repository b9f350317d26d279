"""A small world for the examples of docstrings and pages.

It holds little of everything, and gives away nothing: what an example names, it defines. A
training stops after an epoch, MNIST has a few images in its original format, and there are small
folders of images under the names that the pages use. Here enter `tests/docs` and
`tools/run_notebooks.py`.
"""

import gzip
import shutil
import struct
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from ganzoo.datasets import DATASETS, loading

FEW = 64
FOLDERS = {
    "my_photos": "jpg",
    "my_sprites": "png",
    "my_pets/cats": "jpg",
    "my_pets/dogs": "jpg",
    "my_paintings": "png",
}


def enter(change):
    """Make training and downloading short.

    Args:
        change: `setattr`, or that of pytest's `monkeypatch`.
    """
    change(loading, "fetch", few_originals)
    change(keras.Model, "fit", one_epoch(keras.Model.fit))


def place_folders():
    """Place the folders of images that the pages speak of where we are."""
    for folder, suffix in FOLDERS.items():
        Path(folder).mkdir(parents=True)
        for number in range(4):
            pixels = np.random.default_rng(number).integers(0, 256, (40, 30, 3), dtype="uint8")
            Image.fromarray(pixels).save(f"{folder}/{number}.{suffix}")
    shutil.make_archive("my_sprites", "zip", "my_sprites")
    shutil.copytree("my_photos", "my_birds")
    rows = [f"{number}.jpg,{('owl', 'wren')[number % 2]}" for number in range(4)]
    Path("my_birds/metadata.csv").write_text("\n".join(["file_name,species", *rows]))
    shutil.copytree("my_photos", "my_faces")
    rows = [f"{number}.jpg,{number % 2},{number // 2}" for number in range(4)]
    Path("my_faces/metadata.csv").write_text("\n".join(["file_name,smiling,hat", *rows]))
    Path("my_shards").mkdir()
    with tarfile.open("my_shards/0.tar", "w") as archive:
        for number in range(4):
            Path(f"{number}.cls").write_text(("cats", "dogs")[number % 2])
            archive.add(f"my_photos/{number}.jpg", f"{number}.jpg")
            archive.add(f"{number}.cls")
    shutil.copy("my_shards/0.tar", "my_shards/1.tar")
    if find_spec("pyarrow"):
        write_rows("my_rows.parquet")


def write_rows(path):
    """Write images as rows, with a column of labels."""
    import pyarrow
    from pyarrow.parquet import write_table

    images = [Path(f"my_photos/{number}.jpg").read_bytes() for number in range(4)]
    write_table(pyarrow.table({"image": images, "label": ["cats", "dogs"] * 2}), path)


def few_originals(folder, file):
    """Do as `fetch`, for a few images: of what comes along, or in MNIST's format, made up."""
    (name,) = (name for name, each in DATASETS.items() if file in sum(each.files.values(), ()))
    if DATASETS[name].format == "zip":
        return few_members(folder / file.name)
    random = np.random.default_rng(0)
    if "images" in file.name:
        values = random.integers(0, 256, (FEW, *DATASETS[name].image_shape[:2]), dtype="uint8")
    else:
        values = np.arange(FEW, dtype="uint8") % len(DATASETS[name].class_names)
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file.name).write_bytes(gzip.compress(header + values.tobytes()))
    return folder / file.name


def few_members(path):
    """Return an archive of every fiftieth member of another."""
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(path.name, "w") as few:
        for member in whole.infolist()[::50]:
            few.writestr(member, whole.read(member))
    return Path(path.name).resolve()


def one_epoch(fit):
    """Return Keras' `fit`, silent and ending after one more epoch."""

    def short(self, *arguments, initial_epoch=0, epochs=1, **options):
        last = min(epochs, initial_epoch + 1)
        options |= {"initial_epoch": initial_epoch, "epochs": last, "verbose": 0}
        return fit(self, *arguments, **options)

    return short
