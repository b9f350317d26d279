"""Image arrays as batches whose order depends on the seed and the epoch alone."""

import math
from collections.abc import Callable
from typing import Any, TypeAlias
from zlib import crc32

import keras
import numpy as np

from ganzoo.datasets.conversions import packed

Places: TypeAlias = Callable[[int], np.ndarray]
"""From how many images a batch has to which of them are read."""

LOOKED_AT = 64  # images, by `digest`
FLIPS = 1  # tells their random numbers from those of the order


class ImageArrays(keras.utils.PyDataset):
    """Batches of an image array, in an order drawn from `(seed, epoch)`.

    Keras' own shuffling goes on from wherever a global random state stands, so a stopped training
    cannot be resumed with it. Every batch is full: the last one is topped up from the beginning
    of the epoch's order, because batch norm is poor on a few images and because JAX would compile
    a second program for another batch size. Fewer images than a batch repeat within it.

    Args:
        images: `(n, height, width, channels)`.
        labels: `(n,)`, attributes `(n, attributes)`, or None.
        sample_weight: `(n,)`, or None.
        rows: integers, which of the images to use; by default, all.
        batch_size: images in a batch.
        steps: batches in an epoch; by default as many as show every image once.
        shuffle: whether to draw an order, or to keep that of the array.
        top_up: whether to fill up the last batch.
        balanced: whether each class comes equally often: the images of a rare one repeat in an
            epoch, and of a frequent one others come in the next.
        flip: whether to mirror half of the images, drawn from the seed, the epoch and the batch.
        places: returns which places of a batch of so many images are read, where others read the
            rest; by default, all.
        seed: what the order is drawn from, with the epoch.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray | None = None,
        sample_weight: np.ndarray | None = None,
        *,
        rows: np.ndarray | None = None,
        batch_size: int = 64,
        steps: int | None = None,
        shuffle: bool = True,
        top_up: bool = True,
        balanced: bool = False,
        flip: bool = False,
        places: Places | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.images = images
        self.targets = (labels, sample_weight)
        self.rows = np.arange(len(images)) if rows is None else rows
        self.batch_size = _at_least_one("batch_size", batch_size)
        every_image = math.ceil(self.count / batch_size)
        self.steps = _at_least_one("steps_per_epoch", every_image if steps is None else steps)
        self.shuffle = shuffle
        self.top_up = top_up
        self.flip = flip
        self.balanced = balanced
        self.places = places
        if balanced and (labels is None or math.prod(np.shape(labels)[1:]) > 1):
            raise ValueError("balanced=True needs labels: there is no class to be balanced.")
        self.seed = seed
        self.epoch = 0
        self.options: dict[str, Any] = {
            "rows": rows,
            "batch_size": batch_size,
            "steps": steps,
            "shuffle": shuffle,
            "top_up": top_up,
            "balanced": balanced,
            "flip": flip,
            "places": places,
            "seed": seed,
        }
        self._begun = False
        self._first_epoch = 0
        self._drawn: tuple[int, np.ndarray] | None = None

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self.rows)

    def changed(self, **options: Any) -> "ImageArrays":
        """Return the same images with some options changed, by the constructor's names."""
        return ImageArrays(self.images, *self.targets, **(self.options | options))

    def digest(self) -> int:
        """Return a number that tells other images, labels or weights with near certainty.

        A few of the images stand for all, so that a set larger than memory is not read for it.
        """
        few = self.rows[np.linspace(0, self.count - 1, LOOKED_AT).astype(int)]
        told = crc32(self.images[few].tobytes(), crc32(repr(self.images.shape).encode()))
        for each in (self.rows, *self.targets):
            told = crc32(b"" if each is None else each.tobytes(), told)
        return told

    def go_to(self, epoch: int) -> None:
        """Let the next epoch be this one, whichever came before."""
        self.epoch, self._begun = epoch, False

    @property
    def num_batches(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> Any:
        return self.batch(self.epoch, index)

    def batch(self, epoch: int, index: int) -> Any:
        """Return a batch: the images, with labels and sample weights where there are any."""
        chosen = self._order(epoch)[index * self.batch_size : (index + 1) * self.batch_size]
        turned = np.zeros(len(chosen), bool)
        if self.flip:
            random = np.random.default_rng([self.seed, epoch, index, FLIPS])
            turned = random.random(len(chosen)) < 0.5
        if self.places is not None:
            places = self.places(len(chosen))
            chosen, turned = chosen[places], turned[places]
        images = self.images[chosen]
        labels, weight = (None if each is None else each[chosen] for each in self.targets)
        if self.flip:
            images[turned] = images[turned, :, ::-1]
        return packed(images, labels, weight)

    def batch_after(self, number: int) -> Any:
        """Return the batch that comes after so many, through epoch after epoch."""
        if number == 0:
            self._first_epoch = self.epoch
        epochs, index = divmod(number, self.steps)
        return self.batch(self._first_epoch + epochs, index)

    def on_epoch_begin(self) -> None:
        if self._begun:
            self.epoch += 1
        self._begun = True

    def _order(self, epoch: int) -> np.ndarray:
        drawn = self._drawn  # another thread may be drawing the next epoch's
        if drawn is None or drawn[0] != epoch:
            random = np.random.default_rng([self.seed, epoch]) if self.shuffle else None
            order = self._in_turns(random) if self.balanced else _drawn(self.rows, random)
            if self.top_up:
                order = np.resize(order, self.steps * self.batch_size)
            drawn = self._drawn = (epoch, order)
        return drawn[1]

    def _in_turns(self, random: np.random.Generator | None) -> np.ndarray:
        """Return an order in which the classes take turns, so that every batch is balanced."""
        labels = np.asarray(self.targets[0]).reshape(-1)[self.rows]
        classes = [self.rows[labels == each] for each in np.unique(labels)]
        turns = math.ceil(self.steps * self.batch_size / len(classes))
        return np.stack([np.resize(_drawn(each, random), turns) for each in classes], 1).ravel()


def _drawn(rows: np.ndarray, random: np.random.Generator | None) -> np.ndarray:
    return rows if random is None else random.permutation(rows)


def _at_least_one(name: str, value: int) -> int:
    if not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a whole number, at least 1, not {value!r}.")
    return int(value)
