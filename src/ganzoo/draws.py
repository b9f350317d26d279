"""Random numbers of images: a share of a batch gets those that it would get in the whole."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras

from ganzoo import backends
from ganzoo.types import Tensor

_part: ContextVar[tuple[int, int]] = ContextVar("part", default=(0, 1))


@contextmanager
def for_part(number: int, count: int) -> Iterator[None]:
    """Draw for one of so many equal parts of a batch, which follow each other."""
    before = _part.set((number, count))
    try:
        yield
    finally:
        _part.reset(before)


def normal(shape: Sequence[Any], seed: Any, dtype: Any = None) -> Tensor:
    """Return normally distributed numbers, `(images, ...)`.

    Args:
        shape: the first number is how many images there are here.
        seed: a `keras.random.SeedGenerator`, or an integer.
        dtype: by default Keras' float dtype.
    """
    return own_rows(keras.random.normal, shape, seed=seed, dtype=dtype)


def uniform(
    shape: Sequence[Any], seed: Any, low: float = 0.0, high: float = 1.0, dtype: Any = None
) -> Tensor:
    """Return numbers from `low` on and below `high`, `(images, ...)`.

    Args:
        shape: the first number is how many images there are here.
        seed: a `keras.random.SeedGenerator`, or an integer.
        low: the least.
        high: what they are below.
        dtype: by default Keras' float dtype.
    """
    return own_rows(keras.random.uniform, shape, minval=low, maxval=high, seed=seed, dtype=dtype)


def one_each(images: Tensor, seed: Any, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Return a number from `low` on and below `high` for each image, `(images, 1, 1, 1)`."""
    return uniform((keras.ops.shape(images)[0], 1, 1, 1), seed, low, high, images.dtype)


def own_rows(draw: Callable[..., Tensor], shape: Sequence[Any], **options: Any) -> Tensor:
    """Draw for all images of a batch, and return the numbers of this replica's, of this part."""
    (replica, replicas), (part, parts) = backends.current.replicas(), _part.get()
    if replicas == parts == 1:
        return draw(tuple(shape), **options)
    images, *others = shape
    numbers = draw((images * replicas * parts, *others), **options)[replica::replicas]
    return numbers[part * images : (part + 1) * images]
