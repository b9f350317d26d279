"""`evaluate`: from images to scores and their protocol."""

from collections.abc import Iterable
from typing import Any

import keras

from ganzoo._version import __version__
from ganzoo.metrics import extractors
from ganzoo.metrics.extraction import extract
from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.images import ImageSet, fingerprint, read_pair
from ganzoo.metrics.real_features import real_features
from ganzoo.metrics.record import VERSION, Evaluation
from ganzoo.metrics.scores import METRICS, Seen
from ganzoo.names import choose
from ganzoo.types import ImageShape

BATCH_SIZE = 64


def evaluate(
    real: Any,
    fake: Any,
    extractor: Any = "inception",
    metrics: Iterable[str] = ("fid", "kid"),
    *,
    image_shape: ImageShape | None = None,
    split: str | None = None,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
    verbose: bool = True,
) -> Evaluation:
    """Score generated images against real ones.

    The features of the real images are kept in the cache folder (see `ganzoo.datasets.load`), under
    `features/`, and found there by the images' pixels and the extractor's weights.

    Args:
        real: uint8 images `(n, height, width, channels)` from 0 to 255; a `(images, labels)` tuple
            of them; a `ganzoo.datasets.image_folder`; a folder or zip archive of images; or a name
            that `ganzoo.datasets.load` knows.
        fake: the same of generated images, with the classes that were asked for as labels.
        extractor: what makes features of images: `"inception"` is the network that published
            numbers use, `"digits"` and `"fashion"` are small ones that come along for MNIST and
            Fashion-MNIST. Or a Keras model, which is called on float32 images from 0 to 255, or a
            callable, which gets uint8 images; both return features `(batch, size)`.
        metrics: any of `"fid"`, `"kid"`, `"precision_recall"`, `"density_coverage"` and, with an
            extractor that knows classes, `"classes"` and, for fakes with labels, `"recognised"`.
            FID alone keeps no image's features.
        image_shape: `(height, width, channels)` that folders are read in; by default that of the
            other images.
        split: of a named dataset; by default `"test"`, or `"train"` where there is no other.
        batch_size: images that the extractor gets at once.
        seed: what subsets are drawn from.
        verbose: whether to say what a folder holds, and to show the progress of long work.

    Returns:
        An `Evaluation`: `scores`, numbers by name, and the `protocol` that they were made by.

    Raises:
        ValueError: images that cannot be scored, or an unknown name; says which, and what to do.
        TypeError: images that are not uint8, or something that is no extractor.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN.from_preset("mnist")
        evaluation = ganzoo.metrics.evaluate("mnist", gan.generate(10_000, seed=0), "digits")
        print(evaluation.scores["fid"])
        print(evaluation)
        ```
    """
    real, fake = read_pair(real, fake, split, image_shape, verbose)
    evaluator = Evaluator(
        real, extractors.get(extractor), metrics, batch_size=batch_size, seed=seed, verbose=verbose
    )
    return evaluator(fake)


class Evaluator:
    """Scores one set of generated images after the other against the same real ones.

    Args:
        real: the real images.
        extractor: makes the features.
        metrics: names of `METRICS`.
        batch_size: images that the extractor gets at once.
        seed: what subsets are drawn from.
        verbose: whether long work shows a progress bar.
    """

    def __init__(
        self,
        real: ImageSet,
        extractor: Extractor,
        metrics: Iterable[str],
        *,
        batch_size: int = BATCH_SIZE,
        seed: int = 0,
        verbose: bool = False,
    ) -> None:
        chosen = [metrics] if isinstance(metrics, str) else metrics
        self.metrics = {name: choose("metric", name, METRICS) for name in chosen}
        self._check(extractor)
        self.extractor, self.batch_size, self.seed, self.verbose = (
            extractor,
            batch_size,
            seed,
            verbose,
        )
        self.whole = not all(metric.streams for metric in self.metrics.values())
        self.sha256 = fingerprint(real.images)
        self.real = real
        features = real_features(real.images, self.sha256, extractor, **self._how("real"))
        self.seen = Seen(features, real.labels, extractor)

    @property
    def scores(self) -> list[str]:
        """The names of the scores."""
        return [score for metric in self.metrics.values() for score in metric.scores]

    def __call__(self, fake: ImageSet) -> Evaluation:
        """Score generated images.

        Raises:
            ValueError: there are no labels for a metric that needs them.
        """
        for name, metric in self.metrics.items():
            if metric.by_label and fake.labels is None:
                raise ValueError(
                    f"The metric {name!r} needs the classes that the generated images were asked "
                    "for: give fake=(images, labels)."
                )
        features = extract(fake.images, self.extractor, **self._how("generated"))
        seen = Seen(features, fake.labels, self.extractor)
        fewest = min(len(self.real.images), len(fake.images))
        parameters = {name: metric.parameters(fewest) for name, metric in self.metrics.items()}
        scores: dict[str, float] = {}
        for name, metric in self.metrics.items():
            seed = {"seed": self.seed} if metric.seeded else {}
            values = metric.compute(self.seen, seen, **parameters[name], **seed)
            scores |= zip(metric.scores, map(float, values), strict=True)
        return Evaluation(scores, self._protocol(fake, parameters))

    def _check(self, extractor: Extractor) -> None:
        if not self.metrics:
            raise ValueError(f"Name at least one metric: {', '.join(METRICS)}.")
        for name, metric in self.metrics.items():
            if metric.by_class and not extractor.probabilities:
                raise ValueError(
                    f"The metric {name!r} needs an extractor that knows classes, as 'digits' and "
                    f"'fashion' do; {extractor.name!r} knows none."
                )

    def _how(self, which: str) -> dict[str, Any]:
        return {
            "whole": self.whole,
            "batch_size": self.batch_size,
            "progress": f"{self.extractor.name}, {which} images" if self.verbose else None,
        }

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
