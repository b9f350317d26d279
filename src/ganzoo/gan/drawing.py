"""From latents and classes to bytes: one thread at a time, few compiled programs, little memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock, get_ident
from typing import Any

import keras
import numpy as np
from keras import ops

from ganzoo import backends
from ganzoo.datasets.checks import check_vectors
from ganzoo.datasets.conversions import as_array

FEWEST = 8  # that are drawn at once, unless it is one alone


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
            RuntimeError: another thread is training or evaluating it.
        """
        with self._lock:
            self._check_thread()
            self._training.append(get_ident())
        try:
            yield
        finally:
            with self._lock:
                self._training.pop()

    @contextmanager
    def drawing(self, model: keras.Model) -> Iterator[None]:
        """Wait for one's turn.

        Raises:
            RuntimeError: another thread is training or evaluating the model.
        """
        with self._lock:
            self._check_thread()
            if self._training:
                backends.current.sync(model)
            with backends.current.alone(model):
                yield

    def draw(
        self, network: keras.Model, latents: np.ndarray, labels: np.ndarray | None, batch_size: int
    ) -> Iterator[np.ndarray]:
        """Yield images, uint8 `(at most batch_size, height, width, channels)`."""
        drawing = self.once("bytes", network, lambda: bytes_network(network))
        return in_batches(drawing, [latents] if labels is None else [latents, labels], batch_size)

    def once(self, what: str, network: keras.Model, make: Callable[[], keras.Model]) -> keras.Model:
        """Return what was made of a network before, or make it."""
        known = self._made.get(what)
        if known is None or known[0] is not network:
            known = self._made[what] = network, make()
        return known[1]

    def _check_thread(self) -> None:
        if self._training and self._training[0] != get_ident():
            raise RuntimeError(
                "This model is being trained or evaluated in another thread. Wait for the end of "
                "that, draw in a callback, or draw with another model, e.g. of a saved preset."
            )


def bytes_network(network: keras.Model) -> keras.Model:
    """Return a generator that ends in bytes."""
    images = ops.cast(ops.round((network.output + 1.0) * 127.5), "uint8")
    return keras.Model(network.input, images)


def in_batches(
    network: keras.Model, inputs: Sequence[np.ndarray], batch_size: int
) -> Iterator[np.ndarray]:
    """Yield what a network makes of its inputs, of at most `batch_size` of them at a time.

    Batches are topped up to one of a few sizes, each of which is compiled once. Not `predict`,
    which keeps all of it, and on JAX takes the weights away: an interruption would cost the model.
    """
    for start in range(0, len(inputs[0]), batch_size):
        batch = [each[start : start + batch_size] for each in inputs]
        count = len(batch[0])
        size = padded_size(count, batch_size)
        batch = [np.resize(each, (size, *each.shape[1:])) for each in batch]
        yield network.predict_on_batch(batch if len(batch) > 1 else batch[0])[:count]


def padded_size(count: int, batch_size: int) -> int:
    """Return 1 for one image, as a slider asks for; else the next power of two, at least 8.

    It is at most the size of a batch.
    """
    size = FEWEST if count > 1 else 1
    while size < count:
        size *= 2
    return min(size, batch_size)


def one_each(labels: Any, n: int, num_classes: int, names: Sequence[str]) -> np.ndarray:
    """Return the class of each of `n` images, int32; without labels, the classes take turns."""
    if labels is None:
        return np.arange(n, dtype=np.int32) % num_classes
    if np.ndim(labels) == 0:
        labels = [labels]
    if np.ndim(labels) > 1 and np.shape(labels)[1:] != (1,):
        raise ValueError(
            f"Labels are numbers or names of classes, {n} or one, and not of shape "
            f"{np.shape(labels)}: give labels.argmax(axis=-1) of one-hot ones."
        )
    if len(labels) not in (1, n):
        raise ValueError(f"{n} images take one label or {n}, not {len(labels)}.")
    return np.resize(class_numbers(labels, num_classes, names), n)


def class_numbers(labels: Any, num_classes: int, names: Sequence[str]) -> np.ndarray:
    """Return the numbers of classes, an int32 array of the labels' shape."""
    chosen = np.asarray(labels, dtype=object)
    numbers = [names.index(each) if each in names else each for each in chosen.flat]
    if wrong := [each for each in numbers if each not in range(num_classes)]:
        known = f" or one of {names}" if names else ""
        raise ValueError(f"Unknown label {wrong[0]!r}: give 0 to {num_classes - 1}{known}.")
    return np.array(numbers, dtype=np.int32).reshape(chosen.shape)


def vectors_of_each(labels: Any, n: int, attributes: Sequence[str]) -> np.ndarray:
    """Return the attributes of each of `n` images; without labels, none and each alone in turn."""
    if labels is None:
        turns = np.eye(len(attributes) + 1, len(attributes), k=-1, dtype=np.float32)
        return np.resize(turns, (n, len(attributes)))
    vectors = attribute_vectors(labels, attributes)
    if vectors.ndim > 2 or vectors.shape[:-1] not in ((), (1,), (n,)):
        raise ValueError(
            f"{n} images take the attributes of one or of {n}, not of shape {vectors.shape[:-1]}."
        )
    return np.broadcast_to(vectors, (n, len(attributes)))


def attribute_vectors(labels: Any, attributes: Sequence[str]) -> np.ndarray:
    """Return attributes as vectors `(..., attributes)`, float32.

    Args:
        labels: such vectors, 0 to 1; or a number or numbers by name, of which others are 0.
        attributes: their names, in order.
    """
    if isinstance(labels, Mapping):
        if unknown := sorted(map(str, labels.keys() - set(attributes))):
            raise ValueError(f"Unknown attribute {unknown[0]!r}: choose of {list(attributes)}.")
        columns = (np.asarray(labels.get(name, 0), np.float32) for name in attributes)
        labels = np.stack(np.broadcast_arrays(*columns), axis=-1)
    vectors = as_array(labels)
    if vectors.dtype.kind not in "fiub" or vectors.shape[-1:] != (len(attributes),):
        raise ValueError(
            f"This model is asked for by attributes, {attributes[0]!r} and others: give "
            f"labels={{{attributes[0]!r}: 1}}, or vectors of shape (..., {len(attributes)}) in the "
            f"order {list(attributes)}, not {labels!r:.80}."
        )
    check_vectors(vectors)
    return vectors.astype(np.float32)


def checked_latents(latents: Any, latent_dim: int) -> np.ndarray:
    """Return latents as a float32 array `(..., latent_dim)`, all of them finite."""
    try:
        numbers = np.asarray(latents, np.float32)
    except (TypeError, ValueError) as error:
        raise TypeError(f"Latents are numbers, not {type(latents).__name__}.") from error
    if numbers.shape[-1:] != (latent_dim,):
        raise ValueError(f"Expected latents of shape (..., {latent_dim}), not {numbers.shape}.")
    if not np.isfinite(numbers).all():
        raise ValueError("Some latents are NaN or infinite: nothing can be drawn from those.")
    return numbers


def joint_shape(latents: tuple[int, ...], labels: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the images of latents and labels that fit each other."""
    try:
        return np.broadcast_shapes(latents, labels)
    except ValueError as error:
        raise ValueError(
            f"Labels of shape {labels} do not fit {latents} latents: give one, or as many."
        ) from error
