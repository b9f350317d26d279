"""What the page can draw, without a word about how it is shown."""

from collections.abc import Sequence
from threading import Lock

import numpy as np
from PIL import Image

import ganzoo
from ganzoo.latents import directions, interpolate
from ganzoo.pictures import image_grid

SIDE = 600  # pixels that a picture is about wide
IN_TURN = "each in turn"
DIRECTIONS = 6
MOST_SEED = 2**31 - 1
MOST_IMAGES = 100

Number = float | None
"""What a field of the page holds; None where it was emptied."""


class Studio:
    """Models by name, loaded when they are first asked for. Any number of threads may ask.

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
        self._loading = Lock()  # one model, however many visitors come first

    def gan(self, model: str) -> ganzoo.GAN:
        """Return one of the models; visitors of a page can ask for no other."""
        if model not in self.models:
            raise ValueError(f"This page has no model {model!r}: choose of {self.models}.")
        with self._loading:
            if model not in self._loaded:
                self._loaded[model] = ganzoo.from_preset(model, compile=False)
            return self._loaded[model]

    def labels(self, model: str) -> list[str]:
        """Return what one can ask the model for: classes, or attributes alone; or nothing."""
        gan = self.gan(model)
        return [IN_TURN, *class_names(gan)] if gan.conditional else []

    def grid(self, model: str, seed: Number, count: Number, label: str) -> Image.Image:
        """Draw the first images of a seed."""
        gan, n = self.gan(model), place(count)
        images = gan.draw(gan.latents(n, whole_seed(seed)), asked(gan, n, label))
        columns = (gan.turns if gan.attributes else 10) if gan.conditional else None
        columns = columns if label == IN_TURN else None
        return enlarged(images, columns)

    def varied(
        self, model: str, seed: Number, number: Number, label: str, amounts: Sequence[Number]
    ) -> Image.Image:
        """Draw one image of a seed, gone some way along the directions that change most."""
        gan, n = self.gan(model), place(number)
        ways = directions(gan, min(DIRECTIONS, gan.latent_dim))
        far = np.array([amount or 0 for amount in amounts[: len(ways)]], np.float32)
        latent = gan.latents(n, whole_seed(seed))[-1:] + far @ ways
        labels = asked(gan, n, label)
        return enlarged(gan.draw(latent, None if labels is None else labels[-1:]))

    def between(
        self, model: str, seed: Number, first: Number, last: Number, label: str, steps: int = 9
    ) -> Image.Image:
        """Draw the way from one image of a seed to another, row by row."""
        gan, begin, end = self.gan(model), place(first), place(last)
        n = max(begin, end)
        latents, labels = gan.latents(n, whole_seed(seed)), asked(gan, n, label)
        way = interpolate(latents[begin - 1], latents[end - 1], steps)
        return enlarged(gan.draw(way, None if labels is None else labels[begin - 1]), 3)


def whole_seed(number: Number) -> int:
    """Return a seed; an emptied field counts as 0."""
    return int(min(max(number or 0, 0), MOST_SEED))


def place(number: Number) -> int:
    """Return how many images of a seed, or the number of one; there is always a first."""
    return int(min(max(number or 0, 1), MOST_IMAGES))


def class_names(gan: ganzoo.GAN) -> list[str]:
    """Return what the page calls a model's classes or attributes."""
    return list(gan.attributes or gan.class_names or map(str, range(gan.num_classes or 0)))


def asked(gan: ganzoo.GAN, n: int, label: str) -> np.ndarray | None:
    """Return what the first images of a seed are asked for; None for a model without labels."""
    if label == IN_TURN or not gan.conditional:
        return gan.labels(n)
    names = class_names(gan)
    if label not in names:
        raise ValueError(f"This model has no class {label!r}: choose of {names}.")
    return gan.labels(n, {label: 1} if gan.attributes else names.index(label))


def enlarged(images: np.ndarray, columns: int | None = None) -> Image.Image:
    """Return a grid in which one can count the pixels."""
    columns = columns or max(1, int(np.ceil(np.sqrt(len(images)))))
    return image_grid(images, columns, scale=max(1, SIDE // (columns * images.shape[2])))
