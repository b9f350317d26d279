"""The metrics that `evaluate` knows, as data: the scores that each gives, and what it needs.

The parameters are those that the papers use, or less where there are too few images for them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ganzoo.metrics.classes import class_scores, recognised
from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.frechet import frechet_distance
from ganzoo.metrics.kernel import SUBSET_SIZE, kernel_distance
from ganzoo.metrics.neighbourhoods import density_coverage, precision_recall


@dataclass
class Seen:
    """A set of images, as an extractor sees it."""

    features: Any  # `extraction.Features`: an array, unless all metrics stream
    labels: np.ndarray | None
    extractor: Extractor

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Those of the classes, `(n, classes)`."""
        assert self.extractor.probabilities is not None
        return self.extractor.probabilities(self.features)


@dataclass(frozen=True)
class Metric:
    """A way to score.

    Args:
        scores: their names.
        compute: from the real and the generated images, as they are seen, to the scores.
        parameters: what else `compute` is given, and the protocol says, for so many images in the
            smaller set.
        seeded: whether `compute` is given the seed, too.
        streams: whether mean and covariance of the features are enough.
        by_class: whether the extractor must know classes.
        by_label: whether the generated images must have labels.
    """

    scores: tuple[str, ...]
    compute: Callable[..., Iterable[float]]
    parameters: Callable[[int], dict[str, int]] = lambda fewest: {}
    seeded: bool = False
    streams: bool = False
    by_class: bool = False
    by_label: bool = False


METRICS: Mapping[str, Metric] = {
    "fid": Metric(
        scores=("fid",),
        compute=lambda real, fake: [frechet_distance(real.features, fake.features)],
        streams=True,
    ),
    "kid": Metric(
        scores=("kid", "kid_standard_error"),
        compute=lambda real, fake, **how: kernel_distance(real.features, fake.features, **how),
        parameters=lambda fewest: {
            "subsets": 100,
            "subset_size": min(SUBSET_SIZE, max(fewest // 2, 2)),
        },
        seeded=True,
    ),
    "precision_recall": Metric(
        scores=("precision", "recall"),
        compute=lambda real, fake, **how: precision_recall(real.features, fake.features, **how),
        parameters=lambda fewest: {"k": min(3, fewest - 1)},
    ),
    "density_coverage": Metric(
        scores=("density", "coverage"),
        compute=lambda real, fake, **how: density_coverage(real.features, fake.features, **how),
        parameters=lambda fewest: {"k": min(5, fewest - 1)},
    ),
    "classes": Metric(
        scores=("class_coverage", "class_distance", "confidence"),
        compute=lambda real, fake: class_scores(real.probabilities, fake.probabilities),
        by_class=True,
    ),
    "recognised": Metric(
        scores=("recognised",),
        compute=lambda real, fake: [recognised(fake.probabilities, fake.labels)],
        by_class=True,
        by_label=True,
    ),
}


def possible(extractor: Extractor, labelled: bool) -> list[str]:
    """Return the metrics that an extractor allows for generated images with or without labels."""
    return [
        name
        for name, metric in METRICS.items()
        if (extractor.probabilities or not metric.by_class) and (labelled or not metric.by_label)
    ]
