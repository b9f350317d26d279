"""What every check shares: how it fails, and the small models and data that it tries."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

from ganzoo.gan import GAN

Small: TypeAlias = Mapping[str, Any]
"""The arguments of a small model."""

Check: TypeAlias = Callable[[type[GAN], Small, Path], None]

CLASSES = 3
SETTLING = 15  # looks, after which batch norm knows four fifths of the variance
COUNT = 12  # images to learn from
BATCH = 4


class BrokenPromise(AssertionError):  # noqa: N818 - it is no error of the program's
    """A family does not do what users may rely on; says what.

    Example:
        ```python
        from ganzoo.testing import BrokenPromise

        try:
            raise BrokenPromise("generate(0) drew an image.")
        except AssertionError as error:
            print(error)
        ```
    """


def promise(kept: Any, what: str) -> None:
    """Raise `BrokenPromise(what)` if it is not kept."""
    if not kept:
        raise BrokenPromise(what)


def promise_same(found: Iterable[Any], expected: Iterable[Any], what: str) -> None:
    """Raise `BrokenPromise(what)` if arrays differ from others in anything."""
    pairs = zip(found, expected, strict=True)
    promise(all(np.array_equal(a, b, equal_nan=True) for a, b in pairs), what)


@contextmanager
def refused(what: str, *errors: type[Exception], because: str = "") -> Iterator[None]:
    """Raise `BrokenPromise` unless the block raises one of these errors, and says why."""
    try:
        yield
    except errors as error:
        promise(because in str(error), f"{what} is refused without a word of {because!r}: {error}")
    else:
        raise BrokenPromise(f"{what} is taken: raise {errors[0].__name__}.")


def variants(family: type[GAN], small: Small) -> list[dict[str, Any]]:
    """Return the arguments of a model without classes, and of one with, if there may be any."""
    plain = {"seed": 5, **small}
    try:
        family.Arguments(**plain, num_classes=CLASSES)
    except ValueError:
        return [plain]
    return [plain, {**plain, "num_classes": CLASSES}]


def vivid(gan: GAN) -> GAN:
    """Draw a model's kernels anew, so large that its images differ: fresh ones are grey.

    Batch norm sees some images, so that it knows how large its inputs are.
    """
    random = np.random.default_rng(0)
    for weight in [*gan.generator.weights, *gan.discriminator.weights]:
        if len(weight.shape) > 1:
            deviation = 1.5 / np.sqrt(np.prod(weight.shape[:-1]))
            weight.assign(random.normal(0, deviation, weight.shape))
    variances = [each for each in gan.generator.weights if each.name == "moving_variance"]
    for weight in variances:
        weight.assign(np.zeros(weight.shape))  # whatever it is, it soon is mostly the batch's
    if variances:
        latents, labels = gan.latents(COUNT, seed=0), labels_of(gan)
        for _ in range(SETTLING):
            gan.generator(latents if labels is None else [latents, labels], training=True)
    return gan


def images_of(gan: GAN, count: int = COUNT, seed: int = 0) -> np.ndarray:
    """Return images of a model's shape in [0, 255], uint8."""
    return np.random.default_rng(seed).integers(0, 256, (count, *gan.image_shape), dtype="uint8")


def labels_of(gan: GAN, count: int = COUNT) -> np.ndarray | None:
    """Return a label for each image, one class after the other; None without classes."""
    return np.arange(count, dtype=np.int32) * CLASSES // count if gan.num_classes else None


def train(
    gan: GAN,
    images: Any,
    labels: np.ndarray | None = None,
    epochs: int = 1,
    shuffle: bool = True,
    watching: Sequence[keras.callbacks.Callback] = (),
) -> dict[str, list[float]]:
    """Train a model on arrays, a folder or the name of a dataset, and return its history."""
    history: dict[str, list[float]] = gan.fit(
        images,
        labels,
        batch_size=BATCH,
        epochs=epochs,
        verbose=0,
        callbacks=list(watching),
        shuffle=shuffle,
    ).history
    return history


def variables(gan: GAN) -> list[keras.Variable]:
    """Return all that training changes."""
    parts = [gan.generator, gan.discriminator, gan.ema_generator, gan.auxiliary]
    weights = [weight for part in parts if part is not None for weight in part.variables]
    training = [*gan.optimizer.variables, *gan.objective.variables] if gan.compiled else []
    return [*weights, *training, gan.seed_generator.state, gan.rounds_played]


def state(gan: GAN) -> list[np.ndarray]:
    """Return copies of all that training changes."""
    return values_of(variables(gan))


def values_of(variables: Iterable[keras.Variable]) -> list[np.ndarray]:
    """Return copies of what variables hold."""
    return [np.array(ops.convert_to_numpy(each)) for each in variables]


def put_back(gan: GAN, values: Iterable[np.ndarray]) -> None:
    """Give a model the state that it was in."""
    for variable, value in zip(variables(gan), values, strict=True):
        variable.assign(value)


def close(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether pictures are the same to one grey level."""
    return found.shape == expected.shape and np.abs(found.astype(int) - expected).max() <= 1
