"""Directions in which images change most."""

import keras
import numpy as np
from keras import layers, ops

from ganzoo.gan.trainer import AdversarialModel

INPUTS = {layers.Dense: 0, layers.Conv2DTranspose: -1}
"""Layers that latents may go through first, and the axis of their kernels that is the inputs'."""


def directions(gan: AdversarialModel, n: int = 6) -> np.ndarray:
    """Return the directions among latents that change what is drawn most, the strongest first.

    They are the eigenvectors of `A A^T` with the largest eigenvalues, `A` being the generator's
    first kernel: nothing is trained, and nothing but looking at them says what they mean.

    Args:
        gan: a model of any family whose generator begins with a dense layer or a transposed
            convolution of the latents; labels may be joined behind them.
        n: how many, at most its `latent_dim`.

    Returns:
        float32 `(n, latent_dim)`, each of length 1 and at right angles to the others. Add multiples
        of -3 to 3 to a latent.

    Raises:
        ValueError: `n` is out of range, or the generator begins otherwise.
        RuntimeError: another thread is training the model.

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
    with gan.drawer.drawing(gan):
        kernel = first_kernel(gan.drawing_generator, gan.latent_dim)
    _, vectors = np.linalg.eigh(kernel @ kernel.T)
    strongest = vectors.T[::-1][:n]
    # The sign of an eigenvector is anybody's: the largest number is positive.
    largest = np.take_along_axis(strongest, np.abs(strongest).argmax(1)[:, None], axis=1)
    return (strongest * np.sign(largest)).astype(np.float32)


def first_kernel(generator: keras.Model, latent_dim: int) -> np.ndarray:
    """Return what the first layer with a kernel makes of each latent number, a row for each.

    Raises:
        ValueError: it is no layer that latents alone go through, or labels behind them.
    """
    found = next((each for each in generator.layers if hasattr(each, "kernel")), None)
    for kind, axis in INPUTS.items():
        if isinstance(found, kind):
            kernel = np.asarray(ops.convert_to_numpy(found.kernel), np.float64)
            rows = np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)
            if len(rows) >= latent_dim:
                return rows[:latent_dim]
    begins = f"the layer {found.name!r} ({type(found).__name__})" if found else "no kernel"
    raise ValueError(
        "Directions are read from the dense layer or transposed convolution that latents of "
        f"{latent_dim} numbers go through first, and this generator begins with {begins}."
    )
