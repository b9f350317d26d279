"""Arrays of features: checks before a score is made of them, and distances between their rows."""

from collections.abc import Iterator

import numpy as np

BLOCK = 2**23  # numbers in a block: 64 MB


def check_features(features: np.ndarray, name: str, least: int = 2) -> np.ndarray:
    """Return features as float32 or float64, after checking that a score can be made of them.

    Args:
        features: numbers `(n, size)`, a row for each image.
        name: what an error calls them.
        least: the fewest rows that make sense.

    Raises:
        ValueError: not two axes, too few rows, no column, NaN or infinite numbers.
    """
    checked = np.asarray(features)
    if checked.dtype != np.float32:  # which stays small until a formula needs more digits
        checked = checked.astype("float64", copy=False)
    if checked.ndim != 2 or not checked.shape[1]:
        raise ValueError(
            f"The {name} features must be of shape (n, size), one row for each image, "
            f"not {checked.shape}."
        )
    if len(checked) < least:
        raise ValueError(f"{len(checked)} {name} images are too few: this needs {least} or more.")
    if not np.isfinite(checked).all():
        raise ValueError(
            f"The {name} features hold NaN or infinite numbers: "
            "look at the images and at the extractor that made them."
        )
    return checked


def check_pair(real: np.ndarray, fake: np.ndarray, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return the features of both sets, checked to belong together.

    Raises:
        ValueError: as `check_features`; or the sets differ in width.
    """
    checked = check_features(real, "real", least), check_features(fake, "fake", least)
    check_widths(checked[0].shape[1], checked[1].shape[1])
    return checked


def check_widths(real: int, fake: int) -> None:
    """Refuse features that cannot come from the same extractor."""
    if real != fake:
        raise ValueError(
            f"An image has {real} real features and {fake} fake ones: "
            "make both with the same extractor."
        )


def centred(real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both as float64, moved alike to lie around 0: there rounding harms distances least."""
    centre = real.mean(axis=0, dtype="float64")
    return real - centre, fake - centre


def squared_distances(
    rows: np.ndarray, columns: np.ndarray, edge: int = 0
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield blocks of the squared distances between all rows of two arrays.

    They come from `|x|^2 + |y|^2 - 2 x.y`, many times faster than from the differences. What
    rounding does to that is bounded, so a comparison can be made to hold for exact ties.

    Args:
        rows: float64 `(n, size)`, `centred`.
        columns: float64 `(m, size)`, likewise.
        edge: 0 for the distances as they come; -1 for the least that they can be in view of
            rounding, and 1 for the most.

    Yields:
        The slice of `rows`, and float64 `(rows in the block, m)`.
    """
    size = rows.shape[1]
    scale = 1 + edge * (size + 8) * np.finfo("float64").eps
    lengths = scale * np.square(columns).sum(axis=1)
    step = max(BLOCK // max(len(columns), size), 1)
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        squared = rows[block] @ columns.T
        squared *= -2
        squared += scale * np.square(rows[block]).sum(axis=1)[:, None]
        squared += lengths
        yield block, squared
