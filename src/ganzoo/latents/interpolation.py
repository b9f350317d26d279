"""Ways from latent to latent."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganzoo.names import choose


def interpolate(a: Any, b: Any, steps: int = 8, way: str = "spherical") -> np.ndarray:
    """Return latents on the way from one latent to another, both ends included.

    Normally distributed latents of many dimensions are all about as long, so that the middle of a
    straight line, which is shorter, is like none that the generator was trained with. The
    spherical way turns at an even pace from one direction to the other while the length goes
    evenly from one to the other.

    Args:
        a: `(..., latent_dim)`: where to begin.
        b: `(..., latent_dim)`: where to end.
        steps: how many latents, at least 2.
        way: `"spherical"` or `"linear"`.

    Returns:
        float32 `(..., steps, latent_dim)`; a row of a grid for each pair.

    Raises:
        ValueError: an unknown way, shapes that do not fit, or a spherical way from or to a latent
            of zeros, or to the opposite one, between which none is the shortest.

    Reference:
        [White, 2016](https://arxiv.org/abs/1609.04468), section 2.1.

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN((28, 28, 1))
        a, b = np.random.default_rng(0).standard_normal((2, 6, gan.latent_dim))
        ganzoo.pictures.image_grid(gan.draw(ganzoo.latents.interpolate(a, b, 10)))
        ```
    """
    if steps < 2:
        raise ValueError(f"An interpolation has 2 steps at least, not {steps}.")
    a, b = (np.asarray(each, np.float64)[..., None, :] for each in (a, b))
    share = np.linspace(0.0, 1.0, steps)[:, None]
    return choose("way", way, WAYS)(a, b, share).astype(np.float32)


def linear(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Go straight."""
    return (1 - share) * a + share * b


def spherical(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Turn evenly from direction to direction, and go evenly from length to length."""
    lengths = [np.linalg.norm(each, axis=-1, keepdims=True) for each in (a, b)]
    if not all(np.all(each) for each in lengths):
        raise ValueError("A latent of zeros has no direction: take way='linear'.")
    a, b = (each / length for each, length in zip((a, b), lengths, strict=True))
    angle = np.arccos(np.clip(np.sum(a * b, axis=-1, keepdims=True), -1, 1))
    if np.any(angle > np.pi - 1e-6):
        raise ValueError("Between opposite latents no way is the shortest: take way='linear'.")
    sine = np.sinc(angle / np.pi)  # sin(angle) / angle, which is 1 for the same direction
    shares = [each * np.sinc(each * angle / np.pi) / sine for each in (1 - share, share)]
    return (shares[0] * a + shares[1] * b) * linear(lengths[0], lengths[1], share)


WAYS = {"spherical": spherical, "linear": linear}


def between_four(
    top_left: Any,
    top_right: Any,
    bottom_left: Any,
    bottom_right: Any,
    rows: int = 8,
    columns: int = 8,
    way: str = "spherical",
) -> np.ndarray:
    """Return a grid of latents with four given ones in its corners.

    Args:
        top_left: `(latent_dim,)`; the other corners as well.
        top_right: see there.
        bottom_left: see there.
        bottom_right: see there.
        rows: how many rows, at least 2.
        columns: how many columns, at least 2.
        way: `"spherical"` or `"linear"`, as in `interpolate`.

    Returns:
        float32 `(rows, columns, latent_dim)`.

    Raises:
        ValueError: as in `interpolate`.

    Reference:
        [White, 2016](https://arxiv.org/abs/1609.04468), section 2.2, "J-diagrams".

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN((28, 28, 1))
        corners = np.random.default_rng(0).standard_normal((4, gan.latent_dim))
        ganzoo.pictures.image_grid(gan.draw(ganzoo.latents.between_four(*corners)))
        ```
    """
    left = interpolate(top_left, bottom_left, rows, way)
    right = interpolate(top_right, bottom_right, rows, way)
    return interpolate(left, right, columns, way)


def walk(stops: Sequence[Any] | np.ndarray, steps: int = 20, way: str = "spherical") -> np.ndarray:
    """Return latents on the way from stop to stop and back to the first: a film without an end.

    Args:
        stops: `(number, ..., latent_dim)`, two at least.
        steps: how many steps from one stop to the next.
        way: `"spherical"` or `"linear"`, as in `interpolate`.

    Returns:
        float32 `(number * steps, ..., latent_dim)`.

    Raises:
        ValueError: fewer than two stops, or as in `interpolate`.

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN((28, 28, 1))
        stops = np.random.default_rng(0).standard_normal((3, 16, gan.latent_dim))
        frames = gan.draw(ganzoo.latents.walk(stops))  # of 16 images each
        ganzoo.pictures.save_film("walk.gif", map(ganzoo.pictures.image_grid, frames))
        ```
    """
    stops = np.asarray(stops)
    if len(stops) < 2:
        raise ValueError(f"A walk needs 2 stops at least, not {len(stops)}.")
    ways = interpolate(stops, np.roll(stops, -1, axis=0), steps + 1, way)[..., :-1, :]
    ways = np.moveaxis(ways, -2, 1)  # (number, steps, ..., latent_dim)
    return ways.reshape(-1, *stops.shape[1:])
