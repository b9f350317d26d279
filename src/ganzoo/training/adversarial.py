"""The adversarial game, written once for all backends.

Reference:
    [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), algorithm 1, its k being
    `discriminator_steps`, in the order of the reference implementations: judge real and fake
    images in separate batches (batch norm must not mix them), update the discriminator, judge the
    last fakes again, update the generator. A loss that compares the two judges the last real
    images again, too, before the fakes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from ganzoo import backends, draws
from ganzoo.training.game import Batch, Game
from ganzoo.training.optimizer import AdversarialOptimizer, take_step
from ganzoo.types import Tensor


class Outcome(NamedTuple):
    """What a round showed, each value as it was before the update that it led to."""

    discriminator_loss: Tensor
    generator_loss: Tensor
    real_score: Tensor
    fake_score: Tensor


def play_round(
    game: Game,
    optimizer: AdversarialOptimizer,
    batch: Batch,
    discriminator_steps: int = 1,
    accumulate: int = 1,
) -> Outcome:
    """Update the discriminator, once or more often, then the generator.

    Args:
        game: the two networks and what they minimise.
        optimizer: both optimizers, built for what they are to change.
        batch: what to play with; the discriminator's updates share it out.
        discriminator_steps: how many updates of the discriminator, a divisor of the batch.
        accumulate: in how many parts, one after the other, each update looks at its images.

    Returns:
        Both losses and both mean scores, each as it was before the update that it led to; those
        of the discriminator from its last update.
    """
    *earlier, batch = shared_out(batch, discriminator_steps)

    def learn(batch: Batch, fake: Tensor | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        def objective(part: Batch) -> tuple[Tensor, Any]:
            drawn = game.generate(part, training=True) if fake is None else fake
            return game.judge(part, ops.stop_gradient(drawn), training=True)

        return update(
            game,
            objective,
            parts_of(batch, accumulate, game.random),
            optimizer.discriminator_optimizer,
            optimizer.discriminator_variables,
        )

    for share in earlier:
        learn(share)
    judgement = learn(batch) if accumulate > 1 else None

    def objective(part: Batch) -> tuple[Tensor, Any]:
        fake = game.generate(part, training=True)
        # Of one part, the discriminator learns in here: the fakes are drawn once for both updates.
        found = learn(part, fake) if judgement is None else judgement
        return game.convince(part, fake, training=True), found

    generator_loss, (discriminator_loss, scores) = update(
        game,
        objective,
        parts_of(batch, accumulate, game.random),
        optimizer.generator_optimizer,
        optimizer.generator_variables,
    )
    optimizer.iterations.assign_add(1)
    return Outcome(discriminator_loss, generator_loss, *scores)


def update(
    game: Game,
    objective: Callable[[Batch], tuple[Tensor, Any]],
    parts: Iterable[Batch],
    optimizer: keras.optimizers.Optimizer,
    variables: Sequence[keras.Variable],
) -> tuple[Tensor, Any]:
    """Take a step on the mean of an objective over parts of a batch.

    Returns:
        The means of the objective's loss and of what else it returned.
    """
    found = []
    for part in parts:

        def scaled(part: Batch = part) -> tuple[Tensor, tuple[Tensor, Any]]:
            loss, aside = objective(part)
            return optimizer.scale_loss(loss), (loss, aside)

        found.append(backends.current.value_and_gradients(scaled, variables, game.state)[1:])
    result, gradients = mean_of(found)
    take_step(optimizer, gradients, variables)
    return result


def mean_of(found: Sequence[Any]) -> Any:
    """Return the mean of tensors in structures that are alike."""
    if len(found) == 1:
        return found[0]
    return keras.tree.map_structure(lambda *each: sum(each) / len(each), *found)


def parts_of(
    batch: Batch, count: int, random: keras.random.SeedGenerator | None
) -> Iterator[Batch]:
    """Yield equal parts of a batch; what is drawn for them is what would be drawn for the whole."""
    if count == 1:
        yield batch
        return
    before = None if random is None else ops.copy(ops.convert_to_tensor(random.state))
    for number, part in enumerate(shared_out(batch, count)):
        if random is not None:
            random.state.assign(before)
        with draws.for_part(number, count):
            yield part


def shared_out(batch: Batch, parts: int) -> list[Batch]:
    """Return equal parts of a batch.

    Raises:
        ValueError: the batch has no whole number of images for each part.
    """
    if parts == 1:
        return [batch]
    size = batch.real.shape[0]
    if size is not None and size % parts:
        raise ValueError(
            f"A batch of {size} images cannot be shared out to {parts} rounds of the "
            f"discriminator: give batch_size a multiple of {parts}."
        )
    split = [[None] * parts if each is None else ops.split(each, parts) for each in batch]
    return [Batch(*share) for share in zip(*split, strict=True)]
