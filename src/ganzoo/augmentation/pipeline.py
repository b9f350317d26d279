"""Transformations one after the other, each with some probability."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from ganzoo.augmentation.transformations import (
    Brightness,
    Contrast,
    Cutout,
    Saturation,
    Transformation,
    Translation,
    uniform,
)
from ganzoo.types import Tensor

ZHAO = (Brightness, Saturation, Contrast, Translation, Cutout)
"""The paper's policy "color,translation,cutout"."""


@keras.saving.register_keras_serializable("ganzoo")
class Augmentation(keras.layers.Layer):
    """What the discriminator sees instead of the images, real and generated.

    Args:
        transformations: a sequence of `Transformation`; by default the paper's policy of
            brightness, saturation, contrast, translation and cutout.
        probability: of each transformation, for each image.

    Raises:
        ValueError: there is no transformation, or the probability is not in [0, 1].

    Reference:
        [Zhao et al., 2020](https://arxiv.org/abs/2006.10738).

    Example:
        ```python
        import ganzoo
        from ganzoo.augmentation import Augmentation, Cutout, Flip, Translation

        gan = ganzoo.DCGAN((64, 64, 3))
        gan.compile(augmentation=Augmentation([Flip(), Translation(), Cutout()]))
        ```
    """

    def __init__(
        self,
        transformations: Sequence[Transformation] | None = None,
        probability: float = 1.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"probability must be from 0 to 1, not {probability!r}.")
        if transformations is None:
            transformations = [each() for each in ZHAO]
        if not transformations:
            raise ValueError("An augmentation needs at least one transformation.")
        self.transformations = list(transformations)
        self.first_probability = float(probability)
        constant = keras.initializers.Constant(self.first_probability)
        self.probability = self.add_weight((), constant, trainable=False, name="probability")
        self.rounds = self.add_weight((), "zeros", trainable=False, dtype="int32", name="rounds")
        self.built = True

    def view(self, images: Tensor, random: keras.random.SeedGenerator) -> Tensor:
        """Return changed images.

        Args:
            images: float `(batch, height, width, channels)` in [-1, 1].
            random: the seed to draw with.
        """
        for transformation in self.transformations:
            changed = transformation(images, random, self.rounds.value)
            chosen = uniform(images, random, 0.0, 1.0) < self.probability
            images = ops.where(chosen, changed, images)
        return images

    def observe(self, real_logits: Tensor) -> None:
        """Learn from a round's logits of real images, `(batch,)`."""
        self.rounds.assign_add(1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, so that it is saved with the model."""
        return {
            "name": self.name,
            "transformations": [
                keras.saving.serialize_keras_object(each) for each in self.transformations
            ],
            "probability": self.first_probability,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Augmentation":
        """Build it again from `get_config()`."""
        transformations = [
            keras.saving.deserialize_keras_object(each) for each in config["transformations"]
        ]
        return cls(**(config | {"transformations": transformations}))


@keras.saving.register_keras_serializable("ganzoo")
class AdaptiveAugmentation(Augmentation):
    """An augmentation that grows as strong as the discriminator's overfitting asks for.

    After every round the probability takes a small step: up where the mean sign of the logits of
    real images, over about four rounds, is above `target`, down where it is below.

    Args:
        transformations: as for `Augmentation`.
        probability: at the beginning.
        target: of the mean sign of the logits of real images, -1 to 1.
        images: after how many real images the probability could have gone from 0 to 1.

    Reference:
        [Karras et al., 2020](https://arxiv.org/abs/2006.06676), section 3.

    Example:
        ```python
        import ganzoo
        from ganzoo.augmentation import AdaptiveAugmentation, Flip, Translation

        gan = ganzoo.DCGAN((64, 64, 3))
        gan.compile(augmentation=AdaptiveAugmentation([Flip(), Translation()], images=100_000))
        ```
    """

    def __init__(
        self,
        transformations: Sequence[Transformation] | None = None,
        probability: float = 0.0,
        target: float = 0.6,
        images: int = 500_000,
        **options: Any,
    ) -> None:
        super().__init__(transformations, probability, **options)
        if not (-1.0 < target < 1.0 and images >= 1):
            raise ValueError(
                f"target must be between -1 and 1 and images from 1, not {target!r}, {images!r}."
            )
        self.target, self.images = target, images
        self.mean_sign = self.add_weight((), "zeros", trainable=False, name="mean_sign")

    def observe(self, real_logits: Tensor) -> None:
        super().observe(real_logits)
        sign = ops.mean(ops.sign(ops.stop_gradient(real_logits)))
        self.mean_sign.assign(self.mean_sign + (sign - self.mean_sign) / 4.0)
        step = ops.cast(ops.shape(real_logits)[0], "float32") / self.images
        step = step * ops.sign(self.mean_sign - self.target)
        self.probability.assign(ops.clip(self.probability + step, 0.0, 1.0))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"target": self.target, "images": self.images}
