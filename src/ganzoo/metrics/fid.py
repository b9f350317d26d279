"""The Fréchet distance between two sets of features: FID, where they are Inception's."""

import math
import warnings
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from ganzoo.metrics.feature_arrays import BLOCK, check_features, check_widths


@dataclass(eq=False)
class FeatureStatistics:
    """Mean and covariance of features that arrive batch by batch, in float64.

    Neither the order nor the size of the batches matters, and memory does not grow with their
    number (Chan, Golub and LeVeque, 1979). The three arguments are all that has to be kept of
    statistics, and all that is needed to continue them.

    Args:
        count: rows seen so far.
        mean: float64 `(size,)`.
        covariance: float64 `(size, size)`, the sum of products divided by `count - 1`.

    Raises:
        ValueError: the arguments do not fit each other, or are not finite.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import FeatureStatistics, frechet_distance

        real, fake = np.random.default_rng(0).normal(size=(2, 1000, 8))
        statistics = FeatureStatistics()
        for batch in np.array_split(fake, 7):
            statistics.update(batch)
        assert np.isclose(frechet_distance(real, statistics), frechet_distance(real, fake))
        ```
    """

    count: int = 0
    mean: np.ndarray = field(default_factory=lambda: np.zeros(0))
    covariance: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        self.mean = np.asarray(self.mean, "float64")
        self.covariance = np.asarray(self.covariance, "float64")
        if self.mean.ndim != 1 or self.covariance.shape != 2 * self.mean.shape:
            raise ValueError(
                "Statistics need a mean of shape (size,) and a covariance of shape (size, size), "
                f"not {self.mean.shape} and {self.covariance.shape}."
            )
        if not (np.isfinite(self.mean).all() and np.isfinite(self.covariance).all()):
            raise ValueError("The statistics hold NaN or infinite numbers: make them again.")

    @classmethod
    def of(cls, features: np.ndarray) -> Self:
        """Return the statistics of features `(n, size)`."""
        features = check_features(features, "new", least=1)
        statistics = cls()
        rows = max(BLOCK // features.shape[1], 1)  # few at a time, as they become float64
        for start in range(0, len(features), rows):
            statistics.update(features[start : start + rows])
        return statistics

    def update(self, features: np.ndarray) -> None:
        """Take in another batch.

        Args:
            features: numbers `(n, size)`; one row is enough.

        Raises:
            ValueError: no row, NaN, or another width than the batches before.
        """
        batch = check_features(features, "new", least=1).astype("float64", copy=False)
        if not self.count:
            size = batch.shape[1]
            self.mean, self.covariance = np.zeros(size), np.zeros((size, size))
        if batch.shape[1] != len(self.mean):
            raise ValueError(
                f"The features before had {len(self.mean)} columns, the new ones have "
                f"{batch.shape[1]}: make all with the same extractor."
            )
        count = self.count + len(batch)
        mean = batch.mean(axis=0)
        shift = mean - self.mean
        # Products of deviations within the batch; the last row is the shift between the means.
        rows = np.vstack([batch - mean, shift * math.sqrt(self.count * len(batch) / count)])
        products = rows.T @ rows + self.covariance * max(self.count - 1, 0)
        self.covariance = products / max(count - 1, 1)
        self.mean = self.mean + shift * (len(batch) / count)
        self.count = count


def frechet_distance(
    real: np.ndarray | FeatureStatistics, fake: np.ndarray | FeatureStatistics
) -> float:
    """Return the Fréchet distance of two Gaussians with the features' means and covariances.

    With means `m`, `n` and covariances `C`, `D` it is

        |m - n|^2 + trace(C) + trace(D) - 2 trace((C D)^(1/2)).

    It is 0 for sets of equal mean and covariance, and the lower the better. Few images make it
    too high: compare distances of equally many images only, of 10,000 or more where possible.

    Args:
        real: numbers `(n, size)` or a `FeatureStatistics`.
        fake: the same of the generated images; the two numbers of images may differ.

    Raises:
        ValueError: fewer than 2 rows, NaN, or sets that differ in width.

    Warns:
        UserWarning: a set has no more images than features.

    Reference:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
        Equilibrium", 2017.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import frechet_distance

        real, fake = np.random.default_rng(0).normal(size=(2, 1000, 8))
        print(frechet_distance(real, fake))  # near 0
        print(frechet_distance(real, fake + 1))  # near 8: a shift of 1 in 8 directions
        ```
    """
    real, fake = _statistics(real, "real"), _statistics(fake, "fake")
    check_widths(len(real.mean), len(fake.mean))
    _warn_of_few(min(real.count, fake.count), len(real.mean))
    shift = real.mean - fake.mean
    traces = np.trace(real.covariance) + np.trace(fake.covariance)
    # With C = R R' and D = S S', the eigenvalues of C D are the squared singular values of R' S.
    # So the trace of its root is their sum, and no root of a product with rounding is taken.
    overlap = np.linalg.norm(_root(real).T @ _root(fake), "nuc")
    return max(float(shift @ shift + traces - 2 * overlap), 0.0)


def _statistics(features: np.ndarray | FeatureStatistics, name: str) -> FeatureStatistics:
    if not isinstance(features, FeatureStatistics):
        return FeatureStatistics.of(check_features(features, name))
    if features.count < 2:
        raise ValueError(
            f"Statistics of {features.count} {name} images are too few: this needs 2 or more."
        )
    return features


def _warn_of_few(count: int, size: int) -> None:
    if count <= size:
        warnings.warn(
            f"The Fréchet distance of {count} images with {size} features each is far too high: "
            f"their covariance is singular. Take more than {size} images, an extractor with "
            "fewer features, or the kernel distance.",
            stacklevel=3,
        )


def _root(statistics: FeatureStatistics) -> np.ndarray:
    """Return a matrix `R`, as narrow as it can be, with `R R'` equal to the covariance."""
    values, vectors = np.linalg.eigh(statistics.covariance)
    # n deviations from their mean span n - 1 directions; what lies beyond is rounding, of which
    # a square root would make much.
    rank = min(statistics.count - 1, len(values))
    return vectors[:, -rank:] * np.sqrt(values[-rank:].clip(0))
