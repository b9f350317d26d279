"""Features of real images, kept on disk: they are the same in every evaluation."""

import hashlib
import json
import warnings
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as serialize

from ganzoo.files import home, whole_file
from ganzoo.metrics.extraction import Features, extract
from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.frechet import FeatureStatistics
from ganzoo.metrics.record import VERSION


def real_features(
    images: np.ndarray,
    sha256: str,
    extractor: Extractor,
    *,
    whole: bool,
    batch_size: int,
    progress: str | None = None,
) -> Features:
    """Do as `extract`, from the cache folder where they are there, and keep them there.

    An extractor whose weights nobody knows is asked each time. A file that is damaged is made
    anew, and one that cannot be written costs nothing but the time; both with a warning.

    Args:
        images: uint8 `(n, height, width, channels)`.
        sha256: their fingerprint.
        extractor: makes the features.
        whole: whether to keep each image's features, or mean and covariance alone.
        batch_size: images that the extractor gets at once.
        progress: title of a progress bar, or None for none.
    """
    if extractor.sha256 is None:
        return extract(images, extractor, whole=whole, batch_size=batch_size, progress=progress)
    path = _path(sha256, extractor, whole)
    try:
        if path.exists():
            return _read(path, whole, len(images))
    except (OSError, SafetensorError, ValueError) as error:
        warnings.warn(f"{path} is damaged, and made anew: {error}", stacklevel=2)
    features = extract(images, extractor, whole=whole, batch_size=batch_size, progress=progress)
    try:
        with whole_file(path) as partial:
            partial.write_bytes(serialize(_tensors(features)))
    except OSError as error:
        warnings.warn(
            f"Features of the real images could not be kept, and will be made anew: {error}.",
            stacklevel=2,
        )
    return features


def _path(sha256: str, extractor: Extractor, whole: bool) -> Path:
    kind = "features" if whole else "statistics"
    made = [VERSION, sha256, extractor.name, extractor.sha256, extractor.preparation, kind]
    digest = hashlib.sha256(json.dumps(made).encode()).hexdigest()
    return home() / "features" / f"{digest}.safetensors"


def _tensors(features: Features) -> dict[str, np.ndarray]:
    if isinstance(features, np.ndarray):
        return {"features": features}
    return {
        "count": np.array(features.count),
        "mean": features.mean,
        "covariance": features.covariance,
    }


def _read(path: Path, whole: bool, count: int) -> Features:
    tensors = load_file(path)
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("it holds NaN or infinite numbers")
    if whole:
        features = tensors.get("features")
        if features is None or features.ndim != 2 or len(features) != count:
            raise ValueError(f"it does not hold the features of {count} images")
        return features
    if tensors.keys() != {"count", "mean", "covariance"} or tensors["count"] != count:
        raise ValueError(f"it does not hold the statistics of {count} images")
    return FeatureStatistics(count, tensors["mean"], tensors["covariance"])
