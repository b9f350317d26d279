"""What the page can draw, without a word about how it is shown."""

from collections.abc import Sequence
from threading import RLock
from typing import Any

import numpy as np
from PIL import Image

import ganzoo
from ganzoo.latents import directions, interpolate
from ganzoo.pictures import image_grid

SIDE = 600  # pixels that a picture is about wide
IN_TURN = "each in turn"
DIRECTIONS = 6


class Studio:
    """Models by name, loaded when they are first asked for.

    Args:
        models: presets as `ganzoo.from_preset` takes them: names, folders of runs, handles.

    Example:
        ```python
        from ganzoo.demo.studio import Studio

        Studio(["mnist"]).grid("mnist", seed=7, count=16, label="3").save("threes.png")
        ```
    """

    def __init__(self, models: Sequence[str]) -> None:
        self.models = list(models)
        self._loaded: dict[str, ganzoo.GAN] = {}
        self._alone = RLock()  # Keras on JAX cannot predict in two threads at once

    def gan(self, model: str) -> ganzoo.GAN:
        """Return one of the models; visitors of a page can ask for no other."""
        if model not in self.models:
            raise ValueError(f"This page has no model {model!r}: choose of {self.models}.")
        with self._alone:
            if model not in self._loaded:
                self._loaded[model] = ganzoo.from_preset(model, compile=False)
            return self._loaded[model]

    def labels(self, model: str) -> list[str]:
        """Return what one can ask the model for; nothing if it has no classes."""
        gan = self.gan(model)
        if not gan.num_classes:
            return []
        names = gan.class_names or [str(number) for number in range(gan.num_classes)]
        return [IN_TURN, *names]

    def grid(self, model: str, seed: int, count: int, label: str) -> Image.Image:
        """Draw the first images of a seed."""
        gan = self.gan(model)
        latents, labels = self._latents(gan, seed, count), self._numbers(gan, count, label)
        images = self._drawn(gan, latents, labels)
        columns = 10 if gan.num_classes and label == IN_TURN else None
        return enlarged(images, columns)

    def varied(
        self, model: str, seed: int, number: int, label: str, amounts: Sequence[float]
    ) -> Image.Image:
        """Draw one image of a seed, gone some way along the directions that change most."""
        gan = self.gan(model)
        latent = self._latents(gan, seed, number)[-1]
        with self._alone:
            ways = directions(gan, min(DIRECTIONS, gan.latent_dim))
        latent = latent + np.asarray(amounts[: len(ways)], np.float32) @ ways
        numbers = self._numbers(gan, number, label)
        numbers = None if numbers is None else numbers[-1:]
        return enlarged(self._drawn(gan, latent[None], numbers))

    def between(
        self, model: str, seed: int, first: int, last: int, label: str, steps: int = 9
    ) -> Image.Image:
        """Draw the way from one image of a seed to another, row by row."""
        gan = self.gan(model)
        count = max(first, last)
        latents = self._latents(gan, seed, count)
        numbers = self._numbers(gan, count, label)
        way = interpolate(latents[first - 1], latents[last - 1], steps)
        numbers = None if numbers is None else numbers[first - 1]
        return enlarged(self._drawn(gan, way, numbers), 3)

    def _drawn(self, gan: ganzoo.GAN, latents: np.ndarray, labels: Any) -> np.ndarray:
        with self._alone:
            return gan.draw(latents, labels)

    def _latents(self, gan: ganzoo.GAN, seed: int, count: int) -> np.ndarray:
        """Return those that `generate` draws the first images of a seed from."""
        random = np.random.Generator(np.random.PCG64(seed))
        return random.standard_normal((count, gan.latent_dim), dtype=np.float32)

    def _numbers(self, gan: ganzoo.GAN, count: int, label: str) -> np.ndarray | None:
        if not gan.num_classes:
            return None
        if label == IN_TURN:
            return np.arange(count) % gan.num_classes
        names = gan.class_names or [str(number) for number in range(gan.num_classes)]
        if label not in names:
            raise ValueError(f"This model has no class {label!r}: choose of {names}.")
        return np.full(count, names.index(label))


def enlarged(images: np.ndarray, columns: int | None = None) -> Image.Image:
    """Return a grid in which one can count the pixels."""
    columns = columns or max(1, int(np.ceil(np.sqrt(len(images)))))
    return image_grid(images, columns, scale=max(1, SIDE // (columns * images.shape[2])))
