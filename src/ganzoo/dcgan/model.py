"""The DCGAN: what it is made of, and how it draws."""

import math
import os
import random
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from ganzoo import presets
from ganzoo.dcgan.networks import (
    MOST_FILTERS,
    SMALLEST_SIDE,
    build_discriminator,
    build_generator,
)
from ganzoo.training.trainer import AdversarialModel
from ganzoo.types import ImageShape, Tensor

MOST_SEED = 2**31 - 1


@keras.saving.register_keras_serializable("ganzoo")
class DCGAN(AdversarialModel):
    """A deep convolutional GAN for images of any height, width and channels.

    Strided and fractionally-strided convolutions with batch norm, as in the paper. With
    `num_classes` it is class-conditional: the generator gets the one-hot label beside the latents
    ([Mirza and Osindero, 2014](https://arxiv.org/abs/1411.1784)) and the discriminator is a
    projection discriminator
    ([Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637)).

    Args:
        image_shape: `(height, width, channels)`; height and width at least 8.
        latent_dim: how many normally distributed numbers an image is drawn from.
        num_classes: number of classes, or None for an unconditional model.
        class_names: a name for each class; sets `num_classes`.
        base_filters: filters of the feature map next to the image, at most 512; doubled from
            stage to stage up to 512. Half of the paper's 64 is about three times faster.
        seed: what initial weights, latents and the order of images are drawn from; by default a
            number drawn at random (see `keras.utils.set_random_seed`) that stays in the config.
        dtype: a dtype or dtype policy, e.g. `"mixed_bfloat16"`.
        name: the model's name.

    Raises:
        ValueError: an argument is out of its range; says which, and what it may be.

    Reference:
        [Radford, Metz and Chintala, 2016](https://arxiv.org/abs/1511.06434).

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN(image_shape=(28, 28, 1), num_classes=10)
        gan.compile()
        images, labels = ganzoo.datasets.load("mnist")
        gan.fit(images, labels, epochs=20)
        sevens = gan.generate(8, labels=7, seed=0)
        ```
    """

    def __init__(
        self,
        image_shape: ImageShape,
        latent_dim: int = 100,
        num_classes: int | None = None,
        class_names: Sequence[str] | None = None,
        base_filters: int = 64,
        seed: int | None = None,
        dtype: Any = None,
        name: str = "dcgan",
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if class_names is not None:
            if isinstance(class_names, str) or not isinstance(class_names, Sequence):
                raise ValueError(f"class_names must be a list of names, not {class_names!r}.")
            class_names = [str(each) for each in class_names]
            num_classes = len(class_names) if num_classes is None else num_classes
        self.image_shape = _checked_shape(image_shape)
        self.latent_dim = _checked("latent_dim", latent_dim, 1)
        self.num_classes = None if num_classes is None else _checked("num_classes", num_classes, 2)
        self.class_names = class_names
        if class_names is not None and len(set(class_names)) != self.num_classes:
            raise ValueError(f"class_names needs {num_classes} different names: {class_names}.")
        self.base_filters = _checked("base_filters", base_filters, 1, MOST_FILTERS)
        self.seed = (
            random.randrange(2**31) if seed is None else _checked("seed", seed, 0, MOST_SEED)
        )
        # Spread, because Keras' random streams of neighbouring seeds overlap on torch.
        seeds = [int(each) for each in np.random.SeedSequence(self.seed).generate_state(3) // 2]
        shared = (self.num_classes, self.base_filters)
        self.generator = build_generator(
            self.image_shape, self.latent_dim, *shared, seeds[0], self.dtype_policy
        )
        self.discriminator = build_discriminator(
            self.image_shape, *shared, seeds[1], self.dtype_policy
        )
        self.prepare(seeds[2])

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        """Draw images from latents.

        Args:
            inputs: float latents `(batch, latent_dim)`, normally distributed; for a conditional
                model `[latents, labels]` with integer labels `(batch,)`.
            training: whether batch norm uses the batch's statistics and updates its own.

        Returns:
            Images in [-1, 1], float32 `(batch, height, width, channels)`.
        """
        return self.generator(inputs, training=training)

    def generate(
        self,
        n: int,
        labels: int | str | Sequence[int | str] | np.ndarray | None = None,
        seed: int | None = None,
        batch_size: int = 64,
    ) -> np.ndarray:
        """Draw images.

        The same seed draws the same images on every backend, to within one grey level, whatever
        `n` and `batch_size` are: the first 8 of 64 images are those of `generate(8)`.

        Args:
            n: how many images.
            labels: for a conditional model, the class of all images or of each, as a number or
                as one of `class_names`; by default the classes take turns.
            seed: what the latents are drawn from; by default new ones each time.
            batch_size: how many images are drawn at once.

        Returns:
            Images in [0, 255], uint8 `(n, height, width, channels)`.

        Raises:
            ValueError: `n` or a label is out of range, or labels for an unconditional model.

        Example:
            ```python
            import ganzoo

            gan = ganzoo.DCGAN((28, 28, 1), num_classes=10)
            sevens = gan.generate(8, labels=7, seed=0)
            ```
        """
        batch_size = min(_checked("batch_size", batch_size, 1), _checked("n", n, 1))
        padded = math.ceil(n / batch_size) * batch_size  # whole batches: one compiled program
        random_numbers = np.random.Generator(np.random.PCG64(seed))
        inputs: Any = random_numbers.standard_normal((padded, self.latent_dim), dtype=np.float32)
        if self.num_classes:
            inputs = [inputs, np.resize(self._class_numbers(labels, n, self.num_classes), padded)]
        elif labels is not None:
            raise ValueError("This model has no classes: call generate without labels.")
        images = self.predict(inputs, batch_size=batch_size, verbose=0)[:n]
        return np.rint((images + 1.0) * 127.5).astype(np.uint8)

    @classmethod
    def from_preset(cls, preset: str | os.PathLike[str], *, compile: bool = True) -> "DCGAN":
        """Build the model that a preset folder describes, with its weights.

        Args:
            preset: a folder that `save_to_preset` or `ganzoo train` has written.
            compile: whether to `compile()` it, so that it can be trained further.

        Returns:
            A `DCGAN`.

        Raises:
            FileNotFoundError: it is no preset folder.
            ValueError: its configuration or its weights are damaged.

        Example:
            ```python
            import ganzoo

            ganzoo.DCGAN((28, 28, 1)).save_to_preset("my_gan")
            gan = ganzoo.DCGAN.from_preset("my_gan")
            ```
        """
        config, tensors = presets.load(preset)
        try:
            model = cls(**config)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"The {presets.CONFIG} of the preset {os.fspath(preset)!r} is damaged: {error}"
            ) from error
        presets.check(preset, tensors, model._named_weights())
        for name, weight in model._named_weights().items():
            weight.assign(tensors[name])
        if compile:
            model.compile()
        return model

    def save_to_preset(self, folder: str | os.PathLike[str]) -> None:
        """Write the model's configuration and both networks' weights into a folder.

        Args:
            folder: created when needed; a preset that is there already is replaced.
        """
        config = self.get_config()
        tensors = {k: ops.convert_to_numpy(v) for k, v in self._named_weights().items()}
        presets.save(folder, config, tensors)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "image_shape": list(self.image_shape),
            "latent_dim": self.latent_dim,
            "num_classes": self.num_classes,
            "class_names": self.class_names,
            "base_filters": self.base_filters,
            "seed": self.seed,
            "dtype": self.dtype_policy.name,
            "name": self.name,
        }

    def _named_weights(self) -> dict[str, keras.Variable]:
        """Return both networks' weights by names that do not depend on Keras' automatic ones."""
        return {
            f"{network.name}.{index:02}.{weight.name}": weight
            for network in (self.generator, self.discriminator)
            for index, weight in enumerate(network.weights)
        }

    def _class_numbers(self, labels: Any, n: int, num_classes: int) -> np.ndarray:
        if labels is None:
            return np.arange(n, dtype=np.int32) % num_classes
        chosen = [labels] if np.ndim(labels) == 0 else list(labels)
        if len(chosen) not in (1, n):
            raise ValueError(f"generate({n}) takes one label or {n}, not {len(chosen)}.")
        names = self.class_names or []
        numbers = [names.index(each) if each in names else each for each in chosen]
        if wrong := [each for each in numbers if each not in range(num_classes)]:
            known = f" or one of {names}" if names else ""
            raise ValueError(f"Unknown label {wrong[0]!r}: give 0 to {num_classes - 1}{known}.")
        return np.resize(np.array(numbers, dtype=np.int32), n)


def _checked(name: str, value: Any, lowest: int, highest: int | None = None) -> int:
    """Return an argument as an int within its range."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < lowest or (highest is not None and value > highest):
        bounds = f"at least {lowest}" if highest is None else f"{lowest} to {highest}"
        raise ValueError(f"{name} must be a whole number, {bounds}, not {value!r}.")
    return int(value)


def _checked_shape(image_shape: Any) -> ImageShape:
    if not isinstance(image_shape, Sequence) or len(image_shape) != 3:
        raise ValueError(
            f"image_shape must be (height, width, channels), e.g. (28, 28, 1), not {image_shape!r}."
        )
    height, width, channels = image_shape
    return (
        _checked("image_shape's height", height, SMALLEST_SIDE),
        _checked("image_shape's width", width, SMALLEST_SIDE),
        _checked("image_shape's number of channels", channels, 1),
    )
