"""Datasets of batches, every one of which is looked at before it is trained on."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import keras
import numpy as np

from ganzoo import backends
from ganzoo.datasets.arrays import Places
from ganzoo.datasets.checks import Checked
from ganzoo.datasets.conversions import packed

AHEAD = 2  # batches that Keras looks at before an epoch, on TensorFlow
NOTHING = object()


class Look:
    """Looks at batches, and returns them as Keras takes them.

    Args:
        checked: what they are checked by.
        class_weight: the weight of each class's images, or None.
        places: returns which places of a batch of so many images are read; by default, all.

    Attributes:
        error: what was wrong with a batch; TensorFlow would garble it on the way.
    """

    def __init__(
        self,
        checked: Checked,
        class_weight: np.ndarray | None = None,
        places: Places | None = None,
    ) -> None:
        self.checked = checked
        self.class_weight = class_weight
        self.places = places
        self.error: Exception | None = None
        self._later = False

    def __call__(self, batch: Any) -> Any:
        """Return the batch: `(images,)`, with labels and weights where there are any."""
        try:
            images, labels, weight = self.checked.batch(batch, self._later)
            if self.class_weight is not None and labels is not None:
                if weight is not None:
                    raise ValueError("Give class_weight, or sample weights in the batches.")
                weight = self.class_weight[labels]
        except (TypeError, ValueError) as error:
            self.error = error
            raise
        self._later = True
        if self.places is not None:
            places = self.places(len(images))
            images = images[places]
            labels, weight = (None if each is None else each[places] for each in (labels, weight))
        return packed(images, labels, weight)


def watched(dataset: Any, look: Look, steps: int | None = None) -> Any:
    """Return a dataset whose batches have been looked at, the first of them now.

    Args:
        dataset: a `keras.utils.PyDataset`, a `tf.data.Dataset`, a torch `DataLoader`, a generator,
            or anything else that yields batches.
        look: what looks at them.
        steps: batches in an epoch, if that was said.

    Raises:
        ValueError: the first batch is wrong, or there is none.
        TypeError: it is no dataset, or its batches are of another dtype.
    """
    if isinstance(dataset, keras.utils.PyDataset):
        look(dataset[0] if dataset.num_batches != 0 else _no_batch())
        return Numbered(dataset, look)
    try:
        batches = iter(dataset)
    except TypeError as error:
        raise TypeError(
            "Images are an array, a list, a folder, a zip archive, the name of a dataset or a "
            f"dataset of batches, not {type(dataset).__name__}."
        ) from error
    first = next(batches, NOTHING)
    like = look(_no_batch() if first is NOTHING else first)
    if (mapped := backends.current.mapped(dataset, look, like, batches)) is not None:
        return mapped
    if batches is dataset:
        return map_lazily(look, chain([first], batches))
    if (length := length_of(dataset)) is not None:
        return Passes(dataset, length, look, batches, like)
    if steps is not None:
        return map_lazily(look, chain([first], batches, _for_ever(dataset)))
    return dataset  # only Keras can tell where an epoch ends


def length_of(dataset: Any) -> int | None:
    """Return how many batches a dataset has, or None where it cannot be known."""
    if hasattr(dataset, "cardinality"):  # of a tf.data.Dataset; len would be an error
        found = int(dataset.cardinality())
        return None if found < 0 else found
    try:
        return len(dataset)
    except TypeError:
        return None


def is_endless(dataset: Any) -> bool:
    """Whether a dataset says that it never ends."""
    if isinstance(dataset, keras.utils.PyDataset):
        return dataset.num_batches is None
    return hasattr(dataset, "cardinality") and int(dataset.cardinality()) == -1


def map_lazily(look: Callable[[Any], Any], batches: Iterable[Any]) -> Iterator[Any]:
    """Return a generator, as Keras wants it to be."""
    for batch in batches:
        yield look(batch)


class Numbered(keras.utils.PyDataset):
    """A `PyDataset` whose batches are looked at as they are asked for."""

    def __init__(self, dataset: keras.utils.PyDataset, look: Look) -> None:
        super().__init__(dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size)
        self.dataset = dataset
        self.look = look

    @property
    def num_batches(self) -> int | None:
        return self.dataset.num_batches

    def __getitem__(self, index: int) -> Any:
        return self.look(self.dataset[index])

    def on_epoch_begin(self) -> None:
        self.dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.dataset.on_epoch_end()


class Passes(keras.utils.PyDataset):
    """Any iterable of known length: Keras asks for its batches in their order, by number.

    The pass that was begun to look at the first batch is the first epoch's, so that no batch is
    lost, no random number drawn, and no worker process started in vain.
    """

    def __init__(
        self, dataset: Iterable[Any], length: int, look: Look, begun: Iterator[Any], first: Any
    ) -> None:
        super().__init__()
        self.dataset = dataset
        self.length = length
        self.look = look
        self._batches = begun
        self._ahead = [first]  # the first ones, for who asks again before the epoch begins
        self._taken = 1
        self._epochs = 0

    @property
    def num_batches(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Any:
        if index == 0 and (self._epochs > 1 or self._taken > AHEAD):
            self._batches, self._ahead, self._taken = iter(self.dataset), [], 0
        while self._taken <= index:
            batch = next(self._batches, NOTHING)
            if batch is NOTHING:
                raise ValueError(
                    f"The dataset ended after {index} of {self.length} batches: its length is "
                    "wrong."
                )
            self._taken += 1
            self._ahead = [*self._ahead, self.look(batch)][-AHEAD:]
        return self._ahead[index - self._taken]

    def on_epoch_begin(self) -> None:
        self._epochs += 1


def _for_ever(dataset: Iterable[Any]) -> Iterator[Any]:
    while True:
        yield from dataset


def _no_batch() -> Any:
    raise ValueError("There is no image to train on: the dataset has no batch.")
