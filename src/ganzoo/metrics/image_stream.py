"""Images batch by batch, from an array or as a model draws them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

from ganzoo.datasets import ImageSet
from ganzoo.types import ImageShape


@runtime_checkable
class DrawsImages(Protocol):
    """What draws images, as a `ganzoo.GAN` does."""

    image_shape: ImageShape

    def latents(self, n: int, seed: int | None = None) -> np.ndarray:
        """Return `n` latents, the first axis of the result."""

    def labels(self, n: int) -> np.ndarray | None:
        """Return `n` classes to draw; None where there are none."""

    def draw(self, latents: Any, labels: Any = None) -> np.ndarray:
        """Return an image from each latent, uint8 `(n, height, width, channels)`."""


@dataclass(frozen=True)
class ImageStream:
    """Images that need not be in memory at once.

    Args:
        n: how many.
        image_shape: `(height, width, channels)`.
        between: returns those from one number up to another, uint8.
        labels: of each, `(n,)`, or attributes `(n, attributes)`, or None.
        name: what they are called, or None.
        split: of a named dataset, or None.
    """

    n: int
    image_shape: tuple[int, ...]
    between: Callable[[int, int], np.ndarray]
    labels: np.ndarray | None = None
    name: str | None = None
    split: str | None = None

    @classmethod
    def of_set(cls, found: ImageSet) -> Self:
        """Return the images of an array, which may be mapped from a file."""
        images = found.images
        return cls(
            len(images),
            tuple(images.shape[1:]),
            lambda start, stop: images[start:stop],
            found.labels,
            found.name,
            found.split,
        )

    @classmethod
    def of_model(
        cls,
        model: DrawsImages,
        n: int,
        seed: int,
        name: str | None = None,
        labels: np.ndarray | None = None,
    ) -> Self:
        """Return what `model.generate(n, labels, seed)` would, drawn when it is asked for."""
        latents = model.latents(n, seed)
        labels = model.labels(n) if labels is None else labels

        def between(start: int, stop: int) -> np.ndarray:
            asked = None if labels is None else labels[start:stop]
            return model.draw(latents[start:stop], asked)

        return cls(n, tuple(model.image_shape), between, labels, name)

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """Yield all images, `size` at once."""
        for start in range(0, self.n, size):
            yield self.between(start, min(start + size, self.n))

    def in_memory(self) -> Self:
        """Return the same images, drawn once."""
        images = self.between(0, self.n)
        return type(self).of_set(ImageSet(images, labels=self.labels, name=self.name))


class Fingerprint:
    """The SHA-256 of images' shape and pixels, taken as they pass.

    Args:
        stream: the images.
    """

    def __init__(self, stream: ImageStream) -> None:
        shape = (stream.n, *map(int, stream.image_shape))
        self._digest = hashlib.sha256(repr(shape).encode())

    def watch(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the batches as they are."""
        for images in batches:
            self._digest.update(images.tobytes())
            yield images

    @property
    def sha256(self) -> str:
        """In hexadecimal, of what has passed."""
        return self._digest.hexdigest()


def fingerprint(stream: ImageStream) -> str:
    """Return the SHA-256 of all images, read one by one."""
    passing = Fingerprint(stream)
    for _ in passing.watch(stream.batches(1)):
        pass
    return passing.sha256
