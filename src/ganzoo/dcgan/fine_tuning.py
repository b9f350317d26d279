"""What `compile` is given to train a preset further on few images."""

from typing import Any

from ganzoo.augmentation import Augmentation

MOVING_AVERAGE = 0.99  # of about the last hundred rounds: a preset has no first ones to forget


def fine_tuning(discriminator_norm: str | None) -> dict[str, Any]:
    """Return arguments of `compile`; `tools/small_data.py` measures them."""
    return {
        "loss": "hinge" if discriminator_norm == "spectral" else "non_saturating",
        "augmentation": Augmentation(),
        "moving_average": MOVING_AVERAGE,
    }
