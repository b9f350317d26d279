"""Whether a training shows an illness: each is judged by its sign, and named with advice."""

from collections.abc import Collection, Mapping

import numpy as np

from ganzoo.callbacks import signs
from ganzoo.losses import AdversarialLoss

# Healthy trainings (docs/training.md) kept well away from these after their first 1,000 rounds.
TOO_ALIKE = 0.4  # of the distance between a real image and the one most like it
TOO_CERTAIN = 0.01  # of what guessing would cost the discriminator
TOO_RESTLESS = 0.5  # of the data's spread, from epoch to epoch
GETS_NOWHERE = 0.5  # of the path
STEPS = 4  # epochs that a way is followed over


def collapse(real: Mapping[int, np.ndarray], drawn: Mapping[int, np.ndarray]) -> str | None:
    """Judge how alike generated images are, by class, and advise.

    Args:
        real: rows `(n, size)` of each class; of a model without classes, all as class 0.
        drawn: generated ones of the same classes.
    """
    shares = {}
    for label, images in real.items():
        fewest = min(len(images), len(drawn[label]))
        if fewest > 1 and (usual := signs.likeness(images[:fewest])) > 0:
            shares[label] = signs.likeness(drawn[label][:fewest]) / usual
    if not shares or min(shares.values()) >= TOO_ALIKE:
        return None
    label = min(shares, key=lambda label: shares[label])
    which = f"images of class {label}" if len(real) > 1 else "images"
    return (
        f"The generator has collapsed: {which} differ from their likest neighbours by "
        f"{shares[label]:.0%} of what real ones do. Go back to an earlier snapshot with lower "
        "learning rates, or train with a penalty such as ganzoo.penalties.R1()."
    )


def certainty(loss: AdversarialLoss, value: float) -> str | None:
    """Judge what a discriminator's loss has come to, and advise."""
    share = signs.share_of_guessing(loss, value)
    if share is None or share >= TOO_CERTAIN:
        return None
    return (
        f"The discriminator has won: its loss is {share:.2%} of what guessing costs, and the "
        "generator has little to learn from. Lower the discriminator's learning rate, or train "
        "with an augmentation (above all on few images) or a penalty."
    )


def oscillation(means: Collection[np.ndarray], spread: float) -> str | None:
    """Judge where the mean image of the same latents has gone over the last looks, and advise.

    Args:
        means: after each look, `STEPS + 1` of them or it is too early to say.
        spread: of the real images, as `signs.spread` gives it.
    """
    if len(means) <= STEPS:
        return None
    step, come = signs.wandering(means, spread)
    if step < TOO_RESTLESS or come > GETS_NOWHERE:
        return None
    return (
        f"The training oscillates: over {STEPS} looks, the average generated image moved by "
        f"{step:.0%} of the data's spread each time, and {come:.0%} of the way remained. Lower "
        "both learning rates."
    )
