"""Directions in which images change most."""

import numpy as np
from keras import layers, ops

from ganzoo.gan.trainer import AdversarialModel


def directions(gan: AdversarialModel, n: int = 6) -> np.ndarray:
    """Return the directions among latents that change what is drawn most, the strongest first.

    They are the eigenvectors of `A A^T` with the largest eigenvalues, `A` being the generator's
    first kernel: nothing is trained, and nothing but looking at them says what they mean.

    Args:
        gan: a `ganzoo.DCGAN`.
        n: how many, at most its `latent_dim`.

    Returns:
        float32 `(n, latent_dim)`, each of length 1 and at right angles to the others. Add multiples
        of -3 to 3 to a latent.

    Raises:
        ValueError: `n` is out of range.

    Reference:
        [Shen and Zhou, 2021](https://arxiv.org/abs/2007.06600), equation 6.

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN((28, 28, 1))
        latent = np.random.default_rng(0).standard_normal(gan.latent_dim)
        ways = ganzoo.latents.directions(gan, 4)[:, None] * np.linspace(-3, 3, 7)[:, None]
        ganzoo.pictures.image_grid(gan.draw(latent + ways))  # a row for each direction
        ```
    """
    if n not in range(1, gan.latent_dim + 1):
        raise ValueError(f"n must be 1 to {gan.latent_dim}, the model's latent_dim, not {n!r}.")
    drawing = gan.ema_generator or gan.generator
    first = next(each for each in drawing.layers if isinstance(each, layers.Dense))
    kernel = np.asarray(ops.convert_to_numpy(first.kernel), np.float64)[: gan.latent_dim]
    _, vectors = np.linalg.eigh(kernel @ kernel.T)
    strongest = vectors.T[::-1][:n]
    # The sign of an eigenvector is anybody's: the largest number is positive.
    largest = np.take_along_axis(strongest, np.abs(strongest).argmax(1)[:, None], axis=1)
    return (strongest * np.sign(largest)).astype(np.float32)
