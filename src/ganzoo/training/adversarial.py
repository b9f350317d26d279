"""The adversarial game, written once for all backends.

Reference:
    [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), algorithm 1, its k being
    `discriminator_steps`, in the order of the reference implementations: judge real and fake
    images in separate batches (batch norm must not mix them), update the discriminator, judge the
    last fakes again, update the generator. A loss that compares the two judges the last real
    images again, too, before the fakes.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from ganzoo import backends
from ganzoo.augmentation import Augmentation
from ganzoo.losses import AdversarialLoss
from ganzoo.penalties import Judged, Penalty
from ganzoo.schedules import at
from ganzoo.training.optimizer import AdversarialOptimizer, take_step
from ganzoo.types import Tensor


class Outcome(NamedTuple):
    """What a round showed, each value as it was before the update that it led to."""

    discriminator_loss: Tensor
    generator_loss: Tensor
    real_score: Tensor
    fake_score: Tensor


class Game(NamedTuple):
    """Two networks, what they minimise, and every variable that a round reads or changes.

    `generator` maps latents `(batch, latent_dim)` to images in [-1, 1]. `discriminator` maps images
    to logits `(batch,)`, or `(batch, ...)` if it judges places of an image, or to a list of logits
    and features. If they are class-conditional, both take `[..., labels]`. `random` is what
    penalties and augmentation draw with, `rounds` how many were played before, for schedules.
    """

    generator: keras.Model
    discriminator: keras.Model
    loss: AdversarialLoss
    state: Callable[[], Sequence[keras.Variable]] = list
    penalties: Sequence[Penalty] = ()
    augmentation: Augmentation | None = None
    random: keras.random.SeedGenerator | None = None
    rounds: Tensor = 0

    def generate(self, latents: Tensor, labels: Tensor | None, training: bool) -> Tensor:
        return self.generator(latents if labels is None else [latents, labels], training=training)

    def discriminate(
        self, images: Tensor, labels: Tensor | None, training: bool
    ) -> tuple[Tensor, Sequence[Tensor]]:
        """Return the images' logits and features; most discriminators have none of these."""
        inputs = images if labels is None else [images, labels]
        outputs = self.discriminator(inputs, training=training)
        logits, *features = outputs if isinstance(outputs, list | tuple) else [outputs]
        return logits, features

    def view(self, images: Tensor) -> Tensor:
        """Return images as the discriminator is to see them."""
        if self.augmentation is None:
            return images
        return self.augmentation.view(images, self.random, self.rounds)

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
        real_logits, real_features = self.discriminate(real, labels, training)
        fake_logits, fake_features = self.discriminate(fake, labels, training)
        if weight is None:
            losses = self.loss.discriminator(real_logits, fake_logits)
        else:
            losses = self.loss.weighted(real_logits, fake_logits, fitting(weight, real_logits))
        total = ops.mean(losses)

        def gradients(images: Tensor) -> Tensor:
            return backends.current.input_gradients(
                lambda images: by_image(self.discriminate(images, labels, training)[0]),
                images,
                self.state,
            )

        judged = Judged(
            real=real,
            fake=fake,
            real_logits=real_logits,
            fake_logits=fake_logits,
            gradients=gradients,
            random=self.random,
            real_features=real_features,
            fake_features=fake_features,
        )
        for penalty in self.penalties:
            total = total + at(penalty.weight, self.rounds) * penalty.term(judged)
        if self.augmentation is not None:
            self.augmentation.observe(real_logits)
        return total, (
            ops.mean(self.loss.score(real_logits)),
            ops.mean(self.loss.score(fake_logits)),
        )

    def convince(
        self,
        fake: Tensor,
        real: Tensor,
        labels: Tensor | None,
        weight: Tensor | None,
        training: bool,
    ) -> Tensor:
        """Return the generator's loss; real images are judged only where it looks at them."""
        if not self.loss.paired:
            fake_logits, _ = self.discriminate(self.view(fake), labels, training)
            return ops.mean(self.loss.generator(fake_logits, None))
        real_logits, _ = self.discriminate(self.view(real), labels, training)
        fake_logits, _ = self.discriminate(self.view(fake), labels, training)
        losses = self.loss.generator(fake_logits, ops.stop_gradient(real_logits))
        return ops.mean(losses if weight is None else losses * fitting(weight, losses))


def play_round(
    game: Game,
    optimizer: AdversarialOptimizer,
    real: Tensor,
    labels: Tensor | None,
    weight: Tensor | None,
    latents: Tensor,
    discriminator_steps: int = 1,
) -> Outcome:
    """Update the discriminator, once or more often, then the generator.

    Args:
        game: the two networks and what they minimise.
        optimizer: both optimizers, built for what they are to change.
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

    def update(
        objective: Callable[[], tuple[Tensor, Any]],
        optimizer: keras.optimizers.Optimizer,
        variables: Sequence[keras.Variable],
    ) -> tuple[Tensor, Any]:
        def scaled() -> tuple[Tensor, tuple[Tensor, Any]]:
            loss, aside = objective()
            return optimizer.scale_loss(loss), (loss, aside)

        _, result, gradients = backends.current.value_and_gradients(scaled, variables, game.state)
        take_step(optimizer, gradients, variables)
        return result

    def learn(
        fake: Tensor, real: Tensor, labels: Tensor | None, weight: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        fake = ops.stop_gradient(fake)
        return update(
            lambda: game.judge(real, fake, labels, weight, training=True),
            optimizer.discriminator_optimizer,
            optimizer.discriminator_variables,
        )

    for more_real, more_labels, more_weight, more_latents in rounds:
        fake = game.generate(more_latents, more_labels, training=True)
        learn(fake, more_real, more_labels, more_weight)

    def generator_objective() -> tuple[Tensor, Any]:
        fake = game.generate(latents, labels, training=True)
        # The discriminator learns in here, so that the fakes are drawn once for both updates.
        judgement = learn(fake, real, labels, weight)
        return game.convince(fake, real, labels, weight, training=True), judgement

    generator_loss, (discriminator_loss, scores) = update(
        generator_objective, optimizer.generator_optimizer, optimizer.generator_variables
    )
    optimizer.iterations.assign_add(1)
    return Outcome(discriminator_loss, generator_loss, *scores)


def fitting(weight: Tensor, logits: Tensor) -> Tensor:
    """Return weights `(batch,)` as they multiply what has the shape of logits."""
    places = [1] * (len(logits.shape) - 1)
    return ops.cast(ops.reshape(weight, (-1, *places)), logits.dtype)


def by_image(logits: Tensor) -> Tensor:
    """Return logits as one for each image, the mean over its places, `(batch,)`."""
    return ops.mean(logits, axis=tuple(range(1, len(logits.shape)))) if logits.ndim > 1 else logits


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
