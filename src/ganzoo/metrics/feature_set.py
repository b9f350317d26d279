"""A set of images, as a metric sees it."""

from typing import Any, Literal, NoReturn, TypeAlias, get_args

import numpy as np

from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.fid import FeatureStatistics

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
