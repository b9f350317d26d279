"""Random changes of images through which gradients flow.

Each maps images, float `(batch, height, width, channels)` in about [-1, 1], to changed ones; every
image gets random numbers of its own. Those that a few numbers say whole are `Parametric`: an
augmentation draws the numbers, and goes over the images as seldom as it can. Brightness,
saturation, contrast, translation and cutout are those of
[Zhao et al., 2020](https://arxiv.org/abs/2006.10738), with their ranges. Those of colours leave
alpha, the fourth channel of four, as it is.
"""

import math
from typing import Any

import keras
from keras import ops

from ganzoo import backends, draws
from ganzoo.augmentation.mixing import Mix
from ganzoo.draws import one_each as uniform
from ganzoo.types import Tensor


class Transformation:
    """A random change of images; subclass it to write your own.

    Example:
        ```python
        import ganzoo
        import keras

        @keras.saving.register_keras_serializable("my_package")
        class Negative(ganzoo.augmentation.Transformation):
            def __call__(self, images, random, rounds): return -images

        gan = ganzoo.DCGAN((28, 28, 1))
        gan.compile(augmentation=ganzoo.augmentation.Augmentation([Negative()], probability=0.1))
        ```
    """

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        """Return the changed images.

        Args:
            images: float `(batch, height, width, channels)` in about [-1, 1].
            random: the `keras.random.SeedGenerator` to draw with.
            rounds: how many rounds were played before, a number.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, so that it is saved with the model."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Transformation":
        """Build it again from `get_config()`."""
        return cls(**config)


class Parametric(Transformation):
    """A transformation that is a few random numbers of each image."""

    still = 0.0
    """What the numbers are where nothing changes."""

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        return self.changed(images, *self.drawn(images, random))

    def drawn(self, images: Tensor, random: Any) -> tuple[Tensor, ...]:
        """Draw the numbers, each `(batch, 1, 1, 1)`; of the images, only the shape counts."""
        raise NotImplementedError

    def changed(self, images: Tensor, *numbers: Tensor) -> Tensor:
        """Return the images changed by the numbers."""
        raise NotImplementedError


class Recolouring(Parametric):
    """A transformation of colours, by one number."""

    def changed(self, images: Tensor, *numbers: Tensor) -> Tensor:
        return self.mix(*numbers).of(images)

    def mix(self, number: Tensor) -> Mix:
        """Return what the number makes of colours."""
        raise NotImplementedError


@keras.saving.register_keras_serializable("ganzoo")
class Brightness(Recolouring):
    """Add one number from -0.5 to 0.5.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Brightness

        augmentation = Augmentation([Brightness()])
        ```
    """

    def drawn(self, images: Tensor, random: Any) -> tuple[Tensor, ...]:
        return (uniform(images, random, -0.5, 0.5),)

    def mix(self, number: Tensor) -> Mix:
        return Mix(plus=number)


@keras.saving.register_keras_serializable("ganzoo")
class Saturation(Recolouring):
    """Multiply the channels' distance from their mean at a pixel by 0 to 2.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Saturation

        augmentation = Augmentation([Saturation()])
        ```
    """

    still = 1.0

    def drawn(self, images: Tensor, random: Any) -> tuple[Tensor, ...]:
        return (uniform(images, random, 0.0, 2.0),)

    def mix(self, number: Tensor) -> Mix:
        return Mix(own=number, grey=1.0 - number)


@keras.saving.register_keras_serializable("ganzoo")
class Contrast(Recolouring):
    """Multiply all values' distance from the image's mean by 0.5 to 1.5.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Contrast

        augmentation = Augmentation([Contrast()])
        ```
    """

    still = 1.0

    def drawn(self, images: Tensor, random: Any) -> tuple[Tensor, ...]:
        return (uniform(images, random, 0.5, 1.5),)

    def mix(self, number: Tensor) -> Mix:
        return Mix(own=number, mean=1.0 - number)


@keras.saving.register_keras_serializable("ganzoo")
class Translation(Parametric):
    """Shift by whole pixels, up to a share of the image; what comes in is grey (0).

    Args:
        most: the largest shift, as a share of height and width.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Translation

        augmentation = Augmentation([Translation(most=0.25)])
        ```
    """

    def __init__(self, most: float = 0.125) -> None:
        self.most = share("most", most)

    def drawn(self, images: Tensor, random: Any) -> tuple[Tensor, ...]:
        return tuple(self._shift(images, axis, random) for axis in (1, 2))

    def changed(self, images: Tensor, *numbers: Tensor) -> Tensor:
        return backends.current.shifted(images, *numbers)

    def _shift(self, images: Tensor, axis: int, random: Any) -> Tensor:
        most = int(images.shape[axis] * self.most + 0.5)
        return ops.floor(uniform(images, random, -most, most + 1.0))

    def get_config(self) -> dict[str, Any]:
        return {"most": self.most}


@keras.saving.register_keras_serializable("ganzoo")
class Cutout(Parametric):
    """Paint a rectangle grey (0), wherever its centre falls in the image.

    Of alpha as well, which would show what is behind.

    Args:
        size: the rectangle's height and width, as a share of the image's.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Cutout

        augmentation = Augmentation([Cutout(size=0.25)])
        ```
    """

    still = math.inf  # a rectangle that begins beyond any image

    def __init__(self, size: float = 0.5) -> None:
        self.size = share("size", size)

    def drawn(self, images: Tensor, random: Any) -> tuple[Tensor, ...]:
        return tuple(self._first(images, axis, random) for axis in (1, 2))

    def changed(self, images: Tensor, *numbers: Tensor) -> Tensor:
        rows, columns = (
            self._inside(images, axis, first) for axis, first in enumerate(numbers, start=1)
        )
        hidden = rows[:, :, None, None] * columns[:, None, :, None]
        return images * (1.0 - hidden)

    def _length(self, size: int) -> int:
        return int(size * self.size + 0.5)

    def _first(self, images: Tensor, axis: int, random: Any) -> Tensor:
        """Draw the rectangle's first row or column, which need not lie in the image."""
        size = images.shape[axis]
        length = self._length(size)
        return ops.floor(uniform(images, random, 0.0, size + (1 - length % 2))) - length // 2

    def _inside(self, images: Tensor, axis: int, first: Tensor) -> Tensor:
        """Return 1 for the rows or columns of the rectangle, `(batch, size)`."""
        size = images.shape[axis]
        places, first = ops.arange(size, dtype=images.dtype)[None, :], first[..., 0, 0]
        last = first + self._length(size)
        return ops.cast((places >= first) & (places < last), images.dtype)

    def get_config(self) -> dict[str, Any]:
        return {"size": self.size}


@keras.saving.register_keras_serializable("ganzoo")
class Flip(Parametric):
    """Mirror half of the images left to right: for what looks as well that way, not for digits.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Flip

        augmentation = Augmentation([Flip()])
        ```
    """

    still = 1.0

    def drawn(self, images: Tensor, random: Any) -> tuple[Tensor, ...]:
        return (uniform(images, random, 0.0, 1.0),)

    def changed(self, images: Tensor, *numbers: Tensor) -> Tensor:
        (number,) = numbers
        return ops.where(number < 0.5, ops.flip(images, axis=2), images)


@keras.saving.register_keras_serializable("ganzoo")
class InstanceNoise(Transformation):
    """Add noise that fades, so that real and generated images overlap while training is young.

    Args:
        stddev: standard deviation of the first round's noise; images are in [-1, 1].
        rounds: after how many rounds, falling linearly, there is none.

    Reference:
        [Sonderby et al., 2017](https://arxiv.org/abs/1610.04490), on instance noise.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, InstanceNoise

        augmentation = Augmentation([InstanceNoise(stddev=0.1, rounds=10_000)])
        ```
    """

    def __init__(self, stddev: float = 0.1, rounds: int = 10_000) -> None:
        if not (stddev > 0.0 and rounds >= 1):
            raise ValueError(
                f"InstanceNoise needs stddev above 0 and rounds from 1, not {stddev!r}, {rounds!r}."
            )
        self.stddev, self.rounds = stddev, rounds

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        left = ops.relu(1.0 - ops.cast(rounds, images.dtype) / self.rounds)
        noise = draws.normal(ops.shape(images), random, images.dtype)
        return images + noise * (self.stddev * left)

    def get_config(self) -> dict[str, Any]:
        return {"stddev": self.stddev, "rounds": self.rounds}


def share(name: str, value: float) -> float:
    """Return an argument that must be above 0 and at most 1."""
    if not 0.0 < value <= 1.0:
        raise ValueError(f"{name} must be above 0 and at most 1, not {value!r}.")
    return value
