"""What a metric is, and those that `evaluate` knows by name.

The parameters of these are those that the papers use, or less where there are too few images.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeAlias, get_args

import numpy as np

from ganzoo.metrics.classes import class_scores, recognised
from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.fid import FeatureStatistics, frechet_distance
from ganzoo.metrics.kid import SUBSET_SIZE, kernel_distance
from ganzoo.metrics.precision_recall import density_coverage, precision_recall
from ganzoo.names import choose

Need: TypeAlias = Literal[
    "statistics", "features", "probabilities", "labels", "extractor", "images"
]
NEEDS: tuple[Need, ...] = get_args(Need)


class FeatureSet:
    """A set of images, real or generated, as a metric sees it.

    Only what the metric's `needs` name is there.

    Attributes:
        n: how many images.
        statistics: mean and covariance of their features, a `FeatureStatistics`.
        features: float32 `(n, size)`.
        probabilities: of the classes, `(n, classes)`, by an extractor that knows them.
        labels: whole numbers `(n,)`; only where the images have some.
        extractor: the `Extractor` that made the features.
        images: uint8 `(n, height, width, channels)`.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import METRICS, FeatureSet

        real, fake = np.random.default_rng(0).normal(size=(2, 100, 8)).astype("float32")
        score = METRICS["density_coverage"].compute
        print(score(FeatureSet(n=100, features=real), FeatureSet(n=100, features=fake), k=5))
        ```
    """

    n: int
    statistics: FeatureStatistics
    features: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray
    extractor: Extractor
    images: np.ndarray

    def __init__(self, **known: Any) -> None:
        vars(self).update(known)

    def __getattr__(self, name: str) -> NoReturn:
        if name in NEEDS:
            raise AttributeError(
                f"There are no {name} here. A metric sees what its `needs` name, and labels of "
                "images that have some: give (images, labels)."
            )
        raise AttributeError(f"A FeatureSet has no {name!r}, only n, {', '.join(NEEDS)}.")


@dataclass(frozen=True)
class Metric:
    """A way to score generated images against real ones, for `evaluate(metrics=[...])`.

    Args:
        name: what the protocol calls it; another formula needs another name.
        scores: the names of its scores, of which no two metrics may share one.
        compute: from the real and the generated images, a `FeatureSet` each, to a number, or as
            many as there are `scores`.
        needs: what it sees of them: `"features"`, `"probabilities"`, `"labels"`, `"extractor"`,
            `"images"`; or `"statistics"`, mean and covariance of the features, which do not need
            more memory for more images. With `"probabilities"`, the extractor must know classes;
            with `"labels"`, the generated images must have some.
        parameters: from the number of images in the smaller set to what else `compute` is given by
            name, and the protocol says.
        seeded: whether `compute` is also given `seed`.

    Raises:
        ValueError: no score, or a need that is none of these.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import Metric, evaluate

        def compute(real, fake):
            return fake.images.mean() - real.images.mean()

        brightness = Metric("brightness", ["brightness"], compute, needs=["images"])
        real, fake = np.random.default_rng(0).integers(0, 256, (2, 600, 8, 8, 1), dtype="uint8")
        evaluation = evaluate(real, fake, "random", ["fid", brightness])
        print(evaluation.scores["brightness"])
        ```
    """

    name: str
    scores: Sequence[str]
    compute: Callable[..., float | Iterable[float]]
    needs: Sequence[Need] = ("features",)
    parameters: Callable[[int], Mapping[str, Any]] = lambda fewest: {}
    seeded: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.scores, str) or not self.scores:
            raise ValueError(f"The metric {self.name!r} needs a list of its scores' names.")
        if isinstance(self.needs, str) or not set(self.needs) <= set(NEEDS):
            raise ValueError(
                f"The needs of the metric {self.name!r} must be some of {list(NEEDS)}, "
                f"not {self.needs!r}."
            )


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "fid",
            scores=("fid",),
            compute=lambda real, fake: frechet_distance(real.statistics, fake.statistics),
            needs=("statistics",),
        ),
        Metric(
            "kid",
            scores=("kid", "kid_standard_error"),
            compute=lambda real, fake, **options: kernel_distance(
                real.features, fake.features, **options
            ),
            parameters=lambda fewest: {
                "subsets": 100,
                "subset_size": min(SUBSET_SIZE, max(fewest // 2, 2)),
            },
            seeded=True,
        ),
        Metric(
            "precision_recall",
            scores=("precision", "recall"),
            compute=lambda real, fake, k: precision_recall(real.features, fake.features, k),
            parameters=lambda fewest: {"k": min(3, fewest - 1)},
        ),
        Metric(
            "density_coverage",
            scores=("density", "coverage"),
            compute=lambda real, fake, k: density_coverage(real.features, fake.features, k),
            parameters=lambda fewest: {"k": min(5, fewest - 1)},
        ),
        Metric(
            "classes",
            scores=("class_coverage", "class_distance", "confidence"),
            compute=lambda real, fake: class_scores(real.probabilities, fake.probabilities),
            needs=("probabilities",),
        ),
        Metric(
            "recognised",
            scores=("recognised",),
            compute=lambda real, fake: recognised(fake.probabilities, fake.labels),
            needs=("probabilities", "labels"),
        ),
    )
}
"""The metrics that have a name."""


def chosen(metrics: str | Metric | Iterable[str | Metric]) -> list[Metric]:
    """Return the metrics that names and objects stand for.

    Raises:
        ValueError: an unknown name, none at all, or two that have a name in common.
        TypeError: something else.
    """
    found: list[Metric] = []
    for each in [metrics] if isinstance(metrics, str | Metric) else metrics:
        if not isinstance(each, str | Metric):
            raise TypeError(
                f"A metric is one of {', '.join(map(repr, METRICS))} or a ganzoo.metrics.Metric, "
                f"not {type(each).__name__}."
            )
        found.append(choose("metric", each, METRICS) if isinstance(each, str) else each)
    if not found:
        raise ValueError(f"Name at least one metric: {', '.join(METRICS)}.")
    for names in ([each.name for each in found], [name for each in found for name in each.scores]):
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"Metrics and scores need names of their own: {twice} stands twice.")
    return found


def possible(extractor: Extractor, labelled: bool) -> list[str]:
    """Return the metrics that an extractor allows for generated images with or without labels."""
    return [
        name
        for name, metric in METRICS.items()
        if (extractor.probabilities or "probabilities" not in metric.needs)
        and (labelled or "labels" not in metric.needs)
    ]
