"""What is drawn, laid into a hole without a seam."""

from typing import Any

import numpy as np

TOLERANCE = 1e-3  # of the right-hand side's length; far below a grey level
MOST = 2000  # steps; as many as a picture is wide are usual


def blend(images: Any, drawn: Any, mask: Any) -> np.ndarray:
    """Lay drawn images into the holes of others without a seam.

    The differences between neighbouring pixels are those of the drawn image, and the levels those
    at the hole's edge: Poisson's equation, solved by conjugate gradients. Where a whole image is
    missing, the drawn one stays.

    Args:
        images: in [0, 255], `(..., height, width, channels)`.
        drawn: what to fill the holes from, of the same shape or one that NumPy can broadcast.
        mask: bool `(height, width)` or `(..., height, width)`, True where pixels are missing.

    Returns:
        uint8 `(..., height, width, channels)`; outside of the holes, the images as they were.

    Raises:
        ValueError: shapes that do not fit.

    Reference:
        [Perez, Gangnet and Blake, 2003](https://doi.org/10.1145/882262.882269), equation 4.

    Example:
        ```python
        import ganzoo
        import numpy as np

        grey = np.full((1, 8, 8, 1), 100, np.uint8)
        hole = np.zeros((8, 8), bool)
        hole[2:6, 2:6] = True
        bright = grey + 50
        assert (ganzoo.latents.blend(grey, bright, hole) == 100).all()  # no edges, no difference
        ```
    """
    hole = np.asarray(mask, bool)[..., None]
    try:
        images, drawn, hole = np.broadcast_arrays(images, drawn, hole)
    except ValueError as error:
        raise ValueError(
            f"Images {np.shape(images)}, drawn ones {np.shape(drawn)} and a mask {np.shape(mask)} "
            "do not fit each other."
        ) from error
    images, drawn = np.asarray(images, np.float64), np.asarray(drawn, np.float64)
    # Solved for is the difference from the drawn image: smooth in the hole, known outside.
    offset = np.where(hole, 0.0, images - drawn)
    filled = np.where(hole, drawn + smooth(offset, hole), images)
    return np.rint(filled).clip(0, 255).astype(np.uint8)


def smooth(offset: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """Return numbers that are smooth within holes and, outside, what they were.

    Args:
        offset: `(..., height, width, channels)`, 0 in the holes.
        hole: bool, of the same shape.
    """

    def slope(numbers: np.ndarray) -> np.ndarray:  # in holes, the discrete Laplacian, negated
        return np.where(hole, laplacian(numbers), 0.0)

    def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:  # of each channel of each image
        return np.sum(a * b, axis=(-3, -2), keepdims=True)

    inside = np.zeros_like(offset)
    rest = -slope(offset)
    way = rest.copy()
    length = dot(rest, rest)
    enough = length * TOLERANCE**2
    for _ in range(MOST):
        if (length <= enough).all():
            break
        turned = slope(way)
        step = divided(length, dot(way, turned))
        inside += step * way
        rest -= step * turned
        before, length = length, dot(rest, rest)
        way = rest + divided(length, before) * way
    return offset + inside


def laplacian(numbers: np.ndarray) -> np.ndarray:
    """Return the sum of each pixel's differences from its neighbours; images end at their edges."""
    total = np.zeros_like(numbers)
    for axis in (-3, -2):
        steps = np.diff(numbers, axis=axis)
        widths = [(0, 0)] * numbers.ndim
        widths[axis] = (1, 0)
        total += np.pad(steps, widths)
        widths[axis] = (0, 1)
        total -= np.pad(steps, widths)
    return total


def divided(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return quotients, 0 where all is solved."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
