"""The DCGAN: its arguments, its networks, and what its presets keep in another shape."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from ganzoo.dcgan.dcgan_arguments import DCGANArguments
from ganzoo.dcgan.dcgan_networks import build_discriminator, build_generator, discriminator_stages
from ganzoo.dcgan.dcgan_presets import PRESETS
from ganzoo.dcgan.dcgan_transplant import shared_stages, transplant
from ganzoo.gan import GAN
from ganzoo.layers.convolutions import ResizeConv, doubling_kernel
from ganzoo.types import ImageShape


@keras.saving.register_keras_serializable("ganzoo")
class DCGAN(GAN):
    """A deep convolutional GAN for images of any height, width and channels.

    Strided and fractionally-strided convolutions with batch norm, as in the paper. With
    `num_classes` it is class-conditional: the generator gets the one-hot label beside the latents
    ([Mirza and Osindero, 2014](https://arxiv.org/abs/1411.1784)) and the discriminator is a
    projection discriminator
    ([Miyato and Koyama, 2018](https://arxiv.org/abs/1802.05637)). With `attributes` it is
    conditional on several properties at once, and a vector of them takes the place of the one-hot.

    Args:
        image_shape: `(height, width, channels)`; height and width at least 8.
        latent_dim: how many normally distributed numbers an image is drawn from.
        num_classes: number of classes, or None for an unconditional model.
        class_names: a name for each class; sets `num_classes`.
        attributes: names of what an image may have several of, such as `("smiling", "hat")`,
            instead of classes: labels are then vectors of them, 0 or 1 each.
        base_filters: filters of the feature map next to the image, at most 512; doubled from
            stage to stage up to 512. Half of the paper's 64 is about three times faster.
        discriminator_filters: the same for the discriminator alone, by default `base_filters`;
            with half as many, it does not win so easily, and trains faster.
        discriminator_norm: `"batch"`, the paper's; `"spectral"` normalisation instead
            ([Miyato et al., 2018](https://arxiv.org/abs/1802.05957)); or None, for penalties on
            gradients.
        upsampling: how the generator doubles the size: by `"transposed"` convolutions, the
            paper's; or by `"resize"` and convolution, which draws no checkerboards
            ([Odena et al., 2016](https://distill.pub/2016/deconv-checkerboard/)).
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

    family = "dcgan"
    description = "A deep convolutional GAN."
    Arguments = DCGANArguments
    own_presets = PRESETS
    chosen_recipe = "balanced"  # a discriminator that does not win; as the presets

    def __init__(
        self,
        image_shape: ImageShape,
        latent_dim: int = 100,
        num_classes: int | None = None,
        class_names: Sequence[str] | None = None,
        attributes: Sequence[str] | None = None,
        base_filters: int = 64,
        discriminator_filters: int | None = None,
        discriminator_norm: str | None = "batch",
        upsampling: str = "transposed",
        seed: int | None = None,
        dtype: Any = None,
        name: str = "dcgan",
    ) -> None:
        super().__init__(
            image_shape=image_shape,
            latent_dim=latent_dim,
            num_classes=num_classes,
            class_names=class_names,
            attributes=attributes,
            base_filters=base_filters,
            discriminator_filters=discriminator_filters,
            discriminator_norm=discriminator_norm,
            upsampling=upsampling,
            seed=seed,
            dtype=dtype,
            name=name,
        )

    @staticmethod
    def build_generator(arguments: DCGANArguments, seed: int, dtype: Any) -> keras.Model:
        return build_generator(
            arguments.image_shape,
            arguments.latent_dim,
            arguments.num_classes,
            arguments.base_filters,
            seed,
            dtype,
            arguments.upsampling,
            arguments.attributes,
        )

    @staticmethod
    def build_discriminator(arguments: DCGANArguments, seed: int, dtype: Any) -> keras.Model:
        return build_discriminator(
            arguments.image_shape,
            arguments.num_classes,
            arguments.discriminator_filters or arguments.base_filters,
            seed,
            dtype,
            arguments.discriminator_norm,
            arguments.attributes,
        )

    def stages(self) -> list[list[keras.Layer]]:
        """Return the discriminator's layers from the image on, a convolution in each stage."""
        return discriminator_stages(self.discriminator)

    def fine_tuning_recipe(self) -> dict[str, Any]:
        """Do as `GAN.fine_tuning_recipe`; under spectral normalisation with the hinge loss."""
        spectral = self.arguments.discriminator_norm == "spectral"
        return super().fine_tuning_recipe() | ({"loss": "hinge"} if spectral else {})

    def float32_generator(self) -> keras.Model:
        """Do as `GAN.float32_generator`, with transposed convolutions only.

        torch cannot put into ONNX what makes their kernels of those of `ResizeConv`.
        """
        network = self.build_generator(
            replace(self.arguments, upsampling="transposed"), 0, "float32"
        )
        for layer, own in zip(network.layers, self.drawing_generator.layers, strict=True):
            weights = [each.astype("float32") for each in own.get_weights()]
            if isinstance(own, ResizeConv):
                weights = [doubling_kernel(each) for each in weights]
            layer.set_weights(weights)
        return network

    @classmethod
    def transplant(
        cls,
        weights: Mapping[str, np.ndarray],
        source: DCGANArguments,
        target: DCGANArguments,
        fresh: Mapping[str, np.ndarray],
    ) -> tuple[dict[str, np.ndarray], list[str]]:
        return transplant(weights, source, target, fresh)

    @classmethod
    def shared_stages(cls, source: DCGANArguments, target: DCGANArguments) -> int:
        return shared_stages(source, target)
