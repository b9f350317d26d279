import gzip
import io
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from ganzoo.datasets.formats import read_arrays, read_cifar, read_idx

PIXELS = bytes(range(24))
HEADER = struct.pack(">4B3I", 0, 0, 8, 3, 2, 3, 4)


def test_idx_images_and_labels(tmp_path: Path) -> None:
    (tmp_path / "images.gz").write_bytes(gzip.compress(HEADER + PIXELS))
    (tmp_path / "labels.gz").write_bytes(
        gzip.compress(struct.pack(">4BI", 0, 0, 8, 1, 2) + b"\7\1")
    )
    images = read_idx(tmp_path / "images.gz", rank=3)
    assert images.dtype == np.uint8
    assert images.shape == (2, 3, 4)
    assert images[1, 0, 2] == 14  # row-major: image, row, column
    assert read_idx(tmp_path / "labels.gz", rank=1).tolist() == [7, 1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(gzip.compress(HEADER + PIXELS[:-1]), "announces", id="a byte short"),
        pytest.param(gzip.compress(HEADER + PIXELS + b"\0"), "announces", id="a byte long"),
        pytest.param(gzip.compress(HEADER[:9]), "announces", id="header cut"),
        pytest.param(gzip.compress(b"\0\0\x0d" + HEADER[3:] + PIXELS), "not an idx", id="floats"),
        pytest.param(gzip.compress(b"\0\0\x08\1" + HEADER[4:] + PIXELS), "not an idx", id="rank"),
        pytest.param(gzip.compress(b""), "not an idx", id="empty"),
        pytest.param(HEADER + PIXELS, "gzip", id="not compressed"),
        pytest.param(gzip.compress(HEADER + PIXELS)[:-9], "gzip", id="gzip cut"),
        pytest.param(gzip.compress(HEADER + PIXELS) + b"junk", "gzip", id="gzip with a tail"),
    ],
)
def test_malformed_idx_is_refused_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=reason) as refusal:
        read_idx(path, rank=3)
    assert str(path) in str(refusal.value)


def cifar_archive(members: dict[str, bytes]) -> bytes:
    with io.BytesIO() as buffer:
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, content in members.items():
                member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return buffer.getvalue()


def cifar_record(label: int) -> bytes:
    """Red is the label, green the row, blue the column."""
    row, column = np.mgrid[:32, :32].astype(np.uint8)
    return bytes([label]) + np.stack([np.full_like(row, label), row, column]).tobytes()


# The order of the members is not the order of the batches; the real archive is mixed up as well.
BATCHES = {f"data_batch_{i}.bin": cifar_record(i) + cifar_record(9 - i) for i in (2, 1, 5, 4, 3)}
CIFAR = BATCHES | {"readme.html": b"<html>", "test_batch.bin": cifar_record(7)}


@pytest.mark.parametrize(
    ("split", "expected"), [("train", [1, 8, 2, 7, 3, 6, 4, 5, 5, 4]), ("test", [7])]
)
def test_cifar(tmp_path: Path, split: str, expected: list[int]) -> None:
    (tmp_path / "cifar.tar.gz").write_bytes(cifar_archive(CIFAR))
    images, labels = read_cifar(tmp_path / "cifar.tar.gz", split)
    assert labels.tolist() == expected
    assert images.dtype == np.uint8
    assert images.shape == (len(expected), 32, 32, 3)
    assert images[:, 0, 0, 0].tolist() == expected
    assert images[0, 20, 10].tolist() == [expected[0], 20, 10]
    assert {path.name for path in tmp_path.iterdir()} == {"cifar.tar.gz"}  # nothing extracted


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(cifar_archive(BATCHES), "test_batch", id="batch missing"),
        pytest.param(cifar_archive({"test_batch.bin": b"\1" * 3072}), "records", id="short"),
        pytest.param(cifar_archive({"test_batch.bin": b"\1" * 3074}), "records", id="long"),
        pytest.param(cifar_archive(CIFAR)[:300], "does not contain|not a whole", id="cut"),
        pytest.param(b"nothing of the kind", "not a whole", id="not an archive"),
    ],
)
def test_malformed_cifar_is_refused_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=reason) as refusal:
        read_cifar(path, "test")
    assert str(path) in str(refusal.value)


def test_arrays_that_are_not_asked_for_stay_unread(tmp_path: Path) -> None:
    """Such as other splits, which may be large, and notes, which only pickle could read."""
    path, notes = tmp_path / "images.npz", np.array([{"by": "me"}], dtype=object)
    np.savez(path, x_train=np.zeros((2, 3, 3, 1), "uint8"), y_train=[1, 0], x_test=notes)
    images, labels = read_arrays(path, None)
    assert images.shape == (2, 3, 3, 1)
    assert labels.tolist() == [1, 0]
    with pytest.raises(ValueError, match=r"holds Python objects, which are not read"):
        read_arrays(path, "test")
