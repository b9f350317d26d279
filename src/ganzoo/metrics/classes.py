"""Scores from a classifier's view of the images: are all classes drawn, and recognisably?"""

import warnings
from typing import NamedTuple

import numpy as np

from ganzoo.metrics.feature_arrays import check_features, check_pair

ROUNDING = 1e-3  # how far the probabilities of one image may be from 1 together; float16's


class ClassScores(NamedTuple):
    """Which classes are drawn, how often, and how clearly."""

    coverage: float
    distance: float
    confidence: float


def class_scores(real: np.ndarray, fake: np.ndarray) -> ClassScores:
    """Compare the classes that a classifier sees in real and in generated images.

    An image counts for its most probable class. Both sets are seen by the same classifier, so
    that its own leanings cancel out.

    Args:
        real: probabilities of the classes, `(n, classes)`.
        fake: the same of the generated images; the two numbers of images may differ.

    Returns:
        `coverage`, the share of the classes among the reals that are among the fakes too;
        `distance`, the total variation between the two histograms of classes: the share of fakes
        that would have to change class, from 0 to 1; and `confidence`, the mean of the fakes'
        highest probability.

    Raises:
        ValueError: no row, numbers that are no probabilities, or sets that differ in classes.

    Warns:
        UserWarning: a class is absent from either set.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import class_scores

        real = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
        fake = np.array([[0.7, 0.3], [0.6, 0.4], [0.8, 0.2], [0.1, 0.9]])
        coverage, distance, confidence = class_scores(real, fake)
        assert (coverage, distance) == (1, 0.25)  # one of the four should be of the other class
        ```
    """
    real, fake = check_pair(real, fake, least=1)
    real, fake = _check_probabilities(real, "real"), _check_probabilities(fake, "fake")
    real_counts, fake_counts = (
        np.bincount(probabilities.argmax(axis=1), minlength=real.shape[1])
        for probabilities in (real, fake)
    )
    _warn_of_absent(real_counts, "real")
    _warn_of_absent(fake_counts, "fake")
    present = real_counts > 0
    difference = real_counts / len(real) - fake_counts / len(fake)
    return ClassScores(
        coverage=float((fake_counts[present] > 0).mean()),
        distance=float(np.abs(difference).sum() / 2),
        confidence=float(fake.max(axis=1).mean()),
    )


def recognised(fake: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of generated images that a classifier takes for the class asked for.

    Args:
        fake: probabilities of the classes, `(n, classes)`.
        labels: the classes asked for, whole numbers `(n,)`.

    Raises:
        ValueError: no row, numbers that are no probabilities, or labels that do not fit.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import recognised

        fake = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
        assert recognised(fake, labels=np.array([0, 1, 1, 1])) == 0.75
        ```
    """
    fake = _check_probabilities(check_features(fake, "fake", least=1), "fake")
    labels = np.asarray(labels)
    if labels.shape != fake.shape[:1]:
        raise ValueError(
            f"{len(fake)} fake images need labels of shape ({len(fake)},), not {labels.shape}."
        )
    if not np.isin(labels, np.arange(fake.shape[1])).all():
        raise ValueError(f"Labels must be whole numbers from 0 to {fake.shape[1] - 1}.")
    return float((fake.argmax(axis=1) == labels).mean())


def _check_probabilities(probabilities: np.ndarray, name: str) -> np.ndarray:
    probabilities = probabilities.astype("float64")
    sums = probabilities.sum(axis=1)
    if probabilities.min() < 0 or np.abs(sums - 1).max() > ROUNDING:
        raise ValueError(
            f"The {name} images have no probabilities of classes: they range from "
            f"{probabilities.min():.3g} to {probabilities.max():.3g} and an image's sum up to "
            f"{sums[np.abs(sums - 1).argmax()]:.3g}. Apply a softmax to logits."
        )
    return probabilities


def _warn_of_absent(counts: np.ndarray, name: str) -> None:
    if len(absent := np.flatnonzero(counts == 0)):
        warnings.warn(
            f"Of {counts.sum()} {name} images none was taken for class "
            f"{', '.join(map(str, absent))}.",
            stacklevel=3,
        )
