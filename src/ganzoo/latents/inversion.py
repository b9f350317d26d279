"""From an image back to the latent that it could have been drawn from."""

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from ganzoo import backends
from ganzoo.datasets.checks import Checked
from ganzoo.gan.trainer import AdversarialModel
from ganzoo.training.averaging import average_of
from ganzoo.types import Tensor

LEARNING_RATE = 0.2
PRIOR = 0.003  # weight of the mean square: keeps latents about as long as they are drawn
SCOUTS = 5  # where classes are unknown, the first fifth of the steps goes to all of them


class Inversion(NamedTuple):
    """What `invert` has found for each image.

    Attributes:
        latents: float32 `(n, latent_dim)`.
        labels: int32 `(n,)`, or attributes `(n, attributes)`; None for an unconditional model.
        errors: the root mean square difference from the image, in grey levels of 255, `(n,)`.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN.from_preset("mnist")
        found = ganzoo.latents.invert(gan, gan.generate(1, labels=7, seed=0), steps=20)
        again = gan.draw(found.latents, found.labels)
        ```
    """

    latents: np.ndarray
    labels: np.ndarray | None
    errors: np.ndarray


def invert(
    model: AdversarialModel,
    images: Any,
    labels: Any = None,
    restarts: int = 4,
    steps: int = 300,
    seed: int = 0,
) -> Inversion:
    """Find latents, and classes, whose images are as near as possible to the ones given.

    Gradient descent (Adam) on the mean square difference, from several latents at random; the
    nearest counts. A model draws what it has learned: other images come back as what it has most
    like them.

    Args:
        model: a model of any family.
        images: in [0, 255], uint8 or float, `(n, height, width, channels)` as the model draws them.
            All are searched for at once, so give a few dozen at most.
        labels: integers `(n,)`, the class of each image, for a conditional model; by default the
            class is found, too. For a model of attributes, vectors `(n, attributes)`.
        restarts: how many latents to begin with for each image.
        steps: how many steps to descend.
        seed: what the first latents are drawn from.

    Returns:
        An `Inversion`: latents, labels and errors.

    Raises:
        ValueError: images of another shape or range than the model's, labels that it lacks, or
            none for a model of attributes.
        TypeError: images of a dtype that cannot hold them.
        RuntimeError: another thread is training the model.

    Reference:
        [Creswell and Bharath, 2016](https://arxiv.org/abs/1611.05644);
        [Lipton and Tripathi, 2017](https://arxiv.org/abs/1702.04782).

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN.from_preset("mnist")
        sevens = gan.generate(2, labels=7, seed=0)
        found = ganzoo.latents.invert(gan, sevens, labels=[7, 7], steps=20)
        between = ganzoo.latents.interpolate(*found.latents)
        ```
    """
    if min(restarts, steps) < 1:
        raise ValueError(f"restarts and steps must be at least 1, not {restarts} and {steps}.")
    known = labels is not None
    if model.attributes and not known:
        raise ValueError(
            f"Say which attributes the images have ({', '.join(model.attributes)}): give labels, a "
            f"vector of {len(model.attributes)} numbers for each image."
        )
    asked = (model.num_classes, None, model.attributes) if known else (None,)
    images, labels, _ = Checked(model.image_shape, *asked).arrays(images, labels)
    targets = images / np.float32(127.5) - 1
    n, classes = len(targets), model.num_classes
    tries = restarts * (classes if classes and not known else 1)
    random = np.random.Generator(np.random.PCG64(seed))
    latents = random.standard_normal((n, tries, model.latent_dim), dtype=np.float32)
    numbers = np.tile(np.arange(tries, dtype=np.int32) // restarts, (n, 1))  # a class after another
    if known:
        numbers = np.repeat(labels[:, None], tries, axis=1)
    scouting = steps // SCOUTS if tries > restarts else 0
    with backends.current.alone():
        if scouting:
            latents, numbers, _ = nearest(model, targets, latents, numbers, scouting, restarts)
        latents, numbers, errors = nearest(model, targets, latents, numbers, steps - scouting, 1)
    return Inversion(latents[:, 0], numbers[:, 0] if model.conditional else None, errors[:, 0])


def nearest(
    model: AdversarialModel,
    targets: np.ndarray,
    latents: np.ndarray,
    labels: np.ndarray,
    steps: int,
    keep: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Descend from all latents of each image, and keep those that came nearest to it.

    Args:
        model: what draws.
        targets: images in [-1, 1], `(n, height, width, channels)`.
        latents: `(n, tries, latent_dim)`.
        labels: `(n, tries)`, or `(n, tries, attributes)`; not looked at for an unconditional model.
        steps: how many steps.
        keep: how many of the tries.

    Returns:
        Latents, labels and errors of those kept, the nearest first.
    """
    n, tries, size = latents.shape
    descent = Descent(model, latents.reshape(n * tries, size))
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    # Keras adds up the distances of several devices, each of which draws all images.
    weight = 1.0 / backends.current.copies(descent)
    descent.compile(keras.optimizers.Adam(rate), Distance(reduction=None), loss_weights=weight)
    wanted, asked = np.repeat(targets, tries, axis=0), labels.reshape(n * tries, *labels.shape[2:])
    for _ in range(steps):
        descent.train_on_batch(asked, wanted)
    drawn = ops.convert_to_numpy(descent.predict_on_batch(asked))
    drawn = drawn[: n * tries]  # each of several devices has drawn them all
    squares = np.square(drawn - wanted).mean(axis=(1, 2, 3)).reshape(n, tries)
    order = np.argsort(squares, axis=1)[:, :keep]
    latents = ops.convert_to_numpy(descent.latents).reshape(n, tries, size)
    latents, labels, squares = (
        each[np.arange(n)[:, None], order] for each in (latents, labels, squares)
    )
    return latents, labels, np.sqrt(squares) * 127.5


class Descent(keras.Model):
    """A model whose weights are latents; it draws their images, and `fit` moves the latents."""

    def __init__(self, model: AdversarialModel, latents: np.ndarray) -> None:
        super().__init__(dtype="float32")
        with model.drawer.drawing(model):
            self.generator = average_of(model.drawing_generator)  # not trained
        self.conditional = model.conditional
        self.latents = self.add_weight(latents.shape, name="latents")
        self.latents.assign(latents)
        self.built = True

    def call(self, labels: Tensor, training: bool = False) -> Tensor:
        latents = ops.convert_to_tensor(self.latents)
        self.add_loss(PRIOR * ops.sum(ops.mean(ops.square(latents), axis=-1)))
        return self.generator([latents, labels] if self.conditional else latents, training=False)


class Distance(keras.losses.Loss):
    """The mean square difference of each image, summed: each descends on its own."""

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ops.sum(ops.mean(ops.square(y_true - y_pred), axis=(1, 2, 3)))
