"""Files to arrays: MNIST's idx, CIFAR's binary records, NumPy's. Malformed ones are refused."""

import gzip
import math
import os
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganzoo.datasets.conversions import IMAGES, LABELS

IDX_UINT8 = 0x08
ARRAY_FILES = (".npy", ".npz")
CIFAR_IMAGE = (3, 32, 32)  # channels, height, width
CIFAR_BATCHES = {
    "train": tuple(f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6)),
    "test": ("cifar-10-batches-bin/test_batch.bin",),
}


def read_idx(path: Path, rank: int) -> NDArray[np.uint8]:
    """Read one gzipped idx file of unsigned bytes.

    Args:
        path: the `.gz` file.
        rank: number of dimensions it must have: 3 for images, 1 for labels.

    Returns:
        uint8 array of the shape that the file announces.

    Raises:
        ValueError: the file is damaged or holds something else.
    """
    compressed = path.read_bytes()
    try:
        data = gzip.decompress(compressed)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is not a whole gzip file: {error}") from error
    if data[:4] != bytes([0, 0, IDX_UINT8, rank]):
        raise ValueError(f"{path} is not an idx file of bytes in {rank} dimensions")
    header = 4 + 4 * rank
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, header, 4))
    if len(data) != header + math.prod(shape):
        raise ValueError(f"{path} announces the shape {shape}, but has {len(data)} bytes")
    return np.frombuffer(data, np.uint8, offset=header).reshape(shape)


def read_cifar(archive: Path, split: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read one split of CIFAR-10's binary archive, in memory and in the original order.

    Args:
        archive: `cifar-10-binary.tar.gz`.
        split: `"train"` or `"test"`.

    Returns:
        `(images, labels)`: uint8 `(n, 32, 32, 3)` and uint8 `(n,)`.

    Raises:
        ValueError: the archive is damaged or lacks a batch.
    """
    names = CIFAR_BATCHES[split]
    try:
        with tarfile.open(archive, "r|gz") as tar:  # one pass: seeking would decompress again
            batches = {
                member.name: stream.read()
                for member in tar
                if member.name in names and (stream := tar.extractfile(member))
            }
        data = b"".join(batches[name] for name in names)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(f"{archive} is not a whole tar.gz archive: {error}") from error
    except KeyError as error:
        raise ValueError(f"{archive} does not contain {error}") from error
    record = 1 + math.prod(CIFAR_IMAGE)
    if len(data) % record:
        raise ValueError(f"{archive} has batches that are not records of {record} bytes")
    records = np.frombuffer(data, np.uint8).reshape(-1, record)
    images = records[:, 1:].reshape(-1, *CIFAR_IMAGE).transpose(0, 2, 3, 1)
    return images, records[:, 0]


def read_arrays(path: Path, split: str | None) -> Any:
    """Return images, mapped from their file or read, and labels; other arrays stay unread.

    Args:
        path: a `.npy` or `.npz` file.
        split: of an `.npz` file with arrays such as `x_train` and `y_train`: `"train"` by default.

    Raises:
        ValueError: the file is damaged, or none of its arrays is called as images are.
    """
    try:
        with ExitStack() as stack:
            mapped = path.suffix.lower() == ".npy"
            # NumPy would leave a damaged archive open.
            file = path if mapped else stack.enter_context(path.open("rb"))
            loaded = np.load(file, mmap_mode="r" if mapped else None, allow_pickle=False)
            single = isinstance(loaded, np.ndarray)
            arrays = {"images": loaded} if single else stack.enter_context(loaded)
            names = list(arrays)
            images = _by_name(arrays, (*IMAGES, "arr_0"), split)
            labels = _by_name(arrays, (*LABELS, "arr_1"), split)
    except Exception as error:  # a stranger's file can make it raise anything
        if "bject" in str(error):  # pickles, which could run anything
            raise ValueError(
                f"{os.fspath(path)!r} holds Python objects, which are not read: save images as "
                "np.stack(images), and names as np.array(names, str)."
            ) from error
        raise ValueError(f"{os.fspath(path)!r} is no whole file of arrays: {error}") from error
    if images is None:
        which = f" of the split {split!r}" if split else ""
        raise ValueError(
            f"{os.fspath(path)!r} holds {', '.join(map(repr, names)) or 'nothing'}, and no images"
            f"{which}: call them 'images', and their classes 'labels'."
        )
    return images, labels


def _by_name(
    arrays: Mapping[str, np.ndarray], usual: Sequence[str], split: str | None
) -> np.ndarray | None:
    """Return the array that is called like this, alone or with the split's name beside it."""
    part = split or "train"
    names = [name for each in usual for name in (f"{each}_{part}", f"{part}_{each}")]
    if split is None:
        names = [*usual, *names]
    return next((arrays[name] for name in names if name in arrays), None)
