"""The FastGAN: its arguments, its networks, and how it trains."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from ganzoo.augmentation import Augmentation, Brightness, Contrast, Saturation, Translation
from ganzoo.fastgan.fastgan_arguments import FastGANArguments, halvings
from ganzoo.fastgan.fastgan_decoders import Reconstruction
from ganzoo.fastgan.fastgan_networks import build_discriminator, build_generator
from ganzoo.fastgan.fastgan_presets import PRESETS
from ganzoo.fastgan.fastgan_transplant import transplant
from ganzoo.gan import GAN
from ganzoo.layers.convolutions import ResizeConv, doubling_kernel
from ganzoo.layers.spectral_norm import SpectralNorm
from ganzoo.losses import Hinge
from ganzoo.penalties import Penalty
from ganzoo.types import ImageShape


@keras.saving.register_keras_serializable("ganzoo")
class FastGAN(GAN):
    """A GAN that learns larger pictures, 128 or 256 pixels a side, from few of them.

    Small maps weigh the channels of large ones (skip-layer excitation), so that gradients find a
    short way; and the discriminator has to be able to rebuild real images from its features, so
    that it does not look at a few details only. With `num_classes` it is class-conditional: the
    generator learns a first map for each class, and the discriminator is a projection discriminator
    ([Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637)); with `attributes` it is
    conditional on several properties at once, whose maps add up.

    It differs from the paper in what leaves its images alike: the smaller image that the
    discriminator judges, too, is the larger one made smaller, not one that the generator draws
    beside it; and the noise that it adds stands still while it draws.

    Args:
        image_shape: `(height, width, channels)`; both sides at least 32 and multiples of 4, from a
            shorter side of 64 on of 8, from 128 on of 16, from 256 on of 32, and so on.
        latent_dim: how many normally distributed numbers an image is drawn from.
        num_classes: number of classes, or None for an unconditional model.
        class_names: a name for each class; sets `num_classes`.
        attributes: names of what an image may have several of, such as `("smiling", "hat")`,
            instead of classes: labels are then vectors of them, 0 or 1 each.
        base_filters: what the filters of all maps are multiples of, at most 256: those of the
            generator's map of 128 pixels. 64 is the paper's; 16 and 32 suit smaller machines.
        upsampling: how the generator doubles the size before it convolves: to the `"nearest"`
            pixel, the paper's, or `"bilinear"`.
        grown_from: the shorter side of the images that the model began with, at most that of
            `image_shape`, the default. Of a smaller one, each further doubling adds to the image of
            the one before, enlarged, and to what the discriminator sees of the image made smaller.
            `from_preset` sets it where `image_shape` is larger than the preset's.
        noise_seed: what the noise that stands still is drawn from, by default `seed`. It belongs to
            the weights, so that `from_preset(seed=)` leaves it as it is.
        seed: what initial weights, latents and the order of images are drawn from; by default a
            number drawn at random (see `keras.utils.set_random_seed`) that stays in the config.
        dtype: a dtype or dtype policy, e.g. `"mixed_bfloat16"`.
        name: the model's name.

    Raises:
        ValueError: an argument is out of its range; says which, and what it may be.

    Reference:
        [Liu et al., 2021](https://arxiv.org/abs/2101.04775).

    Example:
        ```python
        import ganzoo

        gan = ganzoo.FastGAN(image_shape=(64, 64, 3), base_filters=16)
        gan.compile()
        gan.fit("emoji", epochs=100)
        images = gan.generate(16, seed=0)
        ```
    """

    family = "fastgan"
    description = "A FastGAN: larger pictures from few images."
    Arguments = FastGANArguments
    own_presets = PRESETS
    batch_size = 8  # the paper's
    chosen_from = 64
    chosen_filters = 16  # the paper's 64 are for an accelerator

    def __init__(
        self,
        image_shape: ImageShape,
        latent_dim: int = 256,
        num_classes: int | None = None,
        class_names: Sequence[str] | None = None,
        attributes: Sequence[str] | None = None,
        base_filters: int = 64,
        upsampling: str = "nearest",
        grown_from: int | None = None,
        noise_seed: int | None = None,
        seed: int | None = None,
        dtype: Any = None,
        name: str = "fastgan",
    ) -> None:
        super().__init__(
            image_shape=image_shape,
            latent_dim=latent_dim,
            num_classes=num_classes,
            class_names=class_names,
            attributes=attributes,
            base_filters=base_filters,
            upsampling=upsampling,
            grown_from=grown_from,
            noise_seed=noise_seed,
            seed=seed,
            dtype=dtype,
            name=name,
        )

    @staticmethod
    def build_generator(arguments: FastGANArguments, seed: int, dtype: Any) -> keras.Model:
        return build_generator(arguments, seed, dtype)

    @staticmethod
    def build_discriminator(arguments: FastGANArguments, seed: int, dtype: Any) -> keras.Model:
        return build_discriminator(arguments, seed, dtype)

    @staticmethod
    def build_auxiliary(arguments: FastGANArguments, seed: int, dtype: Any) -> Penalty:
        return Reconstruction(arguments, seed, dtype)

    def float32_generator(self) -> keras.Model:
        """Do as `GAN.float32_generator`, with kernels that are divided already.

        torch cannot put into ONNX what divides them, nor what doubles them.
        """
        seed = self.generator_seed
        network = build_generator(self.arguments, seed, dtype="float32", spectral=False)
        for layer, own in zip(network.layers, self.drawing_generator.layers, strict=True):
            weights = [ops.cast(each, "float32") for each in own.weights]
            if isinstance(own, SpectralNorm):
                weights = [own.divided(training=False)]
            if isinstance(own, ResizeConv):
                weights = [doubling_kernel(weights[0])]
            layer.set_weights([ops.convert_to_numpy(each) for each in weights])
        return network

    def stages(self) -> list[list[keras.Layer]]:
        """Return the discriminator's layers from the image on, a halving in each stage."""
        found: dict[int, list[keras.Layer]] = {}  # by how many halvings are left
        for layer in sorted(self.discriminator.layers, key=ends_a_stage):
            kind, _, number = layer.name.rpartition("_")[0].rpartition("_")
            if kind in ("first", "halve"):
                found.setdefault(int(number) - (kind == "halve"), []).append(layer)
        return [found[left] for left in sorted(found, reverse=True)]

    @classmethod
    def transplant(
        cls,
        weights: Mapping[str, np.ndarray],
        source: FastGANArguments,
        target: FastGANArguments,
        fresh: Mapping[str, np.ndarray],
    ) -> tuple[dict[str, np.ndarray], list[str]]:
        return transplant(cls, weights, source, target, fresh)

    @classmethod
    def shared_stages(cls, source: FastGANArguments, target: FastGANArguments) -> int:
        """Return all stages for images of the same scale; for others, the first are new."""
        same = source.image_shape[-1] == target.image_shape[-1]
        count = halvings(source.image_shape)
        return count + 1 if same and count == halvings(target.image_shape) else 0

    def recipe(self) -> dict[str, Any]:
        """Return the paper's: hinge loss with margins, images shifted and recoloured."""
        return {
            "loss": Hinge(spread=0.2),
            "augmentation": Augmentation([Brightness(), Saturation(), Contrast(), Translation()]),
        }


def ends_a_stage(layer: keras.Layer) -> int:
    """Return 1 for the mean of both ways through a stage, 2 for what is added to it, else 0."""
    return isinstance(layer, layers.Average) + 2 * isinstance(layer, layers.Add)
