"""What a metric is, and those that `evaluate` knows by name.

The parameters of these are those that the papers use, or less where there are too few images.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganzoo.metrics.classes import class_scores, recognised
from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.feature_set import NEEDS, FeatureSet, Need
from ganzoo.metrics.fid import frechet_distance
from ganzoo.metrics.kid import SUBSET_SIZE, kernel_distance
from ganzoo.metrics.precision_recall import density_coverage, precision_recall
from ganzoo.names import choose


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

    def check(self, extractor: Extractor | None, labelled: bool) -> None:
        """Check that there is what the metric needs.

        Args:
            extractor: what makes the features; None where no metric needs any.
            labelled: whether the generated images have labels.

        Raises:
            ValueError: an extractor that knows no classes, or images without labels.
        """
        if "probabilities" in self.needs and extractor and extractor.probabilities is None:
            raise ValueError(
                f"The metric {self.name!r} needs an extractor that knows classes, as 'digits' and "
                f"'fashion' do; {extractor.name!r} knows none."
            )
        if "labels" in self.needs and not labelled:
            raise ValueError(
                f"The metric {self.name!r} needs the classes that the generated images were asked "
                "for: give fake=(images, labels), or a model with classes."
            )

    def score(
        self,
        real: Mapping[str, Any],
        fake: Mapping[str, Any],
        parameters: Mapping[str, Any],
        seed: int,
    ) -> dict[str, float]:
        """Return the scores by name.

        Args:
            real: all that is known of the real images, by the names of a `FeatureSet`.
            fake: the same of the generated ones.
            parameters: for `compute`.
            seed: for `compute`, where it wants one.

        Raises:
            ValueError: `compute` returned other numbers than there are scores.
        """
        sets = (
            FeatureSet(**{name: known[name] for name in ("n", *self.needs) if name in known})
            for known in (real, fake)
        )
        seeded = {"seed": seed} if self.seeded else {}
        values = np.atleast_1d(np.asarray(self.compute(*sets, **parameters, **seeded), "float64"))
        if values.shape != (len(self.scores),):
            raise ValueError(
                f"The metric {self.name!r} has {len(self.scores)} scores, but computed numbers of "
                f"shape {values.shape}."
            )
        return dict(zip(self.scores, values.tolist(), strict=True))


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
