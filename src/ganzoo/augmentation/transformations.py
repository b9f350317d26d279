"""Random changes of images through which gradients flow.

Each maps images, float `(batch, height, width, channels)` in about [-1, 1], to changed ones; every
image gets random numbers of its own. Brightness, saturation, contrast, translation and cutout are
those of [Zhao et al., 2020](https://arxiv.org/abs/2006.10738), with their ranges. Those of colours
leave alpha, the fourth channel of four, as it is.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from ganzoo import draws
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


@keras.saving.register_keras_serializable("ganzoo")
class Brightness(Transformation):
    """Add one number from -0.5 to 0.5.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Brightness

        augmentation = Augmentation([Brightness()])
        ```
    """

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        amount = uniform(images, random, -0.5, 0.5)
        return recoloured(images, lambda colours: colours + amount)


@keras.saving.register_keras_serializable("ganzoo")
class Saturation(Transformation):
    """Multiply the channels' distance from their mean at a pixel by 0 to 2.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Saturation

        augmentation = Augmentation([Saturation()])
        ```
    """

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        factor = uniform(images, random, 0.0, 2.0)
        return recoloured(images, lambda colours: stretched(colours, 3, factor))


@keras.saving.register_keras_serializable("ganzoo")
class Contrast(Transformation):
    """Multiply all values' distance from the image's mean by 0.5 to 1.5.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Contrast

        augmentation = Augmentation([Contrast()])
        ```
    """

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        factor = uniform(images, random, 0.5, 1.5)
        return recoloured(images, lambda colours: stretched(colours, [1, 2, 3], factor))


@keras.saving.register_keras_serializable("ganzoo")
class Translation(Transformation):
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

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        rows, columns = (self._shifts(images, axis, random) for axis in (1, 2))
        # A shift is a product with a matrix of zeros and ones: fast, and so is its gradient.
        return ops.einsum("bij,bjwc,bvw->bivc", rows, images, columns)

    def _shifts(self, images: Tensor, axis: int, random: Any) -> Tensor:
        """Return a matrix for each image, `(batch, size, size)`."""
        size = images.shape[axis]
        most = int(size * self.most + 0.5)
        shift = ops.floor(uniform(images, random, -most, most + 1.0)[..., 0])
        to, source = ops.arange(size, dtype=images.dtype), ops.arange(size, dtype=images.dtype)
        return ops.cast(to[None, :, None] - source[None, None, :] == shift, images.dtype)

    def get_config(self) -> dict[str, Any]:
        return {"most": self.most}


@keras.saving.register_keras_serializable("ganzoo")
class Cutout(Transformation):
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

    def __init__(self, size: float = 0.5) -> None:
        self.size = share("size", size)

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        rows, columns = (self._inside(images, axis, random) for axis in (1, 2))
        hidden = rows[:, :, None, None] * columns[:, None, :, None]
        return images * (1.0 - hidden)

    def _inside(self, images: Tensor, axis: int, random: Any) -> Tensor:
        """Return 1 for the rows or columns of the rectangle, `(batch, size)`."""
        size = images.shape[axis]
        length = int(size * self.size + 0.5)
        first = ops.floor(uniform(images, random, 0.0, size + (1 - length % 2))[..., 0, 0])
        first = first - length // 2
        places = ops.arange(size, dtype=images.dtype)[None, :]
        return ops.cast((places >= first) & (places < first + length), images.dtype)

    def get_config(self) -> dict[str, Any]:
        return {"size": self.size}


@keras.saving.register_keras_serializable("ganzoo")
class Flip(Transformation):
    """Mirror half of the images left to right: for what looks as well that way, not for digits.

    Example:
        ```python
        from ganzoo.augmentation import Augmentation, Flip

        augmentation = Augmentation([Flip()])
        ```
    """

    def __call__(self, images: Tensor, random: Any, rounds: Tensor) -> Tensor:
        mirrored = uniform(images, random, 0.0, 1.0) < 0.5
        return ops.where(mirrored, ops.flip(images, axis=2), images)


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


def recoloured(images: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
    """Return images with changed colours; of four channels, the last is no colour but alpha."""
    if images.shape[3] != 4:
        return change(images)
    return ops.concatenate([change(images[..., :3]), images[..., 3:]], axis=3)


def stretched(images: Tensor, axes: int | list[int], factor: Tensor) -> Tensor:
    """Return images whose distance from their mean along some axes is multiplied."""
    mean = ops.mean(images, axis=axes, keepdims=True)
    return mean + (images - mean) * factor


def uniform(images: Tensor, random: Any, low: float, high: float) -> Tensor:
    """Return a number for each image, `(batch, 1, 1, 1)`."""
    return draws.uniform((ops.shape(images)[0], 1, 1, 1), random, low, high, images.dtype)


def share(name: str, value: float) -> float:
    """Return an argument that must be above 0 and at most 1."""
    if not 0.0 < value <= 1.0:
        raise ValueError(f"{name} must be above 0 and at most 1, not {value!r}.")
    return value
