"""What makes features of images, and what a protocol must say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import RLock

import numpy as np

Features = Callable[[np.ndarray], np.ndarray]

_alone = RLock()  # extractors of one kind share a network, and Keras runs that in one thread only


@dataclass(frozen=True)
class Extractor:
    """A network that makes features of images, with what a protocol must say of it.

    Threads that ask for features take turns.

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
    features: Features
    probabilities: Features | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", in_turn(self.features))  # the class is frozen


def in_turn(function: Features) -> Features:
    """Return a function that one thread runs at a time."""

    @wraps(function)
    def alone(images: np.ndarray) -> np.ndarray:
        with _alone:
            return function(images)

    return alone
