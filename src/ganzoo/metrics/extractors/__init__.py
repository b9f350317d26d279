"""What may be given as `extractor`: a name, a Keras model, or a callable."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import keras
import numpy as np

from ganzoo.metrics.extractors.classifiers import CLASSIFIERS, classifier
from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.extractors.inception import inception
from ganzoo.metrics.extractors.keras_extractor import from_keras
from ganzoo.metrics.extractors.random_features import random_features
from ganzoo.names import choose
from ganzoo.types import ImageShape

AnyExtractor: TypeAlias = str | Extractor | keras.Model | Callable[[np.ndarray], Any]
"""What `get` takes."""

EXTRACTORS: Mapping[str, Callable[[], Extractor]] = {
    "inception": inception,
    "random": random_features,
    **{name: partial(classifier, name) for name in CLASSIFIERS},
}
QUICK = ("objects", "random")
SUITED = {known.dataset: name for name, known in CLASSIFIERS.items()}
"""Datasets that have an extractor of their own."""


def quick(image_shape: ImageShape) -> str:
    """Return the name of the extractor that puts the epochs of a training in order, and is quick.

    Args:
        image_shape: of the images. A network that has seen objects tells those in colour apart;
            others are left to the untrained one.
    """
    in_colour, other = QUICK
    return in_colour if image_shape[-1] in (3, 4) else other


def get(extractor: AnyExtractor) -> Extractor:
    """Return what makes the features.

    Args:
        extractor: `"inception"`, `"random"`, `"digits"`, `"fashion"` or `"objects"`; an
            `Extractor`; a Keras model, which is called on float32 images from 0 to 255; or a
            callable, which gets uint8 images. Both return features `(batch, size)`.

    Raises:
        ValueError: an unknown name.
        TypeError: something else.
    """
    if isinstance(extractor, Extractor):
        return extractor
    if isinstance(extractor, str):
        return choose("extractor", extractor, EXTRACTORS)()
    if isinstance(extractor, keras.Model):
        return from_keras(extractor)
    if callable(extractor):
        name = getattr(extractor, "__qualname__", type(extractor).__qualname__)
        return Extractor(name, sha256=None, preparation="uint8", compute=extractor)
    raise TypeError(
        f"An extractor is one of {', '.join(map(repr, EXTRACTORS))}, a Keras model or a callable, "
        f"not {type(extractor).__name__}."
    )
