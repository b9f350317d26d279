"""The kernel distance between two sets of features: KID, where they are Inception's."""

import math
from typing import NamedTuple

import numpy as np

from ganzoo.metrics.feature_arrays import check_pair

SUBSET_SIZE = 1000  # the paper's


class KernelDistance(NamedTuple):
    """The mean over subsets, and its standard error."""

    mean: float
    standard_error: float


def kernel_distance(
    real: np.ndarray,
    fake: np.ndarray,
    subsets: int = 100,
    subset_size: int | None = None,
    seed: int = 0,
) -> KernelDistance:
    """Return the squared maximum mean discrepancy of features with a cubic kernel.

    The kernel is `k(x, y) = (x.y / size + 1)^3`. Each subset takes `m` images of either set
    without replacement and gives the unbiased estimate

        mean of k(x, x') + mean of k(y, y') - 2 mean of k(x, y),

    the first two over pairs of different images. Its expectation does not depend on `m`, and is
    0 where both sets come from one distribution: so it may fall below 0.

    Args:
        real: numbers `(n, size)`.
        fake: the same of the generated images; the two numbers of images may differ.
        subsets: how many subsets are drawn, 2 or more.
        subset_size: images in a subset; by default 1,000, or half of the smaller set where that
            is less.
        seed: what the subsets are drawn by.

    Returns:
        `mean` over the subsets, and its `standard_error`: the standard deviation of the subsets'
        values (divided by `subsets - 1`), over the root of `subsets`. It says how far other
        subsets of the same images would move the mean; other images would move it further.
        torch-fidelity's standard deviation is `standard_error * sqrt(subsets - 1)`.

    Raises:
        ValueError: fewer than 2 rows, NaN, sets that differ in width, or subsets that cannot be
            drawn.

    Reference:
        Bińkowski et al., "Demystifying MMD GANs", 2018.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import kernel_distance

        real, fake = np.random.default_rng(0).normal(size=(2, 1000, 8))
        mean, standard_error = kernel_distance(real, fake, subsets=20)
        ```
    """
    real, fake = check_pair(real, fake)
    fewest = min(len(real), len(fake))
    if subset_size is None:
        subset_size = min(SUBSET_SIZE, max(fewest // 2, 2))
    if not 2 <= subset_size <= fewest:
        raise ValueError(
            f"Subsets of {subset_size} cannot be drawn from {len(real)} real and {len(fake)} fake "
            f"images: choose a subset_size from 2 to {fewest}."
        )
    if subsets < 2:
        raise ValueError(f"A standard error needs 2 subsets or more, not {subsets}.")
    random = np.random.default_rng(seed)

    def draw(features: np.ndarray) -> np.ndarray:
        chosen = random.choice(len(features), subset_size, replace=False)
        return features[chosen].astype("float64")

    values = [_squared_discrepancy(draw(real), draw(fake)) for _ in range(subsets)]
    return KernelDistance(
        float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(subsets))
    )


def _squared_discrepancy(real: np.ndarray, fake: np.ndarray) -> float:
    """Return the unbiased estimate from two subsets of the same size."""
    return (
        _mean_of_pairs(real) + _mean_of_pairs(fake) - 2 * float(_kernel(real @ fake.T, real).mean())
    )


def _mean_of_pairs(features: np.ndarray) -> float:
    """Return the mean of the kernel over all pairs of different rows."""
    count = len(features)
    kernel = _kernel(features @ features.T, features)
    return float(kernel.sum() - np.trace(kernel)) / (count * (count - 1))


def _kernel(products: np.ndarray, features: np.ndarray) -> np.ndarray:
    return (products / features.shape[1] + 1) ** 3
