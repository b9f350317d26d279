"""Images through an extractor, batch by batch."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.frechet import FeatureStatistics

Features: TypeAlias = Any
"""float32 `(n, size)`; or a `FeatureStatistics` where mean and covariance are enough."""

PATIENCE = 2  # seconds before a progress bar appears


def extract(
    images: np.ndarray,
    extractor: Extractor,
    *,
    whole: bool,
    batch_size: int,
    progress: str | None = None,
) -> Features:
    """Return what an extractor makes of images.

    Args:
        images: uint8 `(n, height, width, channels)`.
        extractor: makes the features.
        whole: whether to keep each image's features; otherwise memory does not grow with `n`.
        batch_size: images that the extractor gets at once.
        progress: title of a progress bar, or None for none.

    Returns:
        float32 `(n, size)`; or, unless `whole`, a `FeatureStatistics`.

    Raises:
        ValueError: the extractor returned something else.
    """
    batches = _batches(images, extractor, batch_size, progress)
    if whole:
        return np.concatenate(list(batches))
    statistics = FeatureStatistics()
    for features in batches:
        statistics.update(features)
    return statistics


def _batches(
    images: np.ndarray, extractor: Extractor, batch_size: int, progress: str | None
) -> Iterator[np.ndarray]:
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    batch_size = min(batch_size, len(images))
    with tqdm(
        total=len(images), desc=progress, unit="image", delay=PATIENCE, disable=progress is None
    ) as bar:
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size]
            # Topped up with repeated images: a compiled network takes whole batches only.
            padded = batch[np.arange(batch_size) % len(batch)]
            features = np.asarray(extractor.features(padded))
            if features.ndim != 2 or len(features) != batch_size:
                raise ValueError(
                    f"The extractor {extractor.name} returned the shape {features.shape} for "
                    f"{batch_size} images: expected ({batch_size}, size), one row for each. "
                    "Let a network end in global pooling or a dense layer."
                )
            yield features[: len(batch)].astype("float32", copy=False)
            bar.update(len(batch))
