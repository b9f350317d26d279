"""What `evaluate` and the callback do with images."""

from collections.abc import Iterable
from typing import Any

import keras

from ganzoo._version import __version__
from ganzoo.metrics.extraction import extract
from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.images import ImageSet, fingerprint
from ganzoo.metrics.real_features import real_features
from ganzoo.metrics.record import VERSION, Evaluation
from ganzoo.metrics.scores import METRICS, Metric, Seen
from ganzoo.names import choose

BATCH_SIZE = 64


class Evaluator:
    """Scores one set of generated images after the other against the same real ones.

    Args:
        real: the real images; their features are made at once.
        extractor: makes the features.
        metrics: names of `METRICS`.
        labelled: whether the generated images will have labels.
        batch_size: images that the extractor gets at once.
        seed: what subsets are drawn from.
        verbose: whether the features of the real images show a progress bar.

    Raises:
        ValueError: an unknown metric, or one that needs another extractor, or labels.
    """

    def __init__(
        self,
        real: ImageSet,
        extractor: Extractor,
        metrics: Iterable[str],
        *,
        labelled: bool,
        batch_size: int = BATCH_SIZE,
        seed: int = 0,
        verbose: bool = False,
    ) -> None:
        self.metrics = _chosen(metrics, extractor, labelled)
        self.extractor = extractor
        self.seed = seed
        self.how: dict[str, Any] = {
            "whole": not all(metric.streams for metric in self.metrics.values()),
            "batch_size": batch_size,
        }
        self.real = real
        self.sha256 = fingerprint(real.images)
        title = f"{extractor.name}, real images" if verbose else None
        features = real_features(real.images, self.sha256, extractor, **self.how, progress=title)
        self.seen = Seen(features, real.labels, extractor)

    @property
    def scores(self) -> list[str]:
        """The names of the scores."""
        return [score for metric in self.metrics.values() for score in metric.scores]

    def __call__(self, fake: ImageSet, verbose: bool = False) -> Evaluation:
        """Score generated images."""
        title = f"{self.extractor.name}, generated images" if verbose else None
        features = extract(fake.images, self.extractor, **self.how, progress=title)
        seen = Seen(features, fake.labels, self.extractor)
        fewest = min(len(self.real.images), len(fake.images))
        parameters = {name: metric.parameters(fewest) for name, metric in self.metrics.items()}
        scores: dict[str, float] = {}
        for name, metric in self.metrics.items():
            seed = {"seed": self.seed} if metric.seeded else {}
            values = metric.compute(self.seen, seen, **parameters[name], **seed)
            scores |= zip(metric.scores, map(float, values), strict=True)
        return Evaluation(scores, self._protocol(fake, parameters))

    def _protocol(self, fake: ImageSet, parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "version": VERSION,
            "extractor": {
                "name": self.extractor.name,
                "sha256": self.extractor.sha256,
                "preparation": self.extractor.preparation,
            },
            "real": {
                "n": len(self.real.images),
                "sha256": self.sha256,
                "name": self.real.name,
                "split": self.real.split,
            },
            "fake": {
                "n": len(fake.images),
                "sha256": fingerprint(fake.images),
                "name": fake.name,
            },
            "image_shape": list(self.real.images.shape[1:]),
            "seed": self.seed,
            "metrics": parameters,
            "ganzoo": __version__,
            "backend": keras.backend.backend(),
        }


def _chosen(metrics: Iterable[str], extractor: Extractor, labelled: bool) -> dict[str, Metric]:
    names = [metrics] if isinstance(metrics, str) else metrics
    chosen = {name: choose("metric", name, METRICS) for name in names}
    if not chosen:
        raise ValueError(f"Name at least one metric: {', '.join(METRICS)}.")
    for name, metric in chosen.items():
        if metric.by_class and not extractor.probabilities:
            raise ValueError(
                f"The metric {name!r} needs an extractor that knows classes, as 'digits' and "
                f"'fashion' do; {extractor.name!r} knows none."
            )
        if metric.by_label and not labelled:
            raise ValueError(
                f"The metric {name!r} needs the classes that the generated images were asked for: "
                "give fake=(images, labels), or train a model with classes."
            )
    return chosen
