"""Adversarial losses: what the discriminator and the generator minimise.

Each loss maps logits, float tensors of shape `(batch,)`, to one value per image. The
discriminator minimises `mean(real(D(x))) + mean(fake(D(G(z))))` and the generator
`mean(generator(D(G(z))))`, where `D` returns logits, `x` are real images and `z` latents.
"""

from typing import Any

import keras
from keras import ops

from ganzoo.names import choose
from ganzoo.types import Tensor

__all__ = ["AdversarialLoss", "Hinge", "LeastSquares", "NonSaturating", "Wasserstein", "get"]


class AdversarialLoss:
    """Three functions of the logits; subclass it to write your own loss.

    Example:
        ```python
        import ganzoo
        import keras

        @keras.saving.register_keras_serializable("my_package")
        class Saturating(ganzoo.losses.NonSaturating):
            def generator(self, logits): return -keras.ops.softplus(logits)

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss=Saturating())
        ```
    """

    def real(self, logits: Tensor) -> Tensor:
        """Return the discriminator's loss on real images, shape `(batch,)`."""
        raise NotImplementedError

    def fake(self, logits: Tensor) -> Tensor:
        """Return the discriminator's loss on generated images, shape `(batch,)`."""
        raise NotImplementedError

    def generator(self, logits: Tensor) -> Tensor:
        """Return the generator's loss on generated images, shape `(batch,)`."""
        raise NotImplementedError

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


@keras.saving.register_keras_serializable("ganzoo")
class NonSaturating(AdversarialLoss):
    """The non-saturating loss: binary cross-entropy, with flipped labels for the generator.

    With `s` the sigmoid and `t` the real images' target: `real = -t log s(D(x)) - (1 - t) log(1 -
    s(D(x)))`, `fake = -log(1 - s(D(G(z))))`, `generator = -log s(D(G(z)))`.

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

    def real(self, logits: Tensor) -> Tensor:
        return ops.softplus(-logits) + (1.0 - self.real_target) * logits

    def fake(self, logits: Tensor) -> Tensor:
        return ops.softplus(logits)

    def generator(self, logits: Tensor) -> Tensor:
        return ops.softplus(-logits)


@keras.saving.register_keras_serializable("ganzoo")
class LeastSquares(AdversarialLoss):
    """The least-squares loss (LSGAN) with targets 1 for real and 0 for fake.

    `real = (D(x) - 1)^2 / 2`, `fake = D(G(z))^2 / 2`, `generator = (D(G(z)) - 1)^2 / 2`.
    The score is the logit itself.

    Reference:
        [Mao et al., 2017](https://arxiv.org/abs/1611.04076), equation 9.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss="least_squares")
        ```
    """

    def real(self, logits: Tensor) -> Tensor:
        return ops.square(logits - 1.0) / 2.0

    def fake(self, logits: Tensor) -> Tensor:
        return ops.square(logits) / 2.0

    def generator(self, logits: Tensor) -> Tensor:
        return ops.square(logits - 1.0) / 2.0

    def score(self, logits: Tensor) -> Tensor:
        return logits


@keras.saving.register_keras_serializable("ganzoo")
class Hinge(AdversarialLoss):
    """The hinge loss.

    `real = max(0, 1 - D(x))`, `fake = max(0, 1 + D(G(z)))`, `generator = -D(G(z))`.

    Reference:
        [Lim and Ye, 2017](https://arxiv.org/abs/1705.02894);
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), equations 16 and 17.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(loss="hinge")
        ```
    """

    def real(self, logits: Tensor) -> Tensor:
        return ops.relu(1.0 - logits)

    def fake(self, logits: Tensor) -> Tensor:
        return ops.relu(1.0 + logits)

    def generator(self, logits: Tensor) -> Tensor:
        return -logits


@keras.saving.register_keras_serializable("ganzoo")
class Wasserstein(AdversarialLoss):
    """The Wasserstein loss (WGAN); the discriminator, here a critic, needs a penalty beside it.

    `real = -D(x)`, `fake = D(G(z))`, `generator = -D(G(z))`. The score is the logit itself.

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

    def real(self, logits: Tensor) -> Tensor:
        return -logits

    def fake(self, logits: Tensor) -> Tensor:
        return logits

    def generator(self, logits: Tensor) -> Tensor:
        return -logits

    def score(self, logits: Tensor) -> Tensor:
        return logits


LOSSES: dict[str, type[AdversarialLoss]] = {
    "non_saturating": NonSaturating,
    "least_squares": LeastSquares,
    "hinge": Hinge,
    "wasserstein": Wasserstein,
}


def get(loss: "str | AdversarialLoss") -> AdversarialLoss:
    """Return the loss that a name or an object stands for.

    Args:
        loss: `"non_saturating"`, `"least_squares"`, `"hinge"`, `"wasserstein"`, or an
            `AdversarialLoss`.

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
            f"not {loss!r}. Write your own by subclassing AdversarialLoss."
        )
    return choose("loss", loss, LOSSES)()
