"""From latents to bytes: one thread at a time, few compiled programs, little memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock, get_ident

import keras
import numpy as np
from keras import ops

from ganzoo import backends

FEWEST = 8  # images that are drawn at once


class Drawer:
    """Lets threads take turns with a model, whose training is left alone.

    Keras runs a model in one thread only: on JAX, `fit` takes the weights away while it trains.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._training: list[int] = []  # the thread that trains, once for each call in progress
        self._made: dict[str, tuple[keras.Model, keras.Model]] = {}

    @contextmanager
    def training(self) -> Iterator[None]:
        """Keep other threads away from the model until the block ends.

        Raises:
            RuntimeError: another thread is training it.
        """
        with self._lock:
            self._check_thread()
            self._training.append(get_ident())
        try:
            yield
        finally:
            self._training.pop()

    @contextmanager
    def drawing(self, model: keras.Model) -> Iterator[None]:
        """Wait for one's turn.

        Raises:
            RuntimeError: another thread is training the model.
        """
        with self._lock:
            self._check_thread()
            if self._training:
                backends.current.sync(model)
            yield

    def draw(
        self, network: keras.Model, latents: np.ndarray, labels: np.ndarray | None, batch_size: int
    ) -> Iterator[np.ndarray]:
        """Yield images, uint8 `(about batch_size, height, width, channels)`.

        Batches are topped up to one of a few sizes, each of which is compiled once.
        """
        drawing = self.once("bytes", network, lambda: bytes_network(network))
        for start in range(0, len(latents), batch_size):
            count = min(batch_size, len(latents) - start)
            size = (padded_size(count, batch_size),)
            inputs = [np.resize(latents[start : start + count], (*size, latents.shape[-1]))]
            if labels is not None:
                inputs.append(np.resize(labels[start : start + count], size))
            images = drawing.predict_on_batch(inputs if labels is not None else inputs[0])
            yield images[:count]

    def once(self, what: str, network: keras.Model, make: Callable[[], keras.Model]) -> keras.Model:
        """Return what was made of a network before, or make it."""
        known = self._made.get(what)
        if known is None or known[0] is not network:
            known = self._made[what] = network, make()
        return known[1]

    def _check_thread(self) -> None:
        if self._training and self._training[0] != get_ident():
            raise RuntimeError(
                "This model is being trained in another thread. Wait for the end of the training, "
                "draw in a callback, or draw with another model, e.g. of a saved preset."
            )


def bytes_network(network: keras.Model) -> keras.Model:
    """Return a generator that ends in bytes."""
    images = ops.cast(ops.round((network.output + 1.0) * 127.5), "uint8")
    return keras.Model(network.input, images)


def padded_size(count: int, batch_size: int) -> int:
    """Return the next power of two, from 8 on and up to the size of a batch."""
    size = FEWEST
    while size < count:
        size *= 2
    return min(size, batch_size)
