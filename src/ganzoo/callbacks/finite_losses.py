"""A training that has broken down stops, and says where."""

from typing import Any

import keras
import numpy as np
from keras import ops


class FiniteLosses(keras.callbacks.Callback):
    """Raises when a running loss is NaN or infinite, and names the step.

    `fit` adds it by itself. It is raised rather than stopped quietly, so that no later callback
    saves the broken model over a good one. Where Keras calls it beside the training, the device
    does not wait for it: it may then be a few steps later that the training ends.
    """

    async_safe = True  # Keras may call it in another thread, before the next steps or after

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        for name, value in (logs or {}).items():
            if not np.isfinite(float(value)):
                self.broken(
                    batch,
                    f"{name} became {float(value)} at epoch {self.epoch + 1}, step {batch + 1}",
                )

    def broken(self, batch: int, what: str) -> None:
        """Stop the training."""
        raise FloatingPointError(
            f"{what}. The training cannot recover from this: start again from the last checkpoint "
            "with a lower learning rate, or look for broken images."
        )


def broken_weight(model: keras.Model) -> str | None:
    """Return the path of a weight with NaN or infinite values, or None."""
    for weight in model.weights:
        if not np.isfinite(ops.convert_to_numpy(weight)).all():
            return str(weight.path)
    return None
