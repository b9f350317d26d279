"""Images that a set holds more than once: byte for byte, or all but the same to the eye."""

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

SIDE = 16  # of a thumbnail
# Images look the same whose thumbnails differ, in the root mean square on the scale of 0 to 255, by
# at most this, and by at most this share of the contrast within. Copies saved again as JPEG of
# quality 60, resized to 70 % or brightened by 2 stay below both (more than 99 of 100); the pairs so
# found among paintings and sprites are copies and variants, all of them.
MOST_DIFFERENT = 4.5
SHARE_OF_CONTRAST = 0.5  # of two pale pages or textures, it is about 1.4
INVISIBLE = 1.0  # such a difference never counts
ROWS = 256  # compared at once
MOST_COMPARED = 50_000

Pair = tuple[int, int]
"""The position of an image that can be left out, with one that it repeats."""


def thumbnail(picture: Image.Image) -> bytes:
    """Return a small copy of an RGB picture, as pixels that stay alike when its file changes."""
    # Of Pillow's filters, the triangle moves least when a picture has another size.
    return picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR).tobytes()


def exact_duplicates(digests: Sequence[bytes]) -> list[Pair]:
    """Return each image whose content came before, with the first that has it."""
    first: dict[bytes, int] = {}
    pairs = ((later, first.setdefault(digest, later)) for later, digest in enumerate(digests))
    return [(later, earlier) for later, earlier in pairs if later != earlier]


def evenly_spread(count: int, most: int) -> list[int]:
    """Return at most `most` of the numbers below `count`, spread evenly."""
    return [index * count // min(count, most) for index in range(min(count, most))]


def near_duplicates(thumbnails: Sequence[bytes]) -> list[Pair]:
    """Return images with one that looks the same, so that leaving them out leaves no such two.

    Args:
        thumbnails: results of `thumbnail`.
    """
    pixels = np.frombuffer(b"".join(thumbnails), np.uint8).reshape(len(thumbnails), -1)
    brightness = pixels.mean(1, dtype=np.float32)
    order = np.argsort(brightness, kind="stable")
    return sorted(
        (int(order[darker]), int(order[brighter]))
        for darker, brighter in _alike(pixels[order], brightness[order])
    )


def _alike(pixels: np.ndarray, brightness: np.ndarray) -> Iterator[Pair]:
    """Yield each row that has one like it further on, with the most similar."""
    vectors = pixels.astype(np.float32) - 127.5  # centred: smaller numbers, smaller errors
    squares = np.einsum("np,np->n", vectors, vectors)
    for start in range(0, len(vectors), ROWS):
        rows = slice(start, min(start + ROWS, len(vectors)))
        # Two images differ at least as much as their mean brightness does.
        end = int(np.searchsorted(brightness, brightness[rows.stop - 1] + MOST_DIFFERENT, "right"))
        distances = vectors[rows] @ vectors[start:end].T
        distances *= -2
        distances += squares[rows, None]
        distances += squares[start:end]
        among = distances[:, : len(distances)]
        among[np.tri(len(among), dtype=np.bool_)] = np.inf  # itself and those before it
        nearest = distances.argmin(1)
        least = np.take_along_axis(distances, nearest[:, None], 1)[:, 0]
        least = np.sqrt(np.maximum(least, 0) / vectors.shape[1])
        for row in np.flatnonzero(least <= _most_different(vectors[rows])):
            yield start + int(row), start + int(nearest[row])


def _most_different(vectors: np.ndarray) -> np.ndarray:
    """Return how far from each image another may be that looks the same."""
    contrast = np.sqrt(vectors.reshape(-1, SIDE * SIDE, 3).var(1).mean(1))
    return np.clip(SHARE_OF_CONTRAST * contrast, INVISIBLE, MOST_DIFFERENT)
