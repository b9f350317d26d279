"""`load`: from the name of a dataset to its arrays."""

import numpy as np
from numpy.typing import NDArray

from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.download import fetch
from ganzoo.datasets.formats import read_cifar, read_idx
from ganzoo.files import home
from ganzoo.names import choose


def load(name: str, split: str = "train") -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Load a dataset from its original files, downloading them at first use.

    The files live in `<home>/<name>/`, where `<home>` is the folder in the environment variable
    `GANZOO_HOME`, or `ganzoo` in the user's cache folder. Files placed there by hand are used.
    Every file must have the checksum that the catalog gives. An interrupted download goes on
    where it stopped at the next call.

    Args:
        name: `"mnist"`, `"fashion_mnist"` or `"cifar10"`: a key of `ganzoo.datasets.DATASETS`.
        split: `"train"` (60,000 images; CIFAR-10: 50,000) or `"test"` (10,000).

    Returns:
        `(images, labels)`: `images` is a uint8 array `(n, height, width, channels)` with values
        from 0 to 255, `labels` an int32 array `(n,)` of positions in the dataset's `class_names`.
        Both are in the original order.

    Raises:
        ValueError: unknown name or split, or a file with a wrong checksum or malformed content.
        ConnectionError: a file is absent and no mirror served it.

    Example:
        >>> images, labels = ganzoo.datasets.load("mnist")
        >>> images.shape
        (60000, 28, 28, 1)
        >>> sevens = images[labels == 7]
    """
    dataset = choose("dataset", name, DATASETS)
    files = choose("split", split, dataset.files)
    paths = [fetch(home() / name, file) for file in files]
    if dataset.format == "idx":
        images, labels = read_idx(paths[0], rank=3)[..., np.newaxis], read_idx(paths[1], rank=1)
    else:
        images, labels = read_cifar(paths[0], split)
    if images.shape != (len(labels), *dataset.image_shape):
        raise ValueError(
            f"{paths[0]} holds images of shape {images.shape}, "
            f"expected {len(labels)} of shape {dataset.image_shape}"
        )
    if labels.max(initial=0) >= len(dataset.class_names):
        raise ValueError(f"{paths[-1]} holds the label {labels.max()}, which is no class")
    return images.copy(order="C"), labels.astype(np.int32)  # writable, unlike views of a file
