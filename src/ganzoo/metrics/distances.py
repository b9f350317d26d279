"""Distances between all rows of two feature arrays, a block at a time."""

from collections.abc import Iterator

import numpy as np

BLOCK = 2**23  # numbers in a block: 64 MB


def centred(real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both moved alike, to lie around 0: there rounding does distances least harm."""
    centre = real.mean(axis=0)
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
