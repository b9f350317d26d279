"""What makes features of images, and what a protocol must say of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Extractor:
    """A network that makes features of images, with what a protocol must say of it.

    Args:
        name: what the protocol calls it.
        sha256: of its weights; None for a callable, whose weights nobody knows.
        preparation: how an image becomes the network's input, in words.
        features: from uint8 images `(n, height, width, channels)` to float32 `(n, size)`.
        probabilities: from such features to those of the classes, `(n, classes)`; None for a
            network that knows no classes.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import Extractor, evaluate

        def colours(images):
            return images.mean(axis=(1, 2), dtype="float32")

        real, fake = np.random.default_rng(0).integers(0, 256, (2, 64, 8, 8, 3), dtype="uint8")
        extractor = Extractor("colours", sha256=None, preparation="none", features=colours)
        print(evaluate(real, fake, extractor, metrics=["fid"]))
        ```
    """

    name: str
    sha256: str | None
    preparation: str
    features: Callable[[np.ndarray], np.ndarray]
    probabilities: Callable[[np.ndarray], np.ndarray] | None = None
