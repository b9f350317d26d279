"""`evaluate`: from images to scores and their protocol."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from ganzoo._version import __version__
from ganzoo.datasets import ImageSet
from ganzoo.datasets.folders.prepare import Decode, Fit
from ganzoo.metrics import extractors
from ganzoo.metrics.extractors import AnyExtractor
from ganzoo.metrics.feature_cache import Features, extract, precision, real_features
from ganzoo.metrics.fid import FeatureStatistics
from ganzoo.metrics.image_stream import DrawsImages, Fingerprint, ImageStream, fingerprint
from ganzoo.metrics.metric import Metric, chosen
from ganzoo.metrics.protocol import VERSION, Evaluation
from ganzoo.metrics.scored_images import FEWEST, check_split, own_shape, read
from ganzoo.types import ImageShape

DRAWN = 10_000  # images that a model draws
BY_EXTRACTOR = {"statistics", "features", "probabilities", "extractor"}  # needs of metrics
READING: Mapping[str, str] = {"fit": "crop", "background": "white"}


def evaluate(
    real: Any,
    fake: Any,
    extractor: AnyExtractor = "inception",
    metrics: str | Metric | Iterable[str | Metric] = ("fid", "kid"),
    *,
    n: int | None = None,
    image_shape: ImageShape | None = None,
    split: str | None = None,
    fit: Fit = "crop",
    background: str = "white",
    decode: Decode = "whole",
    image_column: str | None = None,
    limit: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    verbose: bool = True,
) -> Evaluation:
    """Score generated images against real ones.

    The features of the real images are kept in the cache folder (see `ganzoo.datasets.load`), under
    `features/`, and found there by the images' pixels and the extractor's weights. For FID alone,
    memory does not grow with the number of images: those of a model are drawn batch by batch, and
    those that are mapped from a file are read so.

    Args:
        real: uint8 images `(n, height, width, channels)` from 0 to 255; a `(images, labels)` tuple
            of them; a `ganzoo.datasets.image_folder`; a folder or zip archive of images; or a name
            that `ganzoo.datasets.load` knows.
        fake: a GAN, which draws as `generate(n, seed=seed)` does, the classes in turn, or with the
            attributes of the real images, which must have some then; or generated images in the
            same forms as the real ones, with the classes that were asked for as labels.
        extractor: what makes features of images: `"inception"` is the network that published
            numbers use, `"digits"` and `"fashion"` are small ones that come along for MNIST and
            Fashion-MNIST, `"objects"` is one of CIFAR-10 for images in colour of any size,
            `"random"` an untrained one for any images. Or a Keras model, which is called on float32
            images from 0 to 255, or a callable, which gets uint8 images; both return features
            `(batch, size)`. Or an `Extractor`.
        metrics: any of `"fid"`, `"kid"`, `"precision_recall"`, `"density_coverage"` and, with an
            extractor that knows classes, `"classes"` and, for fakes with labels, `"recognised"`; or
            a `Metric` of your own.
        n: how many images a GAN draws; 10,000 by default.
        image_shape: `(height, width, channels)` that folders are read in; by default that of the
            other images.
        split: of a named dataset; by default `"test"`, or `"train"` where there is no other.
        fit: how the files of a folder or archive are brought to that shape: `"crop"`, `"pad"` or
            `"stretch"`, as in `ganzoo.datasets.image_folder`.
        background: colour behind transparent pixels of files, as there.
        decode: whether large JPEG are halved while they are decoded, as there.
        image_column: which column of parquet files holds the images, where it is not plain.
        limit: how many of the images given to take at most.
        batch_size: images that the extractor gets at once; by default as many as suit it.
        seed: what latents and subsets are drawn from.
        verbose: whether to say what a folder holds, and to show the progress of long work.

    Returns:
        An `Evaluation`: `scores`, numbers by name, and the `protocol` that they were made by.

    Raises:
        ValueError: images that cannot be scored, or an unknown name; says which, and what to do.
        TypeError: images that are not uint8, or something that is no extractor or metric.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.from_preset("mnist")
        evaluation = ganzoo.metrics.evaluate("mnist", gan, "digits", n=1000)
        print(evaluation.scores["fid"])
        print(evaluation)
        ```
    """
    metrics, draws = chosen(metrics), isinstance(fake, DrawsImages)
    if n is not None and not draws:
        raise ValueError("n is for a model, which draws so many; of images, limit takes some.")
    check_split(split, real, fake)
    shape = image_shape or (fake.image_shape if draws else own_shape(fake)) or own_shape(real)
    if shape is None:
        raise ValueError("Two folders need the size to compare them in: give image_shape.")

    attributes = attributes_of(fake)
    reading: Any = {"fit": fit, "background": background}
    reading |= {"decode": decode} if decode != "whole" else {}

    def read_in(what: str, data: Any) -> ImageSet:
        options = {**reading, "image_column": image_column, "limit": limit}
        return read(what, data, shape, split, verbose, attributes=attributes, **options)

    real, fake = read_in("real", real), fake if draws else read_in("fake", fake)
    labels = fake.labels(1) if draws else fake.labels
    labelled = labels is not None and not attributes
    evaluator = Evaluator(
        real,
        extractor,
        metrics,
        labelled=labelled,
        reading=reading,
        batch_size=batch_size,
        seed=seed,
        verbose=verbose,
    )
    return evaluator(fake, n, verbose=verbose)


def attributes_of(model: Any) -> Sequence[str] | None:
    """Return the names of a model's attributes; None for models, or images, without any."""
    return getattr(model, "attributes", None) if isinstance(model, DrawsImages) else None


class Evaluator:
    """Scores one set of generated images after the other against the same real ones.

    Args:
        real: the real images; their features are made at once.
        extractor: makes the features, as `evaluate` takes it.
        metrics: as `evaluate` takes them.
        labelled: whether the generated images will have labels.
        reading: how files were read, for the protocol.
        batch_size: images that the extractor gets at once; by default as many as suit it.
        seed: what latents and subsets are drawn from.
        verbose: whether the features of the real images show a progress bar.

    Raises:
        ValueError: an unknown metric, or one that needs another extractor, or labels.
    """

    def __init__(
        self,
        real: ImageSet,
        extractor: AnyExtractor,
        metrics: str | Metric | Iterable[str | Metric],
        *,
        labelled: bool,
        reading: Mapping[str, str] = READING,
        batch_size: int | None = None,
        seed: int = 0,
        verbose: bool = False,
    ) -> None:
        self.metrics = chosen(metrics)
        self.needs = {need for metric in self.metrics for need in metric.needs}
        self.extractor = None
        if self.needs & BY_EXTRACTOR:
            found = extractors.get(extractor)
            self.extractor = found if batch_size is None else replace(found, batch_size=batch_size)
        for metric in self.metrics:
            metric.check(self.extractor, labelled)
        self.reading, self.seed = dict(reading), seed
        self.real = ImageStream.of_set(real)
        self.sha256 = fingerprint(self.real)
        self.precision = precision() if self.extractor else None
        self._known = self._all_of(self.real, self._real_features(verbose))

    @property
    def scores(self) -> list[str]:
        """The names of the scores."""
        return [score for metric in self.metrics for score in metric.scores]

    def __call__(
        self,
        fake: ImageSet | DrawsImages,
        n: int | None = None,
        *,
        name: str | None = None,
        verbose: bool = False,
    ) -> Evaluation:
        """Score generated images.

        Args:
            fake: the images, or a model that draws them.
            n: how many a model draws; 10,000 by default.
            name: what the protocol calls a model's images.
            verbose: whether to show the progress of long work.
        """
        if isinstance(fake, ImageSet):
            stream = ImageStream.of_set(fake)
        else:
            n = DRAWN if n is None else n
            labels = self._attributes_for(fake, n)
            stream = ImageStream.of_model(fake, n, self.seed, name, labels)
        self._check_images(stream)
        if "images" in self.needs:
            stream = stream.in_memory()
        features, sha256 = self._fake_features(stream, verbose)
        known, fewest = self._all_of(stream, features), min(self.real.n, stream.n)
        parameters = {metric.name: dict(metric.parameters(fewest)) for metric in self.metrics}
        scores: dict[str, float] = {}
        for metric in self.metrics:
            scores |= metric.score(self._known, known, parameters[metric.name], self.seed)
        return Evaluation(scores, self._protocol(stream, sha256, parameters))

    def _attributes_for(self, fake: DrawsImages, n: int) -> np.ndarray | None:
        """Return attributes to draw, in the shares that the real images have them.

        Whatever else is drawn would be far from those, however well.
        """
        names = attributes_of(fake)
        if not names:
            return None
        known = self.real.labels
        if known is None or known.shape[1:] != (len(names),):
            raise ValueError(
                f"Images of this model have attributes ({', '.join(names)}), so it is scored "
                "against real images with theirs: give (images, vectors), files with columns of "
                "these names, or ganzoo.datasets.read(path, labels=[...])."
            )
        return known[np.arange(n) * self.real.n // n]

    def _check_images(self, fake: ImageStream) -> None:
        if fake.n < FEWEST:
            raise ValueError(f"Scores need at least {FEWEST} generated images, not {fake.n}.")
        if fake.image_shape != self.real.image_shape:
            raise ValueError(
                f"Generated images of shape {fake.image_shape} cannot be compared with real ones "
                f"of shape {self.real.image_shape}: give image_shape={fake.image_shape}."
            )

    def _real_features(self, verbose: bool) -> Features | None:
        if self.extractor is None:
            return None
        title = f"{self.extractor.name}, real images" if verbose else None
        return real_features(self.real, self.sha256, self.extractor, self._keep, title)

    def _fake_features(self, fake: ImageStream, verbose: bool) -> tuple[Features | None, str]:
        """Return the features, and the fingerprint of the images that they were made of."""
        if self.extractor is None:
            return None, fingerprint(fake)
        title = f"{self.extractor.name}, generated images" if verbose else None
        passing = Fingerprint(fake)
        batches = passing.watch(fake.batches(self.extractor.batch_size))
        features = extract(batches, fake.n, self.extractor, self._keep, title)
        return features, passing.sha256

    @property
    def _keep(self) -> bool:
        """Whether a metric needs each image's features."""
        return bool(self.needs & {"features", "probabilities"})

    def _all_of(self, images: ImageStream, features: Features | None) -> dict[str, Any]:
        """Return all that metrics may see of images, by the names of a `FeatureSet`."""
        known: dict[str, Any] = {"n": images.n, "extractor": self.extractor}
        if images.labels is not None:
            known["labels"] = images.labels
        if "images" in self.needs:
            known["images"] = images.between(0, images.n)
        if isinstance(features, FeatureStatistics):
            known["statistics"] = features
        elif features is not None:
            known["features"] = features
            if "statistics" in self.needs:
                known["statistics"] = FeatureStatistics.of(features)
            if "probabilities" in self.needs and self.extractor and self.extractor.probabilities:
                known["probabilities"] = self.extractor.probabilities(features)
        return known

    def _protocol(
        self, fake: ImageStream, sha256: str, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        known = self.extractor
        return {
            "version": VERSION,
            "extractor": known
            and {"name": known.name, "sha256": known.sha256, "preparation": known.preparation},
            "real": {
                "n": self.real.n,
                "sha256": self.sha256,
                "name": self.real.name,
                "split": self.real.split,
            },
            "fake": {"n": fake.n, "sha256": sha256, "name": fake.name},
            "image_shape": list(fake.image_shape),
            "reading": self.reading,
            "seed": self.seed,
            "metrics": parameters,
            "ganzoo": __version__,
            "backend": keras.backend.backend(),
            "precision": self.precision,
        }
