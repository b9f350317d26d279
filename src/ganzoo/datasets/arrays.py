"""Image arrays as batches whose order depends on the seed and the epoch alone."""

import math
from copy import copy
from typing import Any, Self

import keras
import numpy as np

FLIPS = 1  # tells their random numbers from those of the order


class ImageArrays(keras.utils.PyDataset):
    """Batches of an image array, in an order drawn from `(seed, epoch)`.

    Keras' own shuffling goes on from wherever a global random state stands, so a stopped training
    cannot be resumed with it. Every batch is full: the last one is topped up from the beginning
    of the epoch's order, because batch norm is poor on a few images and because JAX would compile
    a second program for another batch size. Fewer images than a batch repeat within it.

    Args:
        images: `(n, height, width, channels)`.
        labels: `(n,)`, or None.
        sample_weight: `(n,)`, or None.
        batch_size: images in a batch.
        steps: batches in an epoch; by default as many as show every image once.
        shuffle: whether to draw an order, or to keep that of the array.
        top_up: whether to fill up the last batch.
        flip: whether to mirror half of the images, drawn from the seed, the epoch and the batch.
        seed: what the order is drawn from, with the epoch.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray | None = None,
        sample_weight: np.ndarray | None = None,
        *,
        batch_size: int = 64,
        steps: int | None = None,
        shuffle: bool = True,
        top_up: bool = True,
        flip: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.count = len(images)
        self.images = images
        self.targets = (labels, sample_weight)
        self.batch_size = _at_least_one("batch_size", batch_size)
        steps = math.ceil(self.count / batch_size) if steps is None else steps
        self.steps = _at_least_one("steps", steps)
        self.shuffle = shuffle
        self.top_up = top_up
        self.flip = flip
        self.seed = seed
        self.epoch = 0
        self._begun = False
        self._drawn: tuple[int, np.ndarray] | None = None

    def beginning(self, epoch: int, steps: int | None = None) -> Self:
        """Return the same batches from another epoch on, in epochs of so many steps if given."""
        batches = copy(self)
        batches.epoch, batches._begun, batches._drawn = epoch, False, None
        if steps is not None:
            batches.steps = _at_least_one("steps_per_epoch", steps)
        return batches

    @property
    def num_batches(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> Any:
        return self.batch(self.epoch, index)

    def batch(self, epoch: int, index: int) -> Any:
        """Return a batch: the images, with labels and sample weights where there are any."""
        chosen = self._order(epoch)[index * self.batch_size : (index + 1) * self.batch_size]
        images = self.images[chosen]
        labels, weight = (None if each is None else each[chosen] for each in self.targets)
        if self.flip:
            turned = np.random.default_rng([self.seed, epoch, index, FLIPS]).random(len(images))
            images[turned < 0.5] = images[turned < 0.5, :, ::-1]
        if weight is None:
            return (images,) if labels is None else (images, labels)
        if labels is None:  # Keras takes no None within a batch, and drops weights without labels
            return {"images": images, "sample_weight": weight}
        return images, labels, weight

    def on_epoch_begin(self) -> None:
        if self._begun:
            self.epoch += 1
        self._begun = True

    def _order(self, epoch: int) -> np.ndarray:
        drawn = self._drawn  # another thread may be drawing the next epoch's
        if drawn is None or drawn[0] != epoch:
            order = np.arange(self.count)
            if self.shuffle:
                order = np.random.default_rng([self.seed, epoch]).permutation(self.count)
            if self.top_up:
                order = np.resize(order, self.steps * self.batch_size)
            drawn = self._drawn = (epoch, order)
        return drawn[1]


def _at_least_one(name: str, value: int) -> int:
    if value < 1:
        raise ValueError(f"{name} must be at least 1, not {value}.")
    return value
