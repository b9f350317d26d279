"""Keras networks as extractors: safe in threads, compiled for few shapes, freed when unused."""

import hashlib
import json
import re
from collections.abc import Callable
from threading import Lock
from typing import Any

import keras
import numpy as np

from ganzoo import backends
from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.types import ImageShape

COUNTED = re.compile(r"_\d+$")  # Keras calls the second model of a process sequential_1


class CompiledNetwork:
    """A Keras network as a function of a batch of images.

    Keras compiles a network for each shape that it sees, and runs it in one thread only. So batches
    are topped up to the size of the largest before, and threads take turns.

    Args:
        build: from the shape of an image to a network. The last network alone is kept.
    """

    turn = Lock()  # of all networks: two of these may share layers

    def __init__(self, build: Callable[[ImageShape], keras.Model]) -> None:
        self._build = build
        self._network: keras.Model | None = None
        self._image_shape: tuple[int, ...] = ()
        self._batch_size = 0

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return what the network makes of a batch of images `(n, height, width, channels)`.

        Raises:
            ValueError: there is no image.
        """
        if not len(images):
            raise ValueError("There are no images to make features of.")
        with CompiledNetwork.turn:
            if self._network is None or self._image_shape != images.shape[1:]:
                with backends.current.alone():
                    self._network = self._build(images.shape[1:])
                self._image_shape, self._batch_size = images.shape[1:], 0
            self._batch_size = max(self._batch_size, len(images))
            repeated = images[np.arange(self._batch_size) % len(images)]
            with backends.current.alone(self._network):
                return self._network.predict_on_batch(repeated)[: len(images)]


def from_keras(model: keras.Model) -> Extractor:
    """Return an extractor that calls a Keras model on float32 images from 0 to 255."""
    network = CompiledNetwork(lambda image_shape: model)
    return Extractor(
        name=COUNTED.sub("", model.name),
        sha256=digest(model),
        preparation="float32 from 0 to 255",
        compute=lambda images: network(images.astype("float32")),
    )


def digest(model: keras.Model) -> str | None:
    """Return the SHA-256 of a model's layers and weights; None where nobody knows its layers."""
    try:
        config = keras.saving.serialize_keras_object(model)
    except (NotImplementedError, TypeError):
        return None
    for unrelated in ("compile_config", "build_config"):
        config.pop(unrelated, None)
    layers = json.dumps(_numbered(config, {}), sort_keys=True, default=repr)
    found = hashlib.sha256(layers.encode())
    for weight in model.weights:
        values = keras.ops.convert_to_numpy(weight)
        found.update(repr((values.shape, str(values.dtype))).encode())
        found.update(values.tobytes())
    return found.hexdigest()


def _numbered(config: Any, numbers: dict[str, int]) -> Any:
    """Return a config with numbers for names: Keras counts them up (`dense_1`, `dense_2`).

    So the same model built once more has the same config.

    Args:
        config: what Keras serialised.
        numbers: those of the names so far.
    """
    if isinstance(config, dict):
        if isinstance(name := config.get("name"), str):
            numbers.setdefault(name, len(numbers))
        return {key: _numbered(value, numbers) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return [_numbered(value, numbers) for value in config]
    if isinstance(config, str) and config in numbers:
        return {"name": numbers[config]}
    return config
