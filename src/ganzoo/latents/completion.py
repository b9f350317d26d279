"""Images whose missing pixels a model draws."""

from typing import Any, NamedTuple

import numpy as np

from ganzoo.gan.gan import GAN
from ganzoo.latents.blending import blend
from ganzoo.latents.inversion import images_wanted
from ganzoo.latents.search import check_counts, search

WINDOW = 7  # pixels; the paper's
FLOOR = 0.1  # what a pixel counts far from the hole, where it is 0 in the paper
REALISM = 0.003  # the paper's lambda
TYPICAL = 0.1  # less is known than of a whole image, so what is usual counts more


class Completion(NamedTuple):
    """What `complete` has found for each image, the best answer first.

    Attributes:
        images: the images, completed, uint8 `(n, answers, height, width, channels)`.
        latents: float32 `(n, answers, latent_dim)`.
        labels: int32 `(n, answers)`, or attributes `(n, answers, attributes)`; None for
            an unconditional model.
        errors: the root mean square difference at known pixels, weighted by their nearness to the
            hole, in grey levels of 255, `(n, answers)`.
        path: where the search came by, float32 `(moments, n, answers, latent_dim)`.

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN.from_preset("mnist")
        images = gan.generate(2, labels=[3, 8], seed=0)
        left = np.arange(28) < 14
        found = ganzoo.latents.complete(gan, images, np.tile(left, (28, 1)), steps=20, answers=3)
        ganzoo.pictures.image_grid(found.images)  # a row for each image
        ```
    """

    images: np.ndarray
    latents: np.ndarray
    labels: np.ndarray | None
    errors: np.ndarray
    path: np.ndarray


def complete(
    model: GAN,
    images: Any,
    mask: Any,
    labels: Any = None,
    answers: int = 1,
    restarts: int = 4,
    steps: int = 300,
    seed: int = 0,
    batch_size: int = 16,
) -> Completion:
    """Fill in missing pixels by what a model has learned to draw.

    Looks for latents whose images are like the known pixels, of which those near the hole count
    most, and such that the discriminator takes for real; then lays what is drawn into the hole
    without a seam.

    Args:
        model: a model of any family.
        images: in [0, 255], uint8 or float, `(n, height, width, channels)` as the model draws them;
            what is in the hole is not looked at.
        mask: bool `(height, width)`, or `(n, height, width)` for a hole of each image; True where
            pixels are missing.
        labels: the class of each image, `(n,)`, a number or a name, for a conditional model; by
            default the class is found, too.
        answers: how many completions of each image, at most `restarts`.
        restarts: how many latents to begin with for each image.
        steps: how many steps to descend.
        seed: what the first latents are drawn from.
        batch_size: how many images are searched for at once, which bounds the memory.

    Returns:
        A `Completion`: images, and the latents, labels, errors and path they came from.

    Raises:
        ValueError: images of another shape or range than the model's, a mask that does not fit them
            or leaves nothing known, labels that the model lacks, or too many answers.
        TypeError: images or a mask of a dtype that cannot hold them.
        RuntimeError: another thread is training the model.

    Reference:
        [Yeh et al., 2017](https://arxiv.org/abs/1607.07539).

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN.from_preset("mnist")
        torn = gan.generate(1, labels=7, seed=0)
        hole = np.zeros((28, 28), bool)
        hole[14:] = True
        whole = ganzoo.latents.complete(gan, torn, hole, steps=20).images[:, 0]
        ```
    """
    wanted = images_wanted(model, images, labels)
    hole = checked_mask(mask, wanted.images.shape[:3])
    check_counts(restarts=restarts, steps=steps, batch_size=batch_size, answers=answers)
    if answers > restarts:
        raise ValueError(f"{answers} answers take as many restarts, not {restarts}.")
    blank = np.where(hole[..., None], 0, wanted.images)
    wanted = wanted._replace(images=blank, weights=nearness(hole)[..., None])
    found = search(
        model,
        wanted,
        restarts,
        steps,
        seed,
        keep=answers,
        typical=TYPICAL,
        realism=REALISM,
        batch_size=batch_size,
    )
    labels = found.labels if model.conditional else None
    drawn = model.draw(found.latents, labels)
    return Completion(
        blend(np.asarray(images)[:, None], drawn, hole[:, None]),
        found.latents,
        labels,
        np.sqrt(found.squares) * 127.5,
        found.path,
    )


def checked_mask(mask: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return a hole for each image, bool `(n, height, width)`."""
    hole = np.asarray(mask)
    if hole.dtype != bool:
        raise TypeError(
            f"A mask says True where a pixel is missing, and is no {hole.dtype}: give mask > 127 "
            "of a picture that is white there."
        )
    if hole.shape not in (shape, shape[1:]):
        raise ValueError(f"The mask's shape must be {shape} or {shape[1:]}, not {hole.shape}.")
    hole = np.broadcast_to(hole, shape)
    if empty := np.flatnonzero(hole.all(axis=(1, 2))).tolist():
        raise ValueError(f"Of image {empty[0]} nothing is known: its mask is True everywhere.")
    return hole


def nearness(hole: np.ndarray) -> np.ndarray:
    """Return how much each pixel counts: by the share of its neighbours that are missing.

    Args:
        hole: bool `(n, height, width)`.

    Returns:
        float32 `(n, height, width)`, 0 in the hole and 1 on average.
    """
    margin = WINDOW // 2
    around = np.pad(hole.astype(np.float32), [(0, 0), (margin, margin), (margin, margin)])
    windows = np.lib.stride_tricks.sliding_window_view(around, (WINDOW, WINDOW), axis=(1, 2))
    inside = np.lib.stride_tricks.sliding_window_view(
        np.pad(np.ones_like(hole[0], np.float32), margin), (WINDOW, WINDOW)
    )
    share = windows.sum(axis=(-2, -1)) / inside.sum(axis=(-2, -1))
    weights = np.where(hole, 0, FLOOR + share)
    return np.asarray(weights / weights.mean(axis=(1, 2), keepdims=True), np.float32)
