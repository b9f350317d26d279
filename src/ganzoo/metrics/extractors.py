"""What may be given as `extractor`: a name, a Keras model, or a callable."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np

from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.inception import inception
from ganzoo.metrics.judges import JUDGES, judge
from ganzoo.metrics.random_features import random_features
from ganzoo.names import choose

EXTRACTORS: Mapping[str, Callable[[], Extractor]] = {
    "inception": inception,
    "random": random_features,
    **{name: partial(judge, name) for name in JUDGES},
}
SUITED = {known.dataset: name for name, known in JUDGES.items()}
"""Datasets that have an extractor of their own."""

COUNTED = re.compile(r"_\d+$")  # Keras calls the second model of a process sequential_1


def get(extractor: Any) -> Extractor:
    """Return what makes the features.

    Args:
        extractor: `"inception"`, `"random"`, `"digits"` or `"fashion"`; an `Extractor`; a Keras
            model, which is called on float32 images from 0 to 255; or a callable, which gets uint8
            images. Both return features `(batch, size)`.

    Raises:
        ValueError: an unknown name.
        TypeError: something else.
    """
    if isinstance(extractor, Extractor):
        return extractor
    if isinstance(extractor, str):
        return choose("extractor", extractor, EXTRACTORS)()
    if isinstance(extractor, keras.Model):
        return Extractor(
            name=COUNTED.sub("", extractor.name),
            sha256=_digest(extractor),
            preparation="float32 from 0 to 255",
            features=lambda images: extractor.predict_on_batch(images.astype("float32")),
        )
    if callable(extractor):
        return Extractor(
            name=getattr(extractor, "__qualname__", type(extractor).__qualname__),
            sha256=None,
            preparation="uint8",
            features=lambda images: _array(extractor(images)),
        )
    raise TypeError(
        f"An extractor is one of {', '.join(map(repr, EXTRACTORS))}, a Keras model or a callable, "
        f"not {type(extractor).__name__}."
    )


def _digest(model: keras.Model) -> str | None:
    """Return the SHA-256 of a model's layers and weights; None where nobody knows its layers.

    Names that Keras counts up (`dense_1`, `dense_2`) become numbers of their own, so that the
    same model built once more has the same digest.
    """
    try:
        config = keras.saving.serialize_keras_object(model)
    except (NotImplementedError, TypeError):
        return None
    for unrelated in ("compile_config", "build_config"):
        config.pop(unrelated, None)
    text = json.dumps(config, sort_keys=True, default=repr)
    numbers: dict[str, int] = {}
    for name in re.findall(r'"name": "([^"]*)"', text):
        numbers.setdefault(name, len(numbers))
    text = re.sub(r'"([^"]*)"', lambda match: str(numbers.get(match[1], match[0])), text)
    digest = hashlib.sha256(text.encode())
    for weight in model.weights:
        values = keras.ops.convert_to_numpy(weight)
        digest.update(repr((values.shape, str(values.dtype))).encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def _array(features: Any) -> np.ndarray:
    if keras.ops.is_tensor(features):
        features = keras.ops.convert_to_numpy(features)
    return np.asarray(features, "float32")
