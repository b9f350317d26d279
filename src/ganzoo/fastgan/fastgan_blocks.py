"""What the networks of a FastGAN and its decoders are made of.

Reference:
    [Liu et al., 2021](https://arxiv.org/abs/2101.04775), figures 3 and 4.
"""

from typing import Any

import numpy as np
from keras import layers, ops

from ganzoo.layers import (
    Conv2D,
    Conv2DTranspose,
    Enlarged,
    LeakyReLU,
    MeanGrid,
    Noise,
    PaperLayers,
    Shrunk,
    SpectralConv2D,
    SpectralDense,
    SpectralResizeConv,
)
from ganzoo.types import Tensor

GRID = 4  # of what is seen of a map that excites another, each way


class Blocks(PaperLayers):
    """What both networks and the decoders are made of.

    Args:
        seed: what the initial weights are drawn from.
        dtype: the dtype or dtype policy of the layers.
        spectral: whether convolutions are under spectral normalisation. Without it, those that
            double a size have kernels of 4 x 4, and the same names and order as with it.
        noise_seed: what the noise that stands still is drawn from, by default `seed`.
    """

    def __init__(
        self, seed: int, dtype: Any, spectral: bool = True, noise_seed: int | None = None
    ) -> None:
        super().__init__(seed, dtype)
        self.noise_random = np.random.default_rng(seed if noise_seed is None else noise_seed)
        self.conv_kind = SpectralConv2D if spectral else Conv2D
        self.dense_kind = SpectralDense if spectral else layers.Dense
        self.double_kind = (SpectralResizeConv, 3) if spectral else (Conv2DTranspose, 4)
        self.at("")

    def seed(self) -> int:
        self.still_seed = int(self.noise_random.integers(2**31))  # in step with the layers'
        return super().seed()

    def at(self, place: str) -> None:
        """Say where in the network the next layers are: their names tell."""
        self.place, self.number = place, 0

    def name(self) -> str:
        self.number += 1
        return f"{self.place}_{self.number}"

    def stem(self, x: Tensor, height: int, width: int, filters: float) -> Tensor:
        """Return the smallest map that the generator makes."""
        self.at("stem")
        filters = 2 * whole(filters)
        x = self.dense(height * width * filters, self.dense_kind)(x)
        return self.gated(layers.Reshape((height, width, filters), dtype=self.dtype)(x))

    def convolved(
        self, x: Tensor, filters: float, size: int, stride: int = 1, **options: Any
    ) -> Tensor:
        return self.conv(self.conv_kind, whole(filters), size, stride, **options)(x)

    def normed(self, x: Tensor, filters: float, size: int, stride: int = 1) -> Tensor:
        """Convolve, normalise, and rectify leakily."""
        x = self.batch_norm()(self.convolved(x, filters, size, stride))
        return self.activation(LeakyReLU, 0.2)(x)

    def gated(self, x: Tensor, noisy: bool = False) -> Tensor:
        """Normalise; half of the maps say how much of the other half goes on."""
        if noisy:
            seed = self.seed()
            x = Noise(seed, self.still_seed, dtype=self.dtype, name=self.name())(x)
        # Not ops.glu: presets have weights in the order of layers, which goes by the steps between.
        values, gates = ops.split(self.batch_norm()(x), 2, axis=-1)
        return values * ops.sigmoid(gates)

    def double(self, x: Tensor, filters: float, upsampling: str, noisy: bool = False) -> Tensor:
        """Enlarge to twice the size and convolve; if noisy, once more."""
        filters = 2 * whole(filters)
        if upsampling == "nearest":
            kind, size = self.double_kind
            x = self.conv(kind, filters, size, stride=2)(x)
        else:
            x = self.enlarged(x, upsampling)
            x = self.convolved(x, filters, 3)
        x = self.gated(x, noisy)
        return self.gated(self.convolved(x, filters, 3), noisy) if noisy else x

    def drawn(self, x: Tensor, channels: int, number: int, smaller: Tensor | None) -> Tensor:
        """Return the image that a map shows, added to a smaller image if there is one."""
        self.at(f"image_{number}")
        image = self.convolved(x, channels, 3)
        if smaller is None:
            return image
        return self.added(image, self.enlarged(smaller, "bilinear"))

    def enlarged(self, x: Tensor, upsampling: str) -> Tensor:
        """Return a map of twice the size."""
        if upsampling == "bilinear":
            return Enlarged(dtype=self.dtype)(x)
        return layers.UpSampling2D(2, "channels_last", upsampling, dtype=self.dtype)(x)

    def first(self, images: Tensor, number: int, filters: float) -> Tensor:
        """Return the map that the discriminator makes of images."""
        self.at(f"first_{number}")
        return self.activation(LeakyReLU, 0.2)(self.convolved(images, filters, 3))

    def shrunk(self, images: Tensor, size: int) -> Tensor:
        """Return images whose pixels are the means of squares of so many."""
        return Shrunk(size, dtype=self.dtype)(images)

    def added(self, x: Tensor, other: Tensor) -> Tensor:
        return layers.Add(dtype=self.dtype, name=self.name())([x, other])

    def halve(self, x: Tensor, filters: float) -> Tensor:
        """Return maps of half the size: the mean of a long way and of a short one."""
        long = self.normed(self.normed(x, filters, 4, stride=2), filters, 3)
        short = self.normed(self.shrunk(x, 2), filters, 1)
        return layers.Average(dtype=self.dtype, name=self.name())([long, short])

    def excite(self, x: Tensor, by: Tensor) -> Tensor:
        """Weigh each map by what a map at the other end of the network shows."""
        filters = x.shape[-1]
        grid = MeanGrid(GRID, dtype=self.dtype)(by)
        by = ops.silu(self.convolved(grid, filters, GRID, padding="valid"))
        return x * ops.sigmoid(self.convolved(by, filters, 1))

    def places(self, x: Tensor) -> Tensor:
        """Return a logit for each place of a map, `(batch, places)`."""
        logits = self.convolved(x, 1, 4, padding="valid")
        return layers.Reshape((-1,), dtype=self.dtype)(logits)


def whole(filters: float) -> int:
    """Return a number of filters: of a small model, fractions come up."""
    return max(1, int(filters))
