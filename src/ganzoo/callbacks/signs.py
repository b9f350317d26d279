"""What illnesses are told by: numbers of a batch of images, of a loss, and of a few epochs."""

from collections.abc import Iterable

import numpy as np
from keras import ops

from ganzoo.losses import AdversarialLoss

LOGITS = np.linspace(-30.0, 30.0, 6001, dtype="float32")  # 0 and 1 are among them


def flat(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as rows of float32 numbers from 0 to 1."""
    return images.reshape(len(images), -1).astype("float32") / 255


def likeness(images: np.ndarray) -> float:
    """Return how far a typical image is from the one most like it: the median over the images.

    Args:
        images: rows `(n, size)`, 2 or more.
    """
    squares = (images * images).sum(axis=1)
    distances = squares[:, None] + squares - 2 * images @ images.T
    np.fill_diagonal(distances, np.inf)
    return float(np.median(np.sqrt(distances.min(axis=1).clip(0))))


def spread(images: np.ndarray) -> float:
    """Return the root mean square distance of rows `(n, size)` from their mean."""
    return float(np.sqrt(images.var(axis=0).sum()))


def share_of_guessing(loss: AdversarialLoss, value: float) -> float | None:
    """Return how large a discriminator's loss is: 0 for certainty, 1 for guessing.

    Args:
        loss: what it minimises.
        value: what it has come to.

    Returns:
        The share; None for a loss that certainty makes ever smaller, as Wasserstein's.
    """

    def cost(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
        tensors = ops.convert_to_tensor(real), ops.convert_to_tensor(fake)
        return np.array(ops.convert_to_numpy(loss.discriminator(*tensors)), "float64")

    zero = np.zeros_like(LOGITS)
    real, fake = cost(LOGITS, zero), cost(zero, LOGITS)
    for costs in (real, fake):
        if min(costs[0], costs[-1]) < costs[1:-1].min() - 1e-3:
            return None
    floor = cost(LOGITS[[real.argmin()]], LOGITS[[fake.argmin()]])[0]
    guessing = cost(LOGITS, LOGITS).min()  # the same logit for both
    return float((value - floor) / (guessing - floor))


def wandering(means: Iterable[np.ndarray], spread: float) -> tuple[float, float]:
    """Return how far a mean image went from epoch to epoch, and how far it came in all.

    Args:
        means: of the images from the same latents, after each of 2 or more epochs.
        spread: what to measure in.

    Returns:
        The mean length of a step, and the distance from the first to the last over the path's
        length: 1 on a straight way, 0 on a way back to where it began.
    """
    means = np.stack(list(means))
    steps = np.linalg.norm(np.diff(means, axis=0), axis=1)
    path = float(steps.sum())
    come = float(np.linalg.norm(means[-1] - means[0]))
    return path / len(steps) / spread, come / path if path else 1.0
