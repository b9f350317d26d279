"""Precision, recall, density and coverage: which images lie in the neighbourhood of which."""

from typing import NamedTuple

import numpy as np

from ganzoo.metrics.feature_arrays import centred, check_pair, squared_distances

# Whether a ball holds the points exactly on its surface. Distances are then taken as short or as
# long as rounding allows, and radii the other way round, so that every exact tie falls alike.
CLOSED, OPEN = -1, 1


class PrecisionRecall(NamedTuple):
    """The share of fakes that look real, and the share of reals that are reached."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """How densely real images surround the fakes, and the share of reals with a fake close by."""

    density: float
    coverage: float


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 3) -> PrecisionRecall:
    """Return improved precision and recall.

    Each set's support is the union of balls around its points, each as wide as the distance to
    the point's `k`-th nearest neighbour in the same set. A point exactly on a surface is inside,
    as in the authors' code.

    Args:
        real: numbers `(n, size)`.
        fake: the same of the generated images; best as many, since both scores depend on it.
        k: the neighbour that a ball reaches to, fewer than the images of either set.

    Returns:
        `precision`, the share of fakes in the support of the reals, and `recall`, the share of
        reals in the support of the fakes; both from 0 to 1, the higher the better.

    Raises:
        ValueError: fewer than 2 rows, NaN, sets that differ in width, or a `k` too large.

    Reference:
        Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative
        Models", 2019.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import precision_recall

        real, fake = np.random.default_rng(0).normal(size=(2, 1000, 8))
        print(precision_recall(real, fake))  # both high
        print(precision_recall(real, fake / 4))  # precision rises, recall falls
        ```
    """
    real, fake = centred(*check_pair(real, fake))
    real_radii, fake_radii = _squared_radii(real, k, -CLOSED), _squared_radii(fake, k, -CLOSED)
    precise, recalled = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for block, squared in squared_distances(real, fake, CLOSED):
        precise |= (squared <= real_radii[block, None]).any(axis=0)
        recalled[block] = (squared <= fake_radii).any(axis=1)
    return PrecisionRecall(float(precise.mean()), float(recalled.mean()))


def density_coverage(real: np.ndarray, fake: np.ndarray, k: int = 5) -> DensityCoverage:
    """Return density and coverage, which outliers among the reals disturb less than precision.

    Each real image has a ball around it, as wide as the distance to its `k`-th nearest neighbour
    among the reals. A point exactly on the surface is outside, as in the authors' code.

    Args:
        real: numbers `(n, size)`.
        fake: the same of the generated images; best as many, since coverage depends on it.
        k: the neighbour that a ball reaches to, fewer than the real images.

    Returns:
        `density`, the number of balls that hold a fake, on average over the fakes and divided by
        `k`: about 1 for sets of one distribution, and above where fakes crowd in dense regions.
        `coverage`, the share of balls with a fake in them, from 0 to 1, the higher the better.

    Raises:
        ValueError: fewer than 2 rows, NaN, sets that differ in width, or a `k` too large.

    Reference:
        Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", 2020.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import density_coverage

        real, fake = np.random.default_rng(0).normal(size=(2, 1000, 8))
        print(density_coverage(real, fake))  # density near 1, coverage near 1
        ```
    """
    real, fake = centred(*check_pair(real, fake))
    radii = _squared_radii(real, k, -OPEN)
    inside, covered = 0, 0
    for block, squared in squared_distances(real, fake, OPEN):
        held = squared < radii[block, None]
        inside += int(held.sum())
        covered += int(held.any(axis=1).sum())
    return DensityCoverage(inside / (k * len(fake)), covered / len(real))


def _squared_radii(features: np.ndarray, k: int, edge: int) -> np.ndarray:
    """Return each row's squared distance to its `k`-th nearest other row."""
    if not 1 <= k < len(features):
        raise ValueError(
            f"Among {len(features)} images there is no neighbour number {k}: "
            f"choose a k from 1 to {len(features) - 1}."
        )
    radii = np.empty(len(features))
    for block, squared in squared_distances(features, features, edge):
        np.fill_diagonal(squared[:, block], np.inf)  # nobody is his own neighbour
        radii[block] = np.partition(squared, k - 1, axis=1)[:, k - 1]
    return radii
