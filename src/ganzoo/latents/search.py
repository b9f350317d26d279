"""Descent, from latents at random, to those whose images are nearest to the ones wanted."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self

import keras
import numpy as np
from keras import ops

from ganzoo import backends
from ganzoo.gan.trainer import AdversarialModel
from ganzoo.training.averaging import average_of
from ganzoo.training.game import by_image
from ganzoo.types import Tensor

LEARNING_RATE = 0.2
TYPICAL = 0.003  # enough to keep latents about as long as they are drawn
SCOUTS = 5  # where classes are unknown, the first fifth of the steps goes to all of them
MOMENTS = 24  # of the search that are kept, for a film


class Wanted(NamedTuple):
    """What is searched for: images in [-1, 1], and how much each of their pixels counts.

    `images` are `(n, height, width, channels)`, `weights` `(n, height, width, 1)` with a mean of 1
    in each image; `labels` int32 `(n,)`, attributes `(n, attributes)`, or None where the class is
    to be found.
    """

    images: np.ndarray
    weights: np.ndarray
    labels: np.ndarray | None

    def joined(self) -> np.ndarray:
        """Return images with their weights as a further channel, which is how Keras gets both."""
        return np.concatenate([self.images, self.weights], axis=-1).astype(np.float32)


class Tries(NamedTuple):
    """Latents on their way to an image, several for each.

    `latents` are `(n, tries, latent_dim)`, `labels` `(n, tries)`, or attributes `(n, tries,
    attributes)`, `squares` their weighted mean square differences, `(n, tries)`, and `path` the
    latents at moments before, the start among them, `(moments, n, tries, latent_dim)`.
    """

    latents: np.ndarray
    labels: np.ndarray
    squares: np.ndarray
    path: np.ndarray

    def nearest(self, keep: int, typical: float) -> Self:
        """Return so many for each image, the nearest and most typical first."""
        rank = self.squares + typical * np.square(self.latents).mean(axis=-1)
        order = np.argsort(rank, axis=1)[:, :keep]
        rows = np.arange(len(order))[:, None]
        latents, labels, squares = (each[rows, order] for each in self[:3])
        return self._replace(
            latents=latents, labels=labels, squares=squares, path=self.path[:, rows, order]
        )

    def of(self, rows: np.ndarray) -> Self:
        """Return those of some of the images."""
        latents, labels, squares = (each[rows] for each in self[:3])
        return self._replace(
            latents=latents, labels=labels, squares=squares, path=self.path[:, rows]
        )


def search(
    model: AdversarialModel,
    wanted: Wanted,
    restarts: int,
    steps: int,
    seed: int,
    *,
    keep: int = 1,
    typical: float = TYPICAL,
    realism: float = 0.0,
    start: np.ndarray | None = None,
    batch_size: int = 16,
) -> Tries:
    """Find latents, and classes where they are not known, for each image by itself.

    Args:
        model: what draws.
        wanted: what is to be drawn.
        restarts: how many latents to begin with for each image and class.
        steps: how many steps to descend.
        seed: what the first latents are drawn from.
        keep: how many of them to return for each image, the nearest first.
        typical: weight of their mean square, which keeps them as short as they are drawn.
        realism: weight of the discriminator's opinion of what is drawn.
        start: latents `(n, latent_dim)` to begin with, beside those at random.
        batch_size: how many images are searched for at once.
    """
    tries = first_tries(model, wanted, restarts, seed, start)
    n, many = tries.squares.shape
    scouting = steps // SCOUTS if many > restarts else 0
    size = math.ceil(n / math.ceil(n / batch_size))
    stages = [(scouting, many, restarts), (steps - scouting, min(many, restarts), keep)]
    targets = wanted.joined()
    every = max(1, steps // MOMENTS)
    with backends.current.alone():
        descents = [
            (Descent(model, size * each, length, typical, realism), to)
            for length, each, to in stages
            if length
        ]
        found = []
        for first in range(0, n, size):
            rows = np.arange(first, min(first + size, n))
            full = np.resize(rows, size)  # the last batch, too: nothing is compiled anew
            part = tries.of(full)
            for descent, to in descents:
                part = descent.down(part, targets[full], every).nearest(to, typical)
            found.append(part.of(np.arange(len(rows))))
    return together(found)


def check_counts(**counts: int) -> None:
    """Refuse a number below 1."""
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1, not {count}.")


def first_tries(
    model: AdversarialModel, wanted: Wanted, restarts: int, seed: int, start: np.ndarray | None
) -> Tries:
    """Return latents at random: of a known class, or as many of each class."""
    n, labels = len(wanted.images), wanted.labels
    many = restarts * ((model.num_classes or 1) if labels is None else 1)
    random = np.random.Generator(np.random.PCG64(seed))
    latents = random.standard_normal((n, many, model.latent_dim), dtype=np.float32)
    if start is not None:
        latents[:, ::restarts] = start[:, None]
    numbers = np.tile(np.arange(many, dtype=np.int32) // restarts, (n, 1))  # class after class
    if labels is not None:
        numbers = np.repeat(labels[:, None], many, axis=1)
    return Tries(latents, numbers, np.zeros((n, many)), latents[None])


def together(parts: Sequence[Tries]) -> Tries:
    """Return the tries of all images."""
    latents, labels, squares, paths = zip(*parts, strict=True)
    path = np.concatenate(paths, axis=1)
    return Tries(np.concatenate(latents), np.concatenate(labels), np.concatenate(squares), path)


class Descent(keras.Model):
    """A model whose weights are latents; it draws their images, and training moves the latents."""

    def __init__(
        self, model: AdversarialModel, many: int, steps: int, typical: float, realism: float
    ) -> None:
        super().__init__(dtype="float32")
        with model.drawer.drawing(model):  # copies, which are not trained
            self.generator = average_of(model.drawing_generator)
            self.discriminator = average_of(model.discriminator) if realism else None
        self.conditional = model.conditional
        self.typical, self.realism, self.steps = typical, realism, steps
        self.latents = self.add_weight((many, model.latent_dim), name="latents")
        self.built = True
        adam = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps))
        adam.build([self.latents])
        # Keras adds up the distances of several devices, each of which draws all images.
        weight = 1.0 / backends.current.copies(self)
        self.compile(adam, Distance(reduction=None), loss_weights=weight)

    def call(self, labels: Tensor, training: bool = False) -> Tensor:
        latents = ops.convert_to_tensor(self.latents)
        self.add_loss(self.typical * ops.sum(ops.mean(ops.square(latents), axis=-1)))
        images = self.generator([latents, labels] if self.conditional else latents, training=False)
        if self.discriminator is not None:
            seen = [images, labels] if self.conditional else images
            judged = self.discriminator(seen, training=False)
            logits = by_image(judged[0] if isinstance(judged, list | tuple) else judged)
            self.add_loss(self.realism * ops.sum(ops.softplus(-ops.cast(logits, "float32"))))
        return images

    def down(self, tries: Tries, targets: np.ndarray, every: int) -> Tries:
        """Descend from all latents of each image, and note every so many steps where they are."""
        n, many, size = tries.latents.shape
        self.latents.assign(tries.latents.reshape(-1, size))
        for variable in self.optimizer.variables:  # what it knows of the batch before
            variable.assign(np.zeros(variable.shape, variable.dtype))
        labels = tries.labels.reshape(n * many, *tries.labels.shape[2:])
        path = list(tries.path)
        targets = np.repeat(targets, many, axis=0)
        for step in range(1, self.steps + 1):
            self.train_on_batch(labels, targets)
            if step % every == 0 or step == self.steps:
                path.append(np.array(ops.convert_to_numpy(self.latents)).reshape(n, many, size))
        drawn = ops.convert_to_numpy(self.predict_on_batch(labels))
        drawn = drawn[: n * many]  # each of several devices has drawn them all
        squares = weighted_squares(targets, drawn).reshape(n, many)
        return Tries(path[-1], tries.labels, squares, np.stack(path))


def weighted_squares(targets: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return the mean square difference of each image, where the last channel is the weight."""
    squares: np.ndarray = np.square(targets[..., :-1] - drawn) * targets[..., -1:]
    return squares.mean(axis=(1, 2, 3))


class Distance(keras.losses.Loss):
    """The weighted mean square difference of each image, summed: each descends on its own."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        squares = ops.square(y_true[..., :-1] - y_pred) * y_true[..., -1:]
        return ops.sum(ops.mean(squares, axis=(1, 2, 3)))
