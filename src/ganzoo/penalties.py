"""Penalties: what the discriminator minimises beside its loss, to stay smooth.

With `D` the discriminator's logits, `x` the real and `y` the generated images as it sees them, and
`|g(i)|` the length of the gradient of `D(i)` with respect to one image `i`, all its values in one
vector. Where a discriminator judges many places of an image, `D(i)` is the mean over them. A
discriminator with batch norm judges an image by its batch as well, and so does its gradient: the
papers of `R1`, `R2`, `GradientPenalty` and `Dragan` use networks without it
(`discriminator_norm=None`). Weights of images count in the loss alone.

Penalties belong to the training: `fit` counts them in `discriminator_loss`, `evaluate` and
validation do not, so that `val_discriminator_loss` is the loss alone.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from ganzoo import backends, draws
from ganzoo.schedules import Scheduled
from ganzoo.types import Tensor

__all__ = ["R1", "R2", "Dragan", "GradientPenalty", "Judged", "LeCam", "Penalty"]


class Judged(NamedTuple):
    """What a penalty is computed from.

    `real` and `fake` are images in about [-1, 1], `(batch, height, width, channels)`, augmented if
    `compile` was asked for it; `real_logits` and `fake_logits` the discriminator's, `(batch,)` or
    `(batch, ...)`. `gradients(images)` returns those of the sum of the images' logits, in the
    images' shape, for a batch of the same size, whose labels are the real images'; `random` is the
    seed to draw random numbers with. `real_features` and `fake_features` are what the
    discriminator returns beside its logits, in most families nothing.

    Example:
        ```python
        import ganzoo
        import keras

        def term(judged: ganzoo.penalties.Judged):
            return keras.ops.mean(judged.gradients(judged.fake) ** 2)
        ```
    """

    real: Tensor
    fake: Tensor
    real_logits: Tensor
    fake_logits: Tensor
    gradients: Callable[[Tensor], Tensor]
    random: keras.random.SeedGenerator
    real_features: Sequence[Tensor] = ()
    fake_features: Sequence[Tensor] = ()


class Penalty(keras.layers.Layer):
    """A term of the discriminator's loss; subclass it to write your own.

    It is a Keras layer, so that variables that it makes are saved with the model; the trainable
    ones among them learn with the discriminator.

    Args:
        weight: what the term is multiplied by: a number above 0, or a schedule of the rounds
            played, a `keras.optimizers.schedules.LearningRateSchedule`.

    Raises:
        ValueError: the weight is not above 0.

    Example:
        ```python
        import ganzoo
        import keras

        @keras.saving.register_keras_serializable("my_package")
        class SmallLogits(ganzoo.penalties.Penalty):
            def term(self, judged): return keras.ops.mean(judged.real_logits ** 2)

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(penalties=[SmallLogits(weight=0.001)])
        ```
    """

    every = 1
    """In which rounds the term counts: one of so many, and there so many times as much."""

    def __init__(self, weight: Scheduled, **options: Any) -> None:
        super().__init__(**options)
        if not isinstance(weight, LearningRateSchedule) and not (
            isinstance(weight, int | float) and weight > 0.0
        ):
            raise ValueError(f"A penalty's weight must be above 0, not {weight!r}.")
        self.weight = weight
        self.built = True

    def term(self, judged: Judged) -> Tensor:
        """Return the term without its weight, a scalar."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, so that the penalty is saved with the model."""
        return {"name": self.name, "weight": keras.saving.serialize_keras_object(self.weight)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Build it again from `get_config()`."""
        return cls(**keras.saving.deserialize_keras_object(config))


class Flatness(Penalty):
    """What `R1` and `R2` share: they may count in some rounds only."""

    def __init__(self, weight: Scheduled = 10.0, every: int = 1, **options: Any) -> None:
        super().__init__(weight, **options)
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be a whole number of rounds from 1, not {every!r}.")
        self.every = every

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"every": self.every}


@keras.saving.register_keras_serializable("ganzoo")
class R1(Flatness):
    """A discriminator that is flat at real images: `mean(|g(x)|^2) / 2`.

    Args:
        weight: the paper's gamma.
        every: 1, or more to save time: the penalty then counts in one of so many rounds, so many
            times as much. What the discriminator notes of its images, as batch norm does, leaves
            that second look out.

    Raises:
        ValueError: the weight is not above 0, or `every` is no whole number from 1.

    Reference:
        [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), equation 9;
        [Karras et al., 2020](https://arxiv.org/abs/1912.04958), section 3.1, for doing it lazily.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1), discriminator_norm=None)
        gan.compile(penalties=[ganzoo.penalties.R1()])
        ```
    """

    def term(self, judged: Judged) -> Tensor:
        return ops.mean(squared_lengths(judged.gradients(judged.real))) / 2.0


@keras.saving.register_keras_serializable("ganzoo")
class R2(Flatness):
    """A discriminator that is flat at generated images: `mean(|g(y)|^2) / 2`.

    Args:
        weight: the paper's gamma.
        every: as of `R1`.

    Raises:
        ValueError: the weight is not above 0, or `every` is no whole number from 1.

    Reference:
        [Mescheder et al., 2018](https://arxiv.org/abs/1801.04406), equation 10;
        [Huang et al., 2024](https://arxiv.org/abs/2501.05441), for both at once.

    Example:
        ```python
        import ganzoo
        from ganzoo.penalties import R1, R2

        gan = ganzoo.DCGAN((28, 28, 1), discriminator_norm=None)
        gan.compile(loss="relativistic", penalties=[R1(0.5), R2(0.5)])
        ```
    """

    def term(self, judged: Judged) -> Tensor:
        return ops.mean(squared_lengths(judged.gradients(judged.fake))) / 2.0


@keras.saving.register_keras_serializable("ganzoo")
class GradientPenalty(Penalty):
    """A slope of 1 between real and generated images (WGAN-GP): `mean((|g(i)| - 1)^2)`.

    `i = u x + (1 - u) y` with `u` uniform in [0, 1], one number for each pair of images.

    Args:
        weight: the paper's lambda.

    Reference:
        [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), algorithm 1.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1), discriminator_norm=None)
        gan.compile(loss="wasserstein", penalties=[ganzoo.penalties.GradientPenalty()])
        ```
    """

    def __init__(self, weight: Scheduled = 10.0, **options: Any) -> None:
        super().__init__(weight, **options)

    def term(self, judged: Judged) -> Tensor:
        share = draws.one_each(judged.real, judged.random)
        between = share * judged.real + (1.0 - share) * judged.fake
        return ops.mean(ops.square(lengths(judged.gradients(between)) - 1.0))


@keras.saving.register_keras_serializable("ganzoo")
class Dragan(Penalty):
    """A slope of 1 around real images (DRAGAN): `mean((|g(x + d)| - 1)^2)`.

    `d = v u s` with `s` half of the standard deviation of the batch's values, `u` uniform in [0, 1]
    for each value of the images and `v` for each image, as in the authors' code.

    Args:
        weight: the paper's lambda.

    Reference:
        [Kodali et al., 2017](https://arxiv.org/abs/1705.07215).

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1), discriminator_norm=None)
        gan.compile(penalties=[ganzoo.penalties.Dragan()])
        ```
    """

    def __init__(self, weight: Scheduled = 10.0, **options: Any) -> None:
        super().__init__(weight, **options)

    def term(self, judged: Judged) -> Tensor:
        real = judged.real
        share = draws.one_each(real, judged.random)
        noise = draws.uniform(ops.shape(real), judged.random, dtype=real.dtype)
        around = real + share * noise * (deviation(real) / 2.0)
        return ops.mean(ops.square(lengths(judged.gradients(around)) - 1.0))


@keras.saving.register_keras_serializable("ganzoo")
class LeCam(Penalty):
    """Logits that stay near past averages, for few images: `mean((D(x) - b)^2 + (D(y) - a)^2)`.

    `a` and `b` are exponential moving averages of the mean logits of real and generated images,
    from 0 on and before this update; real images are held near the generated ones' average and
    the other way round.

    Args:
        weight: the paper's lambda.
        decay: of the averages.

    Reference:
        [Tseng et al., 2021](https://arxiv.org/abs/2104.03310), equation 4.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss="hinge", penalties=[ganzoo.penalties.LeCam()])
        ```
    """

    def __init__(self, weight: Scheduled = 0.3, decay: float = 0.99, **options: Any) -> None:
        super().__init__(weight, **options)
        if not 0.0 <= decay < 1.0:
            raise ValueError(f"decay must be at least 0 and below 1, not {decay!r}.")
        self.decay = decay
        # Half precision would never move: a step is a hundredth of the way.
        kind: dict[str, Any] = {"shape": (), "dtype": "float32", "trainable": False}
        self.real_average = self.add_weight(initializer="zeros", name="real_average", **kind)
        self.fake_average = self.add_weight(initializer="zeros", name="fake_average", **kind)

    def term(self, judged: Judged) -> Tensor:
        real_logits, fake_logits = judged.real_logits, judged.fake_logits
        real_average = ops.cast(self.real_average + 0.0, real_logits.dtype)
        fake_average = ops.cast(self.fake_average + 0.0, fake_logits.dtype)
        for average, logits in (
            (self.real_average, real_logits),
            (self.fake_average, fake_logits),
        ):
            now = backends.current.mean_over_replicas(ops.stop_gradient(ops.mean(logits)))
            now = ops.cast(now, average.dtype)
            average.assign(average * self.decay + now * (1.0 - self.decay))
        return ops.mean(
            ops.square(real_logits - fake_average) + ops.square(fake_logits - real_average)
        )

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"decay": self.decay}


def deviation(images: Tensor) -> Tensor:
    """Return the standard deviation of all values of a batch, whichever replicas share it."""
    together = backends.current.mean_over_replicas
    mean = together(ops.mean(images))
    return ops.sqrt(together(ops.mean(ops.square(images - mean))))


def squared_lengths(gradients: Tensor) -> Tensor:
    """Return each image's, shape `(batch,)`."""
    return ops.sum(ops.square(gradients), axis=[1, 2, 3])


def lengths(gradients: Tensor) -> Tensor:
    """Return each image's, shape `(batch,)`; with a finite slope at 0."""
    return ops.sqrt(squared_lengths(gradients) + 1e-12)
