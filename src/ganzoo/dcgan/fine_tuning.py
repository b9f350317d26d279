"""What `compile` is given to train a preset further on few images."""

from typing import Any

from ganzoo.augmentation import Augmentation

MOVING_AVERAGE = 0.99  # of about the last hundred rounds: a preset has no first ones to forget


def fine_tuning(discriminator_norm: str | None, inherited_stages: int) -> dict[str, Any]:
    """Return arguments of `compile`; `tools/small_data.py` measures them.

    Args:
        discriminator_norm: the model's.
        inherited_stages: how many of the discriminator's, from the image on, are a preset's.
    """
    return {
        "loss": "hinge" if discriminator_norm == "spectral" else "non_saturating",
        "augmentation": Augmentation(),
        "moving_average": MOVING_AVERAGE,
        "frozen_stages": int(inherited_stages > 1),  # behind a single one, hardly anything learns
    }
