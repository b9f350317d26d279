"""From an image back to the latent that it could have been drawn from."""

from typing import Any, NamedTuple

import keras
import numpy as np

from ganzoo.datasets.checks import Checked
from ganzoo.gan.gan import GAN
from ganzoo.latents.encoder import guesses
from ganzoo.latents.search import TYPICAL, Wanted, check_counts, search


class Inversion(NamedTuple):
    """What `invert` has found for each image.

    Attributes:
        latents: float32 `(n, latent_dim)`.
        labels: int32 `(n,)`, or attributes `(n, attributes)`; None for an unconditional model.
        errors: the root mean square difference from the image, in grey levels of 255, `(n,)`.
        path: where the search came by, from the start to the latents, about 25 moments of it,
            float32 `(moments, n, latent_dim)`: drawn, a film.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN.from_preset("mnist")
        found = ganzoo.latents.invert(gan, gan.generate(1, labels=7, seed=0), steps=20)
        again = gan.draw(found.latents, found.labels)
        frames = map(ganzoo.pictures.image_grid, gan.draw(found.path, found.labels))
        ganzoo.pictures.save_film("search.gif", frames)
        ```
    """

    latents: np.ndarray
    labels: np.ndarray | None
    errors: np.ndarray
    path: np.ndarray


def invert(
    model: GAN,
    images: Any,
    labels: Any = None,
    restarts: int = 4,
    steps: int = 300,
    seed: int = 0,
    batch_size: int = 16,
    encoder: keras.Model | None = None,
) -> Inversion:
    """Find latents, and classes, whose images are as near as possible to the ones given.

    Gradient descent (Adam) on the mean square difference, from several latents at random; the
    nearest counts. A model draws what it has learned: other images come back as what it has most
    like them.

    Args:
        model: a model of any family.
        images: in [0, 255], uint8 or float, `(n, height, width, channels)` as the model draws them.
        labels: the class of each image, `(n,)`, a number or a name, for a conditional model; by
            default the class is found, too. For a model of attributes, vectors
            `(n, attributes)`.
        restarts: how many latents to begin with for each image.
        steps: how many steps to descend.
        seed: what the first latents are drawn from.
        batch_size: how many images are searched for at once, which bounds the memory.
        encoder: what `train_encoder` returns. Its guesses are where one of the `restarts` begins,
            and the class of each image if none is given; 1 restart and 50 steps are often enough.

    Returns:
        An `Inversion`: latents, labels, errors and the path to them.

    Raises:
        ValueError: images of another shape or range than the model's, labels that it lacks, or
            none for a model of attributes.
        TypeError: images of a dtype that cannot hold them.
        RuntimeError: another thread is training the model.

    Reference:
        [Creswell and Bharath, 2016](https://arxiv.org/abs/1611.05644);
        [Lipton and Tripathi, 2017](https://arxiv.org/abs/1702.04782);
        [Zhu et al., 2016](https://arxiv.org/abs/1609.03552), for the encoder.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN.from_preset("mnist")
        sevens = gan.generate(2, labels=7, seed=0)
        found = ganzoo.latents.invert(gan, sevens, labels=[7, 7], steps=20)
        between = ganzoo.latents.interpolate(*found.latents)
        ```
    """
    return inverted(model, images, labels, restarts, steps, seed, batch_size, encoder)


def inverted(
    model: GAN,
    images: Any,
    labels: Any,
    restarts: int,
    steps: int,
    seed: int,
    batch_size: int,
    encoder: keras.Model | None,
    typical: float = TYPICAL,
) -> Inversion:
    """Do what `invert` does, for latents that are as typical as asked for."""
    wanted = images_wanted(model, images, labels)
    check_counts(restarts=restarts, steps=steps, batch_size=batch_size)
    start = None
    if encoder is not None:
        start, likely = guesses(encoder, model, np.asarray(images, np.float32))
        wanted = wanted if labels is not None else wanted._replace(labels=likely)
    found = search(
        model, wanted, restarts, steps, seed, typical=typical, start=start, batch_size=batch_size
    )
    return Inversion(
        found.latents[:, 0],
        found.labels[:, 0] if model.conditional else None,
        np.sqrt(found.squares[:, 0]) * 127.5,
        found.path[:, :, 0],
    )


def images_wanted(model: GAN, images: Any, labels: Any) -> Wanted:
    """Return checked images in [-1, 1], all pixels of which count alike."""
    if model.attributes and labels is None:
        raise ValueError(
            f"Say which attributes the images have ({', '.join(model.attributes)}): give labels, a "
            f"vector of {len(model.attributes)} numbers for each image."
        )
    known = (model.num_classes, model.class_names, model.attributes)
    checked = Checked(model.image_shape, *(known if labels is not None else (None,)))
    images, labels, _ = checked.arrays(images, labels)
    scaled = images / np.float32(127.5) - 1
    return Wanted(scaled, np.ones_like(scaled[..., :1]), labels)
