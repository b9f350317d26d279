"""Features of images, made batch by batch; those of real images are kept on disk."""

import hashlib
import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from keras import ops
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as serialize

from ganzoo.files import home, whole_file
from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.fid import FeatureStatistics
from ganzoo.metrics.image_stream import ImageStream
from ganzoo.metrics.protocol import VERSION

Features: TypeAlias = np.ndarray | FeatureStatistics
"""float32 `(n, size)`; or their statistics where mean and covariance are enough."""

PATIENCE = 2  # seconds before a progress bar appears


def extract(
    batches: Iterable[np.ndarray],
    n: int,
    extractor: Extractor,
    keep: bool,
    progress: str | None = None,
) -> Features:
    """Return what an extractor makes of images.

    Args:
        batches: of images, uint8 `(batch, height, width, channels)`.
        n: how many images there are.
        extractor: makes the features.
        keep: whether to keep each image's features, or mean and covariance alone; then memory does
            not grow with `n`.
        progress: title of a progress bar, or None for none.

    Raises:
        ValueError: the extractor returned something else.
    """
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    kept, statistics = [], FeatureStatistics()
    with tqdm(
        total=n, desc=progress, unit="image", delay=PATIENCE, disable=progress is None
    ) as bar:
        for features in extractor.stream(batches):
            if keep:
                kept.append(features)
            else:
                statistics.update(features)
            bar.update(len(features))
    return np.concatenate(kept) if keep else statistics


def real_features(
    real: ImageStream,
    sha256: str,
    extractor: Extractor,
    keep: bool,
    progress: str | None = None,
) -> Features:
    """Do as `extract`, from the cache folder where they are there, and keep them there.

    An extractor whose weights nobody knows is asked each time, and so is every one on an account
    without a home. A file that is damaged is made anew, and one that cannot be written costs
    nothing but the time; both with a warning.

    Args:
        real: the images.
        sha256: their fingerprint.
        extractor: makes the features.
        keep: whether to keep each image's features, or mean and covariance alone.
        progress: title of a progress bar, or None for none.
    """
    path = _path(sha256, extractor, keep)
    try:
        if path and path.exists():
            return _read(path, keep, real.n)
    except (OSError, SafetensorError, ValueError) as error:
        warnings.warn(f"{path} is damaged, and made anew: {error}", stacklevel=2)
    batches = real.batches(extractor.batch_size)
    features = extract(batches, real.n, extractor, keep, progress)
    if path:
        _write(path, features)
    return features


def precision() -> str:
    """Return how exactly the backend computes with float32 numbers, at present and on its device.

    It is measured on a convolution and a matrix product: GPUs and TPUs round their factors by
    default, and each framework has switches of its own for that, also for some CPUs.

    Returns:
        `"float32"`, `"tfloat32"` (10 bits behind the point) or `"bfloat16"` (7 bits).
    """
    random = np.random.default_rng(0)
    images, kernel = random.normal(size=(1, 10, 10, 32)), random.normal(size=(3, 3, 32, 32))
    windows = np.lib.stride_tricks.sliding_window_view(images, (3, 3), (1, 2))
    rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(64, -1)
    columns = kernel.reshape(-1, 32)
    exact = rows @ columns
    images, kernel, rows, columns = (
        ops.convert_to_tensor(each, "float32") for each in (images, kernel, rows, columns)
    )
    found = ops.conv(images, kernel, data_format="channels_last"), ops.matmul(rows, columns)
    errors = [
        np.std(ops.convert_to_numpy(each).reshape(exact.shape) - exact) / np.std(exact)
        for each in found
    ]
    if max(errors) < 1e-5:
        return "float32"
    return "tfloat32" if max(errors) < 1e-3 else "bfloat16"


def _path(sha256: str, extractor: Extractor, keep: bool) -> Path | None:
    """Return where features are kept, if they can be."""
    if extractor.sha256 is None:
        return None
    try:
        folder = home() / "features"
    except FileNotFoundError:  # the account has none
        return None
    kind = "features" if keep else "statistics"
    made = [VERSION, sha256, extractor.name, extractor.sha256, extractor.preparation, kind]
    digest = hashlib.sha256(json.dumps([*made, precision()]).encode()).hexdigest()
    return folder / f"{digest}.safetensors"


def _write(path: Path, features: Features) -> None:
    if isinstance(features, FeatureStatistics):
        tensors = {
            "count": np.array(features.count),
            "mean": features.mean,
            "covariance": features.covariance,
        }
    else:
        tensors = {"features": features}
    try:
        with whole_file(path) as partial:
            partial.write_bytes(serialize(tensors))
    except OSError as error:
        warnings.warn(
            f"Features of the real images could not be kept, and will be made anew: {error}.",
            stacklevel=3,
        )


def _read(path: Path, keep: bool, n: int) -> Features:
    tensors = load_file(path)
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("it holds NaN or infinite numbers")
    if keep:
        features = tensors.get("features")
        if features is None or features.ndim != 2 or len(features) != n:
            raise ValueError(f"it does not hold the features of {n} images")
        return features
    if tensors.keys() != {"count", "mean", "covariance"} or tensors["count"] != n:
        raise ValueError(f"it does not hold the statistics of {n} images")
    return FeatureStatistics(n, tensors["mean"], tensors["covariance"])
