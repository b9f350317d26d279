"""Latents made of others."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np


def combine(plus: Sequence[Any], minus: Sequence[Any] = ()) -> np.ndarray:
    """Add and subtract latents, or averages of them, as in "man with glasses - man + woman".

    A direction that a few images share shows better in their average than in any one of them.

    Args:
        plus: latents `(latent_dim,)`, or groups of them `(n, latent_dim)`, each of which counts by
            its average.
        minus: what to subtract, the same.

    Returns:
        float32 `(latent_dim,)`, as long as latents are: `sqrt(latent_dim)`. (Averages are shorter,
        and generators draw little from short latents.)

    Raises:
        ValueError: nothing is left over.

    Reference:
        [Radford, Metz and Chintala, 2016](https://arxiv.org/abs/1511.06434), section 6.3.2.

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN.from_preset("mnist")
        z = np.random.default_rng(0).standard_normal((200, gan.latent_dim))
        order = gan.draw(z, labels=3).mean(axis=(1, 2, 3)).argsort()  # by how much ink there is
        bold = ganzoo.latents.combine([z[order[-20:]], z[0]], minus=[z[order[:20]]])
        picture = gan.draw([z[0], bold], labels=3)
        ```
    """

    def total(parts: Sequence[Any]) -> np.ndarray:
        parts = [np.asarray(each, np.float64) for each in parts]
        return sum((each.reshape(-1, each.shape[-1]).mean(axis=0) for each in parts), np.zeros(1))

    latent = total(plus) - total(minus)
    length = np.linalg.norm(latent)
    if not length > 0:
        raise ValueError("These latents cancel each other out, so nothing is left to draw from.")
    return (latent * math.sqrt(latent.size) / length).astype(np.float32)


def truncate(latents: Any, threshold: float) -> np.ndarray:
    """Make latents more typical: better images that differ less.

    Each number of a latent becomes that of the normal distribution cut off at the threshold which
    has the same share of numbers below it. So new images are distributed as if latents had been
    drawn anew until none was beyond it, yet each remains recognisable, and a film can go smoothly
    from one threshold to another.

    Args:
        latents: `(..., latent_dim)`, normally distributed.
        threshold: above 0; 2 changes little, 0.5 leaves much the same image.

    Returns:
        float32 of the same shape, within `[-threshold, threshold]`.

    Raises:
        ValueError: the threshold is not above 0.

    Reference:
        [Brock, Donahue and Simonyan, 2019](https://arxiv.org/abs/1809.11096), section 3.1.

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN((28, 28, 1))
        latents = np.random.default_rng(0).standard_normal((64, gan.latent_dim))
        typical = gan.draw(ganzoo.latents.truncate(latents, 0.7))
        ```
    """
    if not threshold > 0:
        raise ValueError(f"A threshold must be above 0, not {threshold}.")
    latents = np.asarray(latents, np.float64)
    normal = NormalDist()
    beyond = tail(threshold)

    def inward(size: float) -> float:  # of |z|, whose tail keeps its digits
        share = beyond + (1 - 2 * beyond) * tail(size)
        return -normal.inv_cdf(share) if share > 0 else size

    sizes = np.array([inward(abs(each)) for each in latents.flat]).reshape(latents.shape)
    return np.copysign(np.minimum(sizes, threshold), latents).astype(np.float32)


def tail(size: float) -> float:
    """Return the probability of a standard normal number above this one."""
    return 0.5 * math.erfc(size / math.sqrt(2))
