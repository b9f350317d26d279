"""What a family of GANs is: two networks, made from checked arguments."""

import random
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np

from ganzoo.gan.arguments import GANArguments
from ganzoo.penalties import Penalty
from ganzoo.presets import Preset
from ganzoo.types import ImageShape, Tensor

Weights = Mapping[str, np.ndarray]
"""Weights by the names that presets give them."""


def seeds_of(seed: int) -> list[int]:
    """Return what a model's parts are drawn from: generator, discriminator, latents, auxiliary."""
    # Spread, because Keras' random streams of neighbouring seeds overlap on torch.
    return [int(each) for each in np.random.SeedSequence(seed).generate_state(4) // 2]


class Family(keras.Model):
    """The part of `ganzoo.GAN` that a family fills in.

    A family sets `family`, `description`, `Arguments` and `own_presets`, and builds the two
    networks; the other methods have a way that suits any networks.
    """

    family: ClassVar[str]
    description: ClassVar[str] = "A generative adversarial network."
    Arguments: ClassVar[type[GANArguments]] = GANArguments
    own_presets: ClassVar[Mapping[str, Preset]] = {}
    batch_size: ClassVar[int] = 64  # of a training, where the user says none, nor
    chosen_from: ClassVar[int] = 0  # pixels of the shorter side, nor a family
    chosen_recipe: ClassVar[str] = "paper"  # of `ganzoo.recipes`, nor a recipe
    chosen_filters: ClassVar[int | None] = None  # nor filters nor a time, on a processor

    arguments: Any
    generator: keras.Model
    discriminator: keras.Model
    auxiliary: Penalty | None
    ema_generator: keras.Model | None  # no class attribute: torch would look no further
    reinitialized: Sequence[str] = ()
    inherited_stages = 0  # of the discriminator, from the image on

    def __init__(self, arguments: GANArguments, dtype: Any = None, name: str | None = None) -> None:
        super().__init__(name=name or self.family, dtype=dtype)
        self.seed_given = arguments.seed is not None
        if arguments.seed is None:
            arguments.seed = random.randrange(2**31)
        self.arguments = arguments
        seeds = seeds_of(self.seed)
        self.generator_seed = seeds[0]
        self.generator = self.build_generator(arguments, self.generator_seed, self.dtype_policy)
        self.discriminator = self.build_discriminator(arguments, seeds[1], self.dtype_policy)
        self._check_inputs()
        self.seed_generator = keras.random.SeedGenerator(seeds[2])
        self.auxiliary = self.build_auxiliary(arguments, seeds[3], self.dtype_policy)
        self.ema_generator = None
        self.rounds_played = keras.Variable(0, dtype="int", trainable=False, name="rounds_played")
        self.built = True

    @staticmethod
    def build_generator(arguments: Any, seed: int, dtype: Any) -> keras.Model:
        """Return the network from latents `(batch, latent_dim)` to images in [-1, 1], float32.

        It is a functional model called `"generator"`, its input `"latents"`. With `num_classes`, it
        has a list of inputs, the second int32 `(batch,)` and called `"labels"`; with `attributes`
        those are float32 `(batch, attributes)`. A family may leave out attributes: they are refused
        where its networks have no such input.

        Args:
            arguments: the family's, checked.
            seed: what the initial weights are drawn from.
            dtype: the dtype or dtype policy of its layers.
        """
        raise NotImplementedError

    @staticmethod
    def build_discriminator(arguments: Any, seed: int, dtype: Any) -> keras.Model:
        """Return the network from images in [-1, 1] to logits `(batch,)`, float32.

        It is a functional model called `"discriminator"`. With `num_classes` or `attributes`, it
        has a list of inputs, the second the labels. One that judges many places of an image returns
        logits `(batch, ...)`, which count by their mean; one whose features are of use to
        `build_auxiliary` or to penalties returns a list, the logits first.

        Args:
            arguments: the family's, checked.
            seed: what the initial weights are drawn from.
            dtype: the dtype or dtype policy of its layers.
        """
        raise NotImplementedError

    @staticmethod
    def build_auxiliary(arguments: Any, seed: int, dtype: Any) -> Penalty | None:
        """Return a term of the discriminator's loss that belongs to the family, by default None.

        It is part of every training, beside the penalties that `compile` is given, and of no
        evaluation. Its trainable weights learn with the discriminator: decoders, for instance, that
        rebuild real images from the discriminator's features, in `term(judged)` from
        `judged.real_features` and `judged.real`. They are saved in `.keras` files, where training
        goes on, but not in presets.

        Args:
            arguments: the family's, checked.
            seed: what the initial weights are drawn from.
            dtype: the dtype or dtype policy of its layers.
        """
        return None

    def recipe(self) -> dict[str, Any]:
        """Return the arguments of `compile` that are the family's own, where the user says none.

        `loss`, `penalties`, `augmentation` and `ema_decay` may be among them.
        """
        return {}

    def stages(self) -> list[list[keras.Layer]]:
        """Return the discriminator's layers from the image on, stage by stage.

        `compile(frozen_stages=)` keeps their weights; what comes out of each is a feature. By
        default, each layer with weights begins a stage, but the last such.
        """
        stages: list[list[keras.Layer]] = []
        for layer in self.discriminator.layers:
            if layer.weights:
                stages.append([])
            if stages:
                stages[-1].append(layer)
        return stages[:-1]

    def float32_generator(self) -> keras.Model:
        """Return the generator that draws, in float32: what `export` writes."""
        # Of the same seed: what a layer draws once and keeps is no weight.
        network = self.build_generator(self.arguments, self.generator_seed, "float32")
        for to, weight in zip(network.weights, self.drawing_generator.weights, strict=True):
            to.assign(keras.ops.convert_to_numpy(keras.ops.cast(weight, "float32")))
        return network

    @classmethod
    def transplant(
        cls, weights: Weights, source: Any, target: Any, fresh: Weights
    ) -> tuple[dict[str, np.ndarray], list[str]]:
        """Put the weights that fit into a model of another image shape, or of other classes.

        Args:
            weights: the preset's.
            source: the arguments that they belong to.
            target: the arguments of the model that they are put into.
            fresh: its weights before any training.

        Returns:
            All weights of the target by name, and in words what of them begins anew.
        """
        fitting = {
            name: weights[name]
            for name, own in fresh.items()
            if name in weights and weights[name].shape == own.shape
        }
        return {**fresh, **fitting}, sorted(fresh.keys() - fitting.keys())

    @classmethod
    def shared_stages(cls, source: Any, target: Any) -> int:
        """Return how many of the discriminator's stages, from the image on, fit the target."""
        return 0

    @property
    def drawing_generator(self) -> keras.Model:
        """The generator that draws: that of the averaged weights while there is one."""
        return self.ema_generator or self.generator

    @property
    def image_shape(self) -> ImageShape:
        return self.arguments.image_shape

    @property
    def latent_dim(self) -> int:
        return self.arguments.latent_dim

    @property
    def num_classes(self) -> int | None:
        return self.arguments.num_classes

    @property
    def class_names(self) -> Sequence[str] | None:
        """A name for each class; the sub-folders of the first training name those without."""
        return self.arguments.class_names

    @class_names.setter
    def class_names(self, names: Sequence[str] | None) -> None:
        self.arguments.class_names = names

    @property
    def attributes(self) -> Sequence[str] | None:
        """Names of what an image may have several of; None for models of classes, or of neither."""
        return self.arguments.attributes

    @property
    def conditional(self) -> bool:
        """Whether the model takes labels: classes, or vectors of attributes."""
        return bool(self.arguments.label_size)

    @property
    def turns(self) -> int | None:
        """How many labels take turns where none are asked for; None for an unconditional model.

        Those are the classes; or no attribute, and then each of them alone.
        """
        return len(self.attributes) + 1 if self.attributes else self.num_classes

    @property
    def seed(self) -> int:
        assert self.arguments.seed is not None
        return self.arguments.seed

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        """Draw images from latents.

        Args:
            inputs: float latents `(batch, latent_dim)`, normally distributed; for a conditional
                model `[latents, labels]` with integer labels `(batch,)`, or vectors of attributes.
            training: whether batch norm uses the batch's statistics and updates its own.

        Returns:
            Images in [-1, 1], float32 `(batch, height, width, channels)`.
        """
        return self.drawing_generator(inputs, training=training)

    def _check_inputs(self) -> None:
        """Refuse attributes that the family's networks know nothing of."""
        size = len(self.attributes or ())
        networks = (self.generator, self.discriminator)
        if size and any(
            [each.shape[1:] for each in net.inputs[1:]] != [(size,)] for net in networks
        ):
            raise ValueError(
                f"The networks of the family {self.family} take no attributes: choose another "
                "family, or build it with num_classes and a class for each combination."
            )

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**self.arguments.config(), "dtype": self.dtype_policy.name, "name": self.name}
