"""The failure modes of a training: what each is told by, from which value on, and what helps."""

from collections.abc import Collection, Mapping

import numpy as np
from keras import ops

from ganzoo.losses import AdversarialLoss

# Healthy trainings (docs/training.md) kept well away from these after their first 1,000 rounds.
TOO_ALIKE = 0.4  # of the distance between a real image and the one most like it
TOO_CERTAIN = 0.01  # of what guessing would cost the discriminator
TOO_RESTLESS = 0.5  # of the data's deviation, from epoch to epoch
GETS_NOWHERE = 0.5  # of the path
STEPS = 4  # epochs that the mean image is followed over
LOGITS = np.linspace(-30.0, 30.0, 6001, dtype="float32")  # 0 and 1 are among them


def collapse(real: Mapping[int, np.ndarray], drawn: Mapping[int, np.ndarray]) -> str | None:
    """Say whether generated images are too much alike, within a class.

    Args:
        real: rows `(n, size)` of each class; of a model without classes, all as class 0.
        drawn: generated ones of the same classes.
    """
    shares = {}
    for label, images in real.items():
        fewest = min(len(images), len(drawn[label]))
        if fewest > 1 and (usual := nearest_distance(images[:fewest])) > 0:
            shares[label] = nearest_distance(drawn[label][:fewest]) / usual
    if not shares or min(shares.values()) >= TOO_ALIKE:
        return None
    label = min(shares, key=lambda label: shares[label])
    which = f"images of class {label}" if len(real) > 1 else "images"
    return (
        f"The generator has collapsed: {which} differ from those most like them by "
        f"{shares[label]:.0%} of what real ones do. Go back to an earlier snapshot with lower "
        "learning rates, or train with a penalty such as ganzoo.penalties.R1()."
    )


def winning_discriminator(loss: AdversarialLoss, value: float) -> str | None:
    """Say whether a discriminator's loss leaves the generator nothing to learn from."""
    share = share_of_guessing(loss, value)
    if share is None or share >= TOO_CERTAIN:
        return None
    return (
        f"The discriminator has won: its loss is {share:.2%} of what guessing costs, and the "
        "generator has little to learn from. Lower the discriminator's learning rate, or train "
        "with an augmentation (above all on few images) or a penalty."
    )


def oscillation(means: Collection[np.ndarray], deviation: float) -> str | None:
    """Say whether the mean image of the same latents goes to and fro.

    Args:
        means: after each look, `STEPS + 1` of them or it is too early to say.
        deviation: that of the real images.
    """
    if len(means) <= STEPS:
        return None
    step, come = wandering(means, deviation)
    if step < TOO_RESTLESS or come > GETS_NOWHERE:
        return None
    return (
        f"The training oscillates: over {STEPS} looks, the average generated image moved by "
        f"{step:.0%} of the data's deviation each time, and {come:.0%} of the way remained. Lower "
        "both learning rates."
    )


def rows_of(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as rows of float32 numbers from 0 to 1."""
    return images.reshape(len(images), -1).astype("float32") / 255


def nearest_distance(images: np.ndarray) -> float:
    """Return how far a typical image is from the one most like it: the median over the images.

    Args:
        images: rows `(n, size)`, 2 or more.
    """
    squares = (images * images).sum(axis=1)
    distances = squares[:, None] + squares - 2 * images @ images.T
    np.fill_diagonal(distances, np.inf)
    return float(np.median(np.sqrt(distances.min(axis=1).clip(0))))


def deviation_of(images: np.ndarray) -> float:
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
    real, fake = (
        np.array(ops.convert_to_numpy(each(ops.convert_to_tensor(LOGITS))), "float64")
        for each in (loss.real, loss.fake)
    )
    for costs in (real, fake):
        if min(costs[0], costs[-1]) < costs[1:-1].min() - 1e-3:
            return None
    floor, guessing = real.min() + fake.min(), (real + fake).min()
    return float((value - floor) / (guessing - floor))


def wandering(means: Collection[np.ndarray], deviation: float) -> tuple[float, float]:
    """Return how far a mean image went from epoch to epoch, and how far it came in all.

    Args:
        means: of the images from the same latents, after each of 2 or more epochs.
        deviation: what to measure in.

    Returns:
        The mean length of a step, and the distance from the first to the last over the path's
        length: 1 on a straight way, 0 on a way back to where it began.
    """
    points = np.stack(list(means))
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    path = float(steps.sum())
    come = float(np.linalg.norm(points[-1] - points[0]))
    return path / len(steps) / deviation, come / path if path else 1.0
