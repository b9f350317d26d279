"""What is played: two networks, what each of them minimises, and a batch to play with."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
from keras import ops

from ganzoo import backends
from ganzoo.augmentation import Augmentation
from ganzoo.losses import AdversarialLoss
from ganzoo.penalties import Judged, Penalty
from ganzoo.schedules import at
from ganzoo.types import Tensor


class Batch(NamedTuple):
    """What a round is played with, image by image.

    `real` are images in [-1, 1], `(batch, height, width, channels)`, `labels` int32 `(batch,)` or
    None, `weight` the weights of the real images, `(batch,)` or None, and `latents` what as many
    fakes are drawn from, `(batch, latent_dim)`.
    """

    real: Tensor
    labels: Tensor | None
    weight: Tensor | None
    latents: Tensor


class Game(NamedTuple):
    """Two networks, what they minimise, and every variable that a round reads or changes.

    `generator` maps latents to images in [-1, 1]. `discriminator` maps images to logits `(batch,)`,
    or `(batch, ...)` if it judges places of an image, or to a list of logits and features. If they
    are class-conditional, both take `[..., labels]`. `random` is what penalties and augmentation
    draw with, `rounds` how many were played before, for schedules.
    """

    generator: keras.Model
    discriminator: keras.Model
    loss: AdversarialLoss
    state: Callable[[], Sequence[keras.Variable]] = list
    penalties: Sequence[Penalty] = ()
    augmentation: Augmentation | None = None
    random: keras.random.SeedGenerator | None = None
    rounds: Tensor = 0

    def generate(self, batch: Batch, training: bool) -> Tensor:
        """Return as many fakes as there are real images, of the same classes."""
        latents, labels = batch.latents, batch.labels
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
        self, batch: Batch, fake: Tensor, training: bool
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the discriminator's loss, and its mean scores of real and fake images."""
        real, fake = self.view(batch.real), self.view(fake)
        real_logits, real_features = self.discriminate(real, batch.labels, training)
        fake_logits, fake_features = self.discriminate(fake, batch.labels, training)
        total = ops.mean(self.told_apart(real_logits, fake_logits, batch.weight))

        def gradients(images: Tensor) -> Tensor:
            return backends.current.input_gradients(
                lambda images: by_image(self.discriminate(images, batch.labels, training)[0]),
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
            weighted = ops.multiply(at(penalty.weight, self.rounds), self.term(penalty, judged))
            total = ops.add(total, weighted)
        if self.augmentation is not None:
            self.augmentation.observe(real_logits)
        return total, (
            ops.mean(self.loss.score(real_logits)),
            ops.mean(self.loss.score(fake_logits)),
        )

    def told_apart(self, real: Tensor, fake: Tensor, weight: Tensor | None) -> Tensor:
        """Return the loss of the discriminator's logits, image by image."""
        if weight is None:
            return self.loss.discriminator(real, fake)
        return self.loss.weighted(real, fake, fitting(weight, real))

    def term(self, penalty: Penalty, judged: Judged) -> Tensor:
        """Return what a penalty adds, which is 0 in the rounds that it leaves out."""
        if penalty.every == 1:
            return penalty.term(judged)

        def now() -> Tensor:
            # On JAX, no branch may assign: what a second look would change stays as it is.
            with keras.StatelessScope([(each, each.value) for each in self.state()]):
                return ops.cast(penalty.term(judged), dtype) * penalty.every

        dtype = judged.real.dtype
        turn = ops.equal(ops.cast(self.rounds, "int32") % penalty.every, 0)
        return ops.cond(turn, now, lambda: ops.zeros((), dtype))

    def convince(self, batch: Batch, fake: Tensor, training: bool) -> Tensor:
        """Return the generator's loss; real images are judged only where it looks at them."""
        if not self.loss.paired:
            fake_logits, _ = self.discriminate(self.view(fake), batch.labels, training)
            return ops.mean(self.loss.generator(fake_logits, None))
        real_logits, _ = self.discriminate(self.view(batch.real), batch.labels, training)
        fake_logits, _ = self.discriminate(self.view(fake), batch.labels, training)
        losses = self.loss.generator(fake_logits, ops.stop_gradient(real_logits))
        if batch.weight is not None:
            losses = losses * fitting(batch.weight, losses)
        return ops.mean(losses)


def fitting(weight: Tensor, logits: Tensor) -> Tensor:
    """Return weights `(batch,)` as they multiply what has the shape of logits."""
    places = [1] * (len(logits.shape) - 1)
    return ops.cast(ops.reshape(weight, (-1, *places)), logits.dtype)


def by_image(logits: Tensor) -> Tensor:
    """Return one logit for each image, the mean over its places, `(batch,)`."""
    places = tuple(range(1, len(logits.shape)))
    return ops.mean(logits, axis=places) if places else logits
