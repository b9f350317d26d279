"""What makes features of images, and what a protocol must say of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np


@dataclass(frozen=True)
class Extractor:
    """A function from images to features, with what a protocol must say of it.

    Args:
        name: what the protocol calls it.
        sha256: of its weights; None for a function whose weights nobody knows.
        preparation: how an image becomes the network's input, in words.
        compute: from a batch of images, uint8 `(n, height, width, channels)` with values from 0 to
            255, to their features, an array or a tensor `(n, size)`.
        probabilities: from features `(n, size)` to those of the classes, `(n, classes)`; None for a
            network that knows no classes.
        batch_size: how many images `compute` gets at once.

    Raises:
        ValueError: batches of no image.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import Extractor, evaluate

        def colours(images):
            return images.mean(axis=(1, 2))

        real, fake = np.random.default_rng(0).integers(0, 256, (2, 64, 8, 8, 3), dtype="uint8")
        extractor = Extractor("colours", sha256=None, preparation="none", compute=colours)
        print(evaluate(real, fake, extractor, metrics=["fid"]))
        ```
    """

    name: str
    sha256: str | None
    preparation: str
    compute: Callable[[np.ndarray], Any]
    probabilities: Callable[[np.ndarray], np.ndarray] | None = None
    batch_size: int = 64

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {self.batch_size}.")

    def features(self, images: np.ndarray) -> np.ndarray:
        """Return the features of any number of images, made batch by batch.

        Args:
            images: uint8 `(n, height, width, channels)`.

        Returns:
            float32 `(n, size)`.

        Raises:
            ValueError: images that the extractor does not take, or it returned something else.
        """
        starts = range(0, max(len(images), 1), self.batch_size)
        batches = (images[start : start + self.batch_size] for start in starts)
        return np.concatenate([*self.stream(batches)])

    def stream(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield the features of one batch after the other, as `features` returns them."""
        for images in batches:
            features = self.compute(images)
            if keras.ops.is_tensor(features):
                features = keras.ops.convert_to_numpy(features)
            features = np.asarray(features, "float32")
            if features.ndim != 2 or len(features) != len(images):
                raise ValueError(
                    f"The extractor {self.name} returned the shape {features.shape} for "
                    f"{len(images)} images: expected ({len(images)}, size), one row for each. "
                    "Let a network end in global pooling or a dense layer."
                )
            yield features
