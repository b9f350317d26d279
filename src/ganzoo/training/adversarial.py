"""The adversarial game, written once for all backends.

Reference:
    [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), algorithm 1 with k = 1, in the
    order of the reference implementations: judge real and fake images in separate batches (batch
    norm must not mix them), update the discriminator, judge the fakes again, update the generator.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
from keras import ops

from ganzoo import backends
from ganzoo.losses import AdversarialLoss
from ganzoo.types import Tensor


class Outcome(NamedTuple):
    """What a round showed, each value as it was before the update that it led to."""

    discriminator_loss: Tensor
    generator_loss: Tensor
    real_score: Tensor
    fake_score: Tensor


class Game(NamedTuple):
    """Two networks and what they minimise.

    `generator` maps latents `(batch, latent_dim)` to images in [-1, 1], `discriminator` images to
    logits `(batch,)`; if they are class-conditional, both take `[..., labels]`.
    """

    generator: keras.Model
    discriminator: keras.Model
    loss: AdversarialLoss

    def generate(self, latents: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        return self.generator(latents if labels is None else [latents, labels], training=training)

    def discriminate(self, images: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        return self.discriminator(images if labels is None else [images, labels], training=training)

    def judge(
        self,
        real: Tensor,
        fake: Tensor,
        labels: Tensor | None,
        weight: Tensor | None,
        training: bool,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the discriminator's loss, and its mean scores of real and fake images."""
        real_logits = self.discriminate(real, labels, training)
        fake_logits = self.discriminate(fake, labels, training)
        real_loss = self.loss.real(real_logits)
        if weight is not None:
            real_loss = real_loss * ops.cast(weight, real_loss.dtype)
        total = ops.mean(real_loss) + ops.mean(self.loss.fake(fake_logits))
        return total, (
            ops.mean(self.loss.score(real_logits)),
            ops.mean(self.loss.score(fake_logits)),
        )

    def convince(self, fake: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        """Return the generator's loss."""
        return ops.mean(self.loss.generator(self.discriminate(fake, labels, training)))


def play_round(
    game: Game,
    optimizer: Any,
    state: Callable[[], list[keras.Variable]],
    real: Tensor,
    labels: Tensor | None,
    weight: Tensor | None,
    latents: Tensor,
) -> Outcome:
    """Update the discriminator, then the generator.

    Args:
        game: the two networks and their loss.
        optimizer: an `AdversarialOptimizer`, built.
        state: returns every variable that a round reads or changes.
        real: images in [-1, 1], `(batch, height, width, channels)`.
        labels: int32 `(batch,)`, or None.
        weight: weights of the real images, `(batch,)`, or None.
        latents: `(batch, latent_dim)`.

    Returns:
        Both losses and both mean scores, each as it was before the update that it led to.
    """

    def update(objective: Any, network: keras.Model, optimizer: Any) -> tuple[Tensor, Any]:
        variables = network.trainable_variables
        loss, aside, gradients = backends.current.value_and_gradients(objective, variables, state)
        optimizer.apply(gradients, variables)
        return loss, aside

    def generator_objective() -> tuple[Tensor, Any]:
        fake = game.generate(latents, labels, training=True)
        judged = ops.stop_gradient(fake)
        # The discriminator learns in here, so that the fakes are drawn once for both updates.
        judgement = update(
            lambda: game.judge(real, judged, labels, weight, training=True),
            game.discriminator,
            optimizer.discriminator_optimizer,
        )
        return game.convince(fake, labels, training=True), judgement

    generator_loss, (discriminator_loss, scores) = update(
        generator_objective, game.generator, optimizer.generator_optimizer
    )
    optimizer.iterations.assign_add(1)
    return Outcome(discriminator_loss, generator_loss, *scores)
