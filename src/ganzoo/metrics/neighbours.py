"""Which training images generated ones come closest to: does the generator repeat them?"""

from typing import NamedTuple

import numpy as np
from PIL import Image

from ganzoo.datasets import ImageSet
from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.feature_arrays import centred, check_pair, squared_distances
from ganzoo.metrics.feature_cache import real_features
from ganzoo.metrics.image_stream import ImageStream, fingerprint
from ganzoo.pictures import neighbour_grid


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


def draw_neighbours(
    real: np.ndarray, fake: np.ndarray, extractor: Extractor, k: int = 7
) -> Image.Image:
    """Return a picture with a row for each generated image: itself, then its neighbours.

    Args:
        real: uint8 `(n, height, width, channels)`, those that the model was trained on.
        fake: the same of generated images.
        extractor: makes the features that nearness is measured in.
        k: how many neighbours.
    """
    stream = ImageStream.of_set(ImageSet(real))
    title = f"{extractor.name}, training images"
    known = real_features(stream, fingerprint(stream), extractor, keep=True, progress=title)
    assert isinstance(known, np.ndarray)  # and no statistics
    indices, _ = nearest_neighbours(known, extractor.features(fake), min(k, len(real)))
    return neighbour_grid(real, fake, indices)
