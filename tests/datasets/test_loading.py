import gzip
import hashlib
import os
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganzoo.datasets
from ganzoo.datasets import DATASETS, load
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
        ("CIFAR-10", "train", "Known: mnist, fashion_mnist, cifar10.*Did you mean 'cifar10'"),
        ("imagenet", "train", r"Unknown dataset 'imagenet'.*cifar10\.$"),
        ("mnist", "Tests", "Unknown split 'Tests'. Known: train, test. Did you mean 'test'"),
    ],
)
def test_unknown_names_are_refused_with_advice(name: str, split: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(name, split)


@pytest.mark.parametrize("name", DATASETS)
def test_catalog_entries_are_whole(name: str) -> None:
    dataset = DATASETS[name]
    assert set(dataset.files) == {"train", "test"}
    assert len(set(dataset.class_names)) == 10
    for file in (file for files in dataset.files.values() for file in files):
        assert len(bytes.fromhex(file.sha256)) == 32
        assert len(set(file.urls)) == 2
        assert all(url.endswith(f"/{file.name}") for url in file.urls)


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


def test_public_names() -> None:
    assert ganzoo.datasets.__all__ == ["DATASETS", "load"]


def test_import_is_light(alone: str) -> None:
    program = (
        alone + "import ganzoo.datasets\n"
        "heavy = {'keras', 'huggingface_hub', 'tqdm', 'filelock', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
