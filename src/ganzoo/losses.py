"""Adversarial losses: what the discriminator and the generator minimise.

A loss sees pairs: `real` are the discriminator's logits of real images `x`, `fake` those of as many
generated images `G(z)`, pair by pair of the same class. Each function returns a value for each
pair, and what is minimised is their mean. Logits are float, `(batch,)`; of a discriminator that
judges many places of an image, `(batch, ...)`, and the image counts by the mean over them.

Weights of images (`sample_weight`, `class_weight`) are those of the real ones. In a loss of one
logit they multiply the real images' share of the discriminator's loss, and nothing else; in a
paired loss, a pair weighs for both networks what its real image weighs.
"""

from typing import Any

import keras
from keras import ops

from ganzoo.names import choose
from ganzoo.types import Tensor

__all__ = [
    "AdversarialLoss",
    "Hinge",
    "LeastSquares",
    "NonSaturating",
    "PointwiseLoss",
    "Relativistic",
    "Wasserstein",
    "get",
]


class AdversarialLoss:
    """Two functions of the logits of pairs; subclass it to write your own loss.

    A loss that looks at real and generated images apart is a `PointwiseLoss`.

    Attributes:
        paired: whether `generator` looks at the logits of real images. If not, it gets None, and
            no real image is judged for it.

    Example:
        ```python
        import ganzoo
        import keras

        @keras.saving.register_keras_serializable("my_package")
        class RelativisticLeastSquares(ganzoo.losses.AdversarialLoss):
            def discriminator(self, real, fake): return (real - fake - 1) ** 2
            def generator(self, fake, real): return (fake - real - 1) ** 2

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss=RelativisticLeastSquares())
        ```
    """

    paired = True

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the discriminator's loss of each pair, in the logits' shape."""
        raise NotImplementedError

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return the generator's loss of each pair, in the logits' shape."""
        raise NotImplementedError

    def weighted(self, real: Tensor, fake: Tensor, weight: Tensor) -> Tensor:
        """Return the discriminator's loss of each pair, whose real image has a weight."""
        return self.discriminator(real, fake) * weight

    def score(self, logits: Tensor) -> Tensor:
        """Return how real the images look to the discriminator, for the progress bar."""
        return ops.sigmoid(logits)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, so that the loss is saved with the model."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "AdversarialLoss":
        """Build the loss again from `get_config()`."""
        return cls(**config)


class PointwiseLoss(AdversarialLoss):
    """Three functions of one logit; subclass it, or a loss below, to write your own.

    The discriminator minimises `mean(real_loss(D(x))) + mean(fake_loss(D(G(z))))`, the generator
    `mean(generator_loss(D(G(z))))`.

    Example:
        ```python
        import ganzoo
        import keras

        @keras.saving.register_keras_serializable("my_package")
        class Saturating(ganzoo.losses.NonSaturating):
            def generator_loss(self, logits): return -keras.ops.softplus(logits)

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss=Saturating())
        ```
    """

    paired = False

    def real_loss(self, logits: Tensor) -> Tensor:
        """Return the discriminator's loss on real images, in the logits' shape."""
        raise NotImplementedError

    def fake_loss(self, logits: Tensor) -> Tensor:
        """Return the discriminator's loss on generated images, in the logits' shape."""
        raise NotImplementedError

    def generator_loss(self, logits: Tensor) -> Tensor:
        """Return the generator's loss on generated images, in the logits' shape."""
        raise NotImplementedError

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return self.real_loss(real) + self.fake_loss(fake)

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return self.generator_loss(fake)

    def weighted(self, real: Tensor, fake: Tensor, weight: Tensor) -> Tensor:
        return self.real_loss(real) * weight + self.fake_loss(fake)


@keras.saving.register_keras_serializable("ganzoo")
class NonSaturating(PointwiseLoss):
    """The non-saturating loss: binary cross-entropy, with flipped labels for the generator.

    With `s` the sigmoid and `t` the real images' target: `real_loss = -t log s(D(x)) - (1 - t)
    log(1 - s(D(x)))`, `fake_loss = -log(1 - s(D(G(z))))`, `generator_loss = -log s(D(G(z)))`.

    Args:
        real_target: 1, or less for one-sided label smoothing, e.g. 0.9.

    Raises:
        ValueError: `real_target` is not above 0.5 and at most 1.

    Reference:
        [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), section 3;
        [Salimans et al., 2016](https://arxiv.org/abs/1606.03498), section 3.4, for the smoothing.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss=ganzoo.losses.NonSaturating(real_target=0.9))
        ```
    """

    def __init__(self, real_target: float = 1.0) -> None:
        if not 0.5 < real_target <= 1.0:
            raise ValueError(f"real_target must be above 0.5 and at most 1, not {real_target!r}.")
        self.real_target = real_target

    def get_config(self) -> dict[str, Any]:
        return {"real_target": self.real_target}

    def real_loss(self, logits: Tensor) -> Tensor:
        return ops.softplus(-logits) + (1.0 - self.real_target) * logits

    def fake_loss(self, logits: Tensor) -> Tensor:
        return ops.softplus(logits)

    def generator_loss(self, logits: Tensor) -> Tensor:
        return ops.softplus(-logits)


@keras.saving.register_keras_serializable("ganzoo")
class LeastSquares(PointwiseLoss):
    """The least-squares loss (LSGAN) with targets 1 for real and 0 for fake.

    `real_loss = (D(x) - 1)^2 / 2`, `fake_loss = D(G(z))^2 / 2`,
    `generator_loss = (D(G(z)) - 1)^2 / 2`. The score is the logit itself.

    Reference:
        [Mao et al., 2017](https://arxiv.org/abs/1611.04076), equation 9.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss="least_squares")
        ```
    """

    def real_loss(self, logits: Tensor) -> Tensor:
        return ops.square(logits - 1.0) / 2.0

    def fake_loss(self, logits: Tensor) -> Tensor:
        return ops.square(logits) / 2.0

    def generator_loss(self, logits: Tensor) -> Tensor:
        return ops.square(logits - 1.0) / 2.0

    def score(self, logits: Tensor) -> Tensor:
        return logits


@keras.saving.register_keras_serializable("ganzoo")
class Hinge(PointwiseLoss):
    """The hinge loss.

    `real_loss = max(0, 1 - D(x))`, `fake_loss = max(0, 1 + D(G(z)))`, `generator_loss = -D(G(z))`.

    Args:
        spread: 0, or up to 1: the margin 1 is then any number from `1 - spread` to 1, and the loss
            the mean over them: it bends where it would have a corner. Liu et al. draw a margin for
            each logit: 0.2 is what that comes to on average.

    Raises:
        ValueError: `spread` is not from 0 to 1.

    Reference:
        [Lim and Ye, 2017](https://arxiv.org/abs/1705.02894);
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), equations 16 and 17;
        [Liu et al., 2021](https://arxiv.org/abs/2101.04775), for the margins.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss="hinge")
        ```
    """

    def __init__(self, spread: float = 0.0) -> None:
        if not 0.0 <= spread <= 1.0:
            raise ValueError(f"spread must be from 0 to 1, not {spread!r}.")
        self.spread = spread

    def get_config(self) -> dict[str, Any]:
        return {"spread": self.spread}

    def real_loss(self, logits: Tensor) -> Tensor:
        if not self.spread:
            return ops.relu(1.0 - logits)
        # Of the margins, those above the logit count, the mean of (margin - logit).
        lowest = 1.0 - self.spread
        above = ops.square(ops.clip(1.0 - logits, 0.0, self.spread)) / (2.0 * self.spread)
        return above + ops.relu(lowest - logits)

    def fake_loss(self, logits: Tensor) -> Tensor:
        return self.real_loss(-logits)

    def generator_loss(self, logits: Tensor) -> Tensor:
        return -logits


@keras.saving.register_keras_serializable("ganzoo")
class Wasserstein(PointwiseLoss):
    """The Wasserstein loss (WGAN); the discriminator, here a critic, needs a penalty beside it.

    `real_loss = -D(x)`, `fake_loss = D(G(z))`, `generator_loss = -D(G(z))`. The score is the logit
    itself.

    Reference:
        [Arjovsky et al., 2017](https://arxiv.org/abs/1701.07875), equation 2;
        [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), for the penalty and for a critic
        without batch norm.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1), discriminator_norm=None)
        gan.compile(loss="wasserstein", penalties=[ganzoo.penalties.GradientPenalty()])
        ```
    """

    def real_loss(self, logits: Tensor) -> Tensor:
        return -logits

    def fake_loss(self, logits: Tensor) -> Tensor:
        return logits

    def generator_loss(self, logits: Tensor) -> Tensor:
        return -logits

    def score(self, logits: Tensor) -> Tensor:
        return logits


@keras.saving.register_keras_serializable("ganzoo")
class Relativistic(AdversarialLoss):
    """The relativistic paired loss (RpGAN), that of R3GAN: which of the two is the real one?

    `discriminator = log(1 + exp(D(G(z)) - D(x)))`, `generator = log(1 + exp(D(x) - D(G(z))))`.
    As only the difference of two logits counts, no place is left to collapse to that fools the
    discriminator on all pairs at once. It needs penalties on both kinds of images to settle. The
    score is the logit itself, of which the difference of the two says something.

    Reference:
        [Jolicoeur-Martineau, 2018](https://arxiv.org/abs/1807.00734), section 4;
        [Huang et al., 2024](https://arxiv.org/abs/2501.05441), for the penalties beside it.

    Example:
        ```python
        import ganzoo
        from ganzoo.penalties import R1, R2

        gan = ganzoo.DCGAN((28, 28, 1), discriminator_norm=None)
        gan.compile(loss="relativistic", penalties=[R1(0.5), R2(0.5)])
        ```
    """

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return ops.softplus(fake - real)

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        return ops.softplus(real - fake)

    def score(self, logits: Tensor) -> Tensor:
        return logits


LOSSES: dict[str, type[AdversarialLoss]] = {
    "non_saturating": NonSaturating,
    "least_squares": LeastSquares,
    "hinge": Hinge,
    "wasserstein": Wasserstein,
    "relativistic": Relativistic,
}


def get(loss: "str | AdversarialLoss") -> AdversarialLoss:
    """Return the loss that a name or an object stands for.

    Args:
        loss: `"non_saturating"`, `"least_squares"`, `"hinge"`, `"wasserstein"`, `"relativistic"`,
            or an `AdversarialLoss`.

    Returns:
        An `AdversarialLoss`.

    Raises:
        ValueError: the name is unknown.
        TypeError: it is neither a name nor an `AdversarialLoss`.

    Example:
        ```python
        import ganzoo

        loss = ganzoo.losses.get("hinge")
        ```
    """
    if isinstance(loss, AdversarialLoss):
        return loss
    if not isinstance(loss, str):
        raise TypeError(
            f"loss must be one of {sorted(LOSSES)} or a ganzoo.losses.AdversarialLoss, "
            f"not {getattr(loss, '__name__', type(loss).__name__)}. Write your own by subclassing "
            "AdversarialLoss."
        )
    return choose("loss", loss, LOSSES)()
