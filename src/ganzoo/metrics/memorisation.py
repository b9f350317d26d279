"""Which training images generated ones come closest to: does the generator repeat them?"""

from typing import NamedTuple

import numpy as np
from PIL import Image

from ganzoo.metrics.distances import centred, squared_distances
from ganzoo.metrics.features import check_pair
from ganzoo.pictures import image_grid


class Neighbours(NamedTuple):
    """Rows of the real features, nearest first, and their distances."""

    indices: np.ndarray
    distances: np.ndarray


def nearest_neighbours(real: np.ndarray, fake: np.ndarray, k: int = 1) -> Neighbours:
    """Return the `k` real images nearest to each fake.

    Args:
        real: numbers `(n, size)`: features of the training images, or the images themselves as
            `images.reshape(n, -1)`.
        fake: the same of the generated images, `(m, size)`.
        k: how many neighbours, up to `n`.

    Returns:
        `indices` into `real`, int64 `(m, k)` with the nearest first, and the Euclidean
        `distances`, float64 `(m, k)`: exactly 0 for a copy. Which of equally near images are
        taken is not said.

    Raises:
        ValueError: no row, NaN, sets that differ in width, or a `k` that is too large.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import nearest_neighbours

        real = np.random.default_rng(0).normal(size=(100, 8))
        indices, distances = nearest_neighbours(real, real[[7, 3]])
        assert indices.tolist() == [[7], [3]]
        assert distances.max() == 0
        ```
    """
    real, fake = check_pair(real, fake, least=1)
    if not 1 <= k <= len(real):
        raise ValueError(
            f"Among {len(real)} real images there are no {k} neighbours: "
            f"choose a k from 1 to {len(real)}."
        )
    indices = np.empty((len(fake), k), np.int64)
    distances = np.empty((len(fake), k))
    real, fake = centred(real, fake)
    for block, squared in squared_distances(fake, real):
        nearest = np.argpartition(squared, k - 1, axis=1)[:, :k]
        # Again from the differences, so that a copy is at 0; one at a time for little memory.
        exact = [np.linalg.norm(fake[block] - real[index], axis=1) for index in nearest.T]
        order = np.argsort(np.transpose(exact), axis=1)
        indices[block] = np.take_along_axis(nearest, order, axis=1)
        distances[block] = np.take_along_axis(np.transpose(exact), order, axis=1)
    return Neighbours(indices, distances)


def neighbour_grid(
    real_images: np.ndarray, fake_images: np.ndarray, indices: np.ndarray
) -> Image.Image:
    """Return a picture with a row for each fake: the fake, then its nearest real images.

    Args:
        real_images: uint8 `(n, height, width, channels)`.
        fake_images: uint8 `(m, height, width, channels)`.
        indices: into `real_images`, `(m, k)`, from `nearest_neighbours`.

    Returns:
        A `PIL.Image.Image`; its `save("neighbours.png")` writes a file.

    Raises:
        ValueError: images that differ in shape, or indices of other images.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import nearest_neighbours, neighbour_grid

        real = np.random.default_rng(0).integers(0, 256, (100, 8, 8, 1), dtype="uint8")
        fake = 255 - real[:4]
        indices, _ = nearest_neighbours(real.reshape(100, -1), fake.reshape(4, -1), k=3)
        neighbour_grid(real, fake, indices).save("neighbours.png")
        ```
    """
    real_images, fake_images, indices = map(np.asarray, (real_images, fake_images, indices))
    if real_images.shape[1:] != fake_images.shape[1:]:
        raise ValueError(
            f"Real images of shape {real_images.shape[1:]} do not fit beside fake ones of shape "
            f"{fake_images.shape[1:]}: resize one of them."
        )
    if indices.ndim != 2 or len(indices) != len(fake_images):
        raise ValueError(
            f"{len(fake_images)} fake images need indices of shape ({len(fake_images)}, k), "
            f"not {indices.shape}."
        )
    if not (0 <= indices.min() and indices.max() < len(real_images)):
        raise ValueError(
            f"Indices from {indices.min()} to {indices.max()} do not fit {len(real_images)} real "
            "images: give the images that the neighbours were looked for among."
        )
    rows = np.concatenate([fake_images[:, None], real_images[indices]], axis=1)
    return image_grid(rows.reshape(-1, *fake_images.shape[1:]), columns=rows.shape[1])
