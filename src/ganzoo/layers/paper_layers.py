"""Layers as the papers of the convolutional families set them."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from ganzoo.layers.batch_norm import BatchNorm
from ganzoo.layers.normal import Normal
from ganzoo.types import Tensor


class PaperLayers:
    """Makes layers in one dtype, whose initial weights are drawn from one seed.

    Kernels are from N(0, 0.02) and there are no biases; batch norm, whose gain is from N(1, 0.02),
    has the momentum and epsilon of the papers' code, which are not those of Keras.

    Args:
        seed: what the initial weights are drawn from.
        dtype: the dtype or dtype policy of the layers.
    """

    def __init__(self, seed: int, dtype: Any) -> None:
        self.dtype = dtype
        self.random = np.random.default_rng(seed)

    def seed(self) -> int:
        """Return the seed of the next layer."""
        return int(self.random.integers(2**31))

    def name(self) -> str | None:
        """Return the next layer's name, None for one that Keras makes."""
        return None

    def normal(self, mean: float = 0.0) -> keras.initializers.Initializer:
        return Normal(mean, stddev=0.02, seed=self.seed())

    def dense(self, units: int, kind: type[keras.layers.Dense] = keras.layers.Dense) -> keras.Layer:
        return kind(
            units,
            use_bias=False,
            kernel_initializer=self.normal(),
            dtype=self.dtype,
            name=self.name(),
        )

    def conv(
        self, kind: type[keras.Layer], filters: int, size: int, stride: int = 1, **options: Any
    ) -> keras.Layer:
        """Return a convolution.

        Args:
            kind: its class.
            filters: of the maps that it makes.
            size: of its kernel, each way.
            stride: from one place to the next.
            **options: others of its class; `padding` is `"same"` and `use_bias` False by default.
        """
        common = {"padding": "same", "use_bias": False, "data_format": "channels_last"}
        return kind(
            filters,
            size,
            strides=stride,
            kernel_initializer=self.normal(),
            dtype=self.dtype,
            name=self.name(),
            **common | options,
        )

    def batch_norm(self) -> keras.Layer:
        return BatchNorm(
            momentum=0.9,
            epsilon=1e-5,
            gamma_initializer=self.normal(1.0),
            dtype=self.dtype,
            name=self.name(),
        )

    def activation(self, kind: type[keras.Layer], *arguments: Any) -> keras.Layer:
        return kind(*arguments, dtype=self.dtype)


def latents_and_labels(
    latent_dim: int, num_classes: int | None, attributes: Sequence[str] | None = None
) -> tuple[Any, Tensor]:
    """Return a generator's inputs, and what its first layer sees of them.

    With `num_classes` or `attributes`, the inputs are `[latents, labels]`, and the vectors of the
    labels are joined to the latents
    ([Mirza and Osindero, 2014](https://arxiv.org/abs/1411.1784)).
    """
    latents = keras.Input((latent_dim,), name="latents")
    if not (num_classes or attributes):
        return latents, latents
    labels, vectors = labels_and_vectors(num_classes, attributes, latents.dtype)
    return [latents, labels], ops.concatenate([latents, vectors], axis=-1)


def labels_and_vectors(
    num_classes: int | None, attributes: Sequence[str] | None, dtype: Any
) -> tuple[Tensor, Tensor]:
    """Return a network's input of labels, and a vector for each of them.

    Classes are int32 `(batch,)`, and their vectors are one-hot. Attributes are vectors already,
    float32 `(batch, attributes)`.
    """
    if attributes:
        labels = keras.Input((len(attributes),), name="labels")
        return labels, ops.cast(labels, dtype)
    labels = keras.Input((), dtype="int32", name="labels")
    return labels, ops.one_hot(labels, num_classes, dtype=dtype)
