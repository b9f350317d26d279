"""The adversarial game, written once for all backends.

Reference:
    [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), algorithm 1, its k being
    `discriminator_steps`, in the order of the reference implementations: judge real and fake
    images in separate batches (batch norm must not mix them), update the discriminator, judge the
    last fakes again, update the generator.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from ganzoo import backends
from ganzoo.augmentation import Augmentation
from ganzoo.losses import AdversarialLoss
from ganzoo.penalties import Judged, Penalty
from ganzoo.types import Tensor


class Outcome(NamedTuple):
    """What a round showed, each value as it was before the update that it led to."""

    discriminator_loss: Tensor
    generator_loss: Tensor
    real_score: Tensor
    fake_score: Tensor


class Game(NamedTuple):
    """Two networks, what they minimise, and every variable that a round reads or changes.

    `generator` maps latents `(batch, latent_dim)` to images in [-1, 1], `discriminator` images to
    logits `(batch,)`; if they are class-conditional, both take `[..., labels]`. `random` is what
    penalties and augmentation draw with.
    """

    generator: keras.Model
    discriminator: keras.Model
    loss: AdversarialLoss
    state: Callable[[], Sequence[keras.Variable]] = list
    penalties: Sequence[Penalty] = ()
    augmentation: Augmentation | None = None
    random: keras.random.SeedGenerator | None = None

    def generate(self, latents: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        return self.generator(latents if labels is None else [latents, labels], training=training)

    def discriminate(self, images: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        return self.discriminator(images if labels is None else [images, labels], training=training)

    def view(self, images: Tensor) -> Tensor:
        """Return images as the discriminator is to see them."""
        return images if self.augmentation is None else self.augmentation.view(images, self.random)

    def judge(
        self,
        real: Tensor,
        fake: Tensor,
        labels: Tensor | None,
        weight: Tensor | None,
        training: bool,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the discriminator's loss, and its mean scores of real and fake images."""
        real, fake = self.view(real), self.view(fake)
        real_logits = self.discriminate(real, labels, training)
        fake_logits = self.discriminate(fake, labels, training)
        real_loss = self.loss.real(real_logits)
        if weight is not None:
            real_loss = real_loss * ops.cast(weight, real_loss.dtype)
        total = ops.mean(real_loss) + ops.mean(self.loss.fake(fake_logits))

        def gradients(images: Tensor) -> Tensor:
            return backends.current.input_gradients(
                lambda images: self.discriminate(images, labels, training), images, self.state
            )

        judged = Judged(real, fake, real_logits, fake_logits, gradients, self.random)
        for penalty in self.penalties:
            total = total + penalty.weight * penalty.term(judged)
        if self.augmentation is not None:
            self.augmentation.observe(real_logits)
        return total, (
            ops.mean(self.loss.score(real_logits)),
            ops.mean(self.loss.score(fake_logits)),
        )

    def convince(self, fake: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        """Return the generator's loss."""
        logits = self.discriminate(self.view(fake), labels, training)
        return ops.mean(self.loss.generator(logits))


def play_round(
    game: Game,
    optimizer: Any,
    real: Tensor,
    labels: Tensor | None,
    weight: Tensor | None,
    latents: Tensor,
    discriminator_steps: int = 1,
) -> Outcome:
    """Update the discriminator, once or more often, then the generator.

    Args:
        game: the two networks and what they minimise.
        optimizer: an `AdversarialOptimizer`, built.
        real: images in [-1, 1], `(batch, height, width, channels)`; the discriminator's updates
            share them out.
        labels: int32 `(batch,)`, or None.
        weight: weights of the real images, `(batch,)`, or None.
        latents: `(batch, latent_dim)`.
        discriminator_steps: how many updates of the discriminator, a divisor of the batch.

    Returns:
        Both losses and both mean scores, each as it was before the update that it led to; those
        of the discriminator from its last update.
    """
    *rounds, (real, labels, weight, latents) = shared_out(
        (real, labels, weight, latents), discriminator_steps
    )

    def update(objective: Any, network: keras.Model, optimizer: Any) -> tuple[Tensor, Any]:
        variables = network.trainable_variables
        loss, aside, gradients = backends.current.value_and_gradients(
            objective, variables, game.state
        )
        optimizer.apply(gradients, variables)
        return loss, aside

    def learn(fake: Tensor, real: Tensor, labels: Tensor | None, weight: Tensor | None) -> Any:
        fake = ops.stop_gradient(fake)
        return update(
            lambda: game.judge(real, fake, labels, weight, training=True),
            game.discriminator,
            optimizer.discriminator_optimizer,
        )

    for more_real, more_labels, more_weight, more_latents in rounds:
        fake = game.generate(more_latents, more_labels, training=True)
        learn(fake, more_real, more_labels, more_weight)

    def generator_objective() -> tuple[Tensor, Any]:
        fake = game.generate(latents, labels, training=True)
        # The discriminator learns in here, so that the fakes are drawn once for both updates.
        judgement = learn(fake, real, labels, weight)
        return game.convince(fake, labels, training=True), judgement

    generator_loss, (discriminator_loss, scores) = update(
        generator_objective, game.generator, optimizer.generator_optimizer
    )
    optimizer.iterations.assign_add(1)
    return Outcome(discriminator_loss, generator_loss, *scores)


def shared_out(batch: tuple[Tensor | None, ...], parts: int) -> list[tuple[Tensor | None, ...]]:
    """Return equal parts of each tensor of a batch.

    Raises:
        ValueError: the batch has no whole number of images for each part.
    """
    if parts == 1:
        return [batch]
    size = next(each.shape[0] for each in batch if each is not None)
    if size is not None and size % parts:
        raise ValueError(
            f"A batch of {size} images cannot be shared out to {parts} rounds of the "
            f"discriminator: give batch_size a multiple of {parts}."
        )
    split = [[None] * parts if each is None else ops.split(each, parts) for each in batch]
    return list(zip(*split, strict=True))
