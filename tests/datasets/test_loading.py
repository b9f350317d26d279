import gzip
import hashlib
import io
import os
import struct
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganzoo.datasets import DATASETS, load, loading, read
from ganzoo.datasets.catalog import File

REAL_DATA = Path(
    os.environ.get("GANZOO_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data"
)


def idx(values: np.ndarray) -> bytes:
    header = struct.pack(f">4B{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return gzip.compress(header + values.astype(np.uint8).tobytes())


def publish(
    monkeypatch: pytest.MonkeyPatch, mirror: Any, images: np.ndarray, labels: np.ndarray
) -> None:
    """Make `mirror` serve these arrays as the training split of MNIST."""
    files = []
    for original, values in zip(DATASETS["mnist"].files["train"], (images, labels), strict=True):
        body = idx(values)
        url = mirror.serve(f"/{original.name}", body)
        files.append(File(original.name, hashlib.sha256(body).hexdigest(), (url,)))
    fake = replace(DATASETS["mnist"], files={"train": tuple(files)})
    monkeypatch.setitem(DATASETS, "mnist", fake)


IMAGES = np.arange(3 * 28 * 28).reshape(3, 28, 28) % 256
LABELS = np.array([7, 0, 9])


def test_load(tmp_path: Path, mirror: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path))
    publish(monkeypatch, mirror, IMAGES, LABELS)
    images, labels = load("mnist")
    assert images.dtype == np.uint8
    assert labels.dtype == np.int32
    assert labels.tolist() == [7, 0, 9]
    np.testing.assert_array_equal(images[..., 0], IMAGES)
    images[0] = 0  # arrays of the user's own, not views of a read-only buffer
    assert (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").exists()

    load("mnist")
    assert len(mirror.requests) == 2


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        pytest.param(IMAGES, LABELS[:2], "expected 2", id="counts differ"),
        pytest.param(IMAGES[:, :20], LABELS, "expected 3 of shape", id="size"),
        pytest.param(IMAGES, LABELS + 1, "label 10", id="no such class"),
    ],
)
def test_files_that_do_not_fit_are_refused(
    tmp_path: Path,
    mirror: Any,
    monkeypatch: pytest.MonkeyPatch,
    images: np.ndarray,
    labels: np.ndarray,
    reason: str,
) -> None:
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path))
    publish(monkeypatch, mirror, images, labels)
    with pytest.raises(ValueError, match=reason):
        load("mnist")


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("fashion-mnist", "train", "Unknown dataset 'fashion-mnist'.*Did you mean 'fashion_mnist'"),
        ("CIFAR-10", "train", "Known: mnist, fashion_mnist, cifar10,.*Did you mean 'cifar10'"),
        ("imagenet", "train", r"Unknown dataset 'imagenet'.*emoji\.$"),
        ("mnist", "Tests", "Unknown split 'Tests'. Known: train, test. Did you mean 'test'"),
    ],
)
def test_unknown_names_are_refused_with_advice(name: str, split: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(name, split)


CATALOG = {  # splits, classes, mirrors of each file
    "mnist": (["train", "test"], 10, 2),
    "fashion_mnist": (["train", "test"], 10, 2),
    "cifar10": (["train", "test"], 10, 2),
    "pokemon": (["train", "artwork"], 0, 0),
    "art": (["train"], 7, 0),
    "emoji": (["train"], 9, 0),
}


@pytest.mark.parametrize("name", DATASETS)
def test_catalog_entries_are_whole(name: str) -> None:
    dataset = DATASETS[name]
    splits, classes, mirrors = CATALOG[name]
    assert list(dataset.files) == splits
    assert len(dataset.class_names) == len(set(dataset.class_names)) == classes
    for file in (file for files in dataset.files.values() for file in files):
        assert len(bytes.fromhex(file.sha256)) == 32
        assert len(set(file.urls)) == mirrors
        assert all(url.endswith(f"/{file.name}") for url in file.urls)


def test_an_archive_without_an_address_must_be_placed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says where; then it loads from the cache folder, or from one that is given."""
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    with pytest.raises(FileNotFoundError, match=r"pokemon_front\.zip.*PokeAPI.*Place.*folder="):
        load("pokemon")
    assert not (tmp_path / "home").exists()

    for name in ("pokemon", "art"):
        archive = tmp_path / "home" / name / DATASETS[name].files["train"][0].name
        archive.parent.mkdir(parents=True)
        with zipfile.ZipFile(archive, "w") as file:
            for style in reversed(DATASETS["art"].class_names):
                file.writestr(f"{style}/a.png", png(style))
        with pytest.raises(ValueError, match=r"is not the published file.*Replace it\."):
            load(name)
        sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
        fake = replace(DATASETS[name], files={"train": (File(archive.name, sha256, ()),)})
        monkeypatch.setitem(DATASETS, name, fake)
        images, labels = load(name)
        assert images.shape == (7, 64, 64, 3)
        assert [tuple(image[0, 0]) for image in images] == [(255, 255, 255)] * 7  # transparent
        assert [int(image[32, 32, 0]) for image in images] == [
            len(style) for style in DATASETS["art"].class_names
        ]
        assert labels is None if name == "pokemon" else labels.tolist() == list(range(7))
        archive.rename(tmp_path / archive.name)
        np.testing.assert_array_equal(load(name, folder=tmp_path)[0], images)


def png(style: str) -> bytes:
    """Return a transparent picture with an opaque square of a grey that tells the style."""
    pixels = np.zeros((96, 96, 4), np.uint8)
    pixels[24:72, 24:72] = [*[len(style)] * 3, 255]
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_the_set_that_comes_along_needs_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is fetched or written, and the licence is beside it."""
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    images, labels = load("emoji")
    assert (images.shape, images.dtype) == ((1781, 64, 64, 3), np.uint8)
    assert np.bincount(labels).tolist() == [85, 157, 250, 128, 261, 335, 152, 213, 200]
    assert (images[:, [0, 0, -1, -1], [0, -1, 0, -1]] == 255).all(axis=-1).mean() > 0.9  # on white
    whole = read("emoji", (128, 128, 4), limit=9)
    assert set(whole.labels) == set(range(9))
    assert len(np.unique(whole.images[..., 3])) > 2  # soft edges
    assert not (tmp_path / "home").exists()
    place = loading.place_of("emoji")
    assert "MIT licence" in (place / "LICENCE.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in place.iterdir()) < 6_000_000
    with zipfile.ZipFile(place / "emoji_128.zip") as archive:
        names = archive.namelist()
        assert names == sorted(set(names))
        with archive.open(names[0]) as file:
            assert Image.open(file).size == (128, 128)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_real_files(name: str, split: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (REAL_DATA / name).is_dir():
        pytest.skip(f"no {name} in {REAL_DATA}; set GANZOO_TEST_DATA to a folder with the files")
    monkeypatch.setenv("GANZOO_HOME", str(REAL_DATA))
    images, labels = load(name, split)
    count = {"train": 60_000, "test": 10_000}[split]
    assert images.shape == (count, 28, 28, 1)
    histogram = np.bincount(labels)
    assert histogram.sum() == count
    if name == "fashion_mnist":
        assert histogram.tolist() == [count // 10] * 10
    elif split == "train":  # the published class counts, and the mean 0.1307 that everybody uses
        assert histogram.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        assert images.mean() == pytest.approx(33.3184, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pokemon", "art"])
def test_a_real_archive(name: str) -> None:
    if not (REAL_DATA / name).is_dir():
        pytest.skip(f"no {name} in {REAL_DATA}; set GANZOO_TEST_DATA to a folder with the files")
    images, labels = load(name, folder=REAL_DATA / name)
    if name == "art":
        assert np.bincount(labels).tolist() == [2600] * 7
    else:
        assert len(images) == 1294
        corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]]
        assert (corners == 255).all(axis=-1).mean() > 0.95  # sprites stand on white
