"""JAX's fast ways on a CPU. On a GPU, where they have not been measured, all is left to XLA.

XLA reaches half of a CPU's speed where it spreads an image over a larger one (a transposed
convolution, and the gradient of a strided one with respect to its images), and a hundredth in the
kernel gradient of a transposed convolution (jax-ml/jax#23783, jax-ml/jax#31662). But a transposed
convolution is the adjoint of the strided one, `<transposed(x, k), g> = <x, strided(g, k)>`. So all
gradients of both come from a fast way to do each, and from one fast kernel gradient (`halving`).
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from ganzoo.backends import stock
from ganzoo.backends.contract import Pair
from ganzoo.backends.halving import Gradients, Product, halving, zeros_around
from ganzoo.types import Tensor

BLOCK = 8  # images that `transposed` makes at a time


def on_cpu(images: Tensor) -> bool:
    """Say whether XLA is to compute with these on a CPU.

    An exported model's batch size is a symbol: it runs elsewhere, as XLA's own operations.
    """
    return jax.default_backend() == "cpu" and isinstance(images.shape[0], int)


def conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Pair = 1,
    padding: str = "valid",
    data_format: str = "channels_last",
    dilation_rate: Pair = 1,
) -> Tensor:
    """Convolve with gradients that a CPU computes faster, or with a forward pass that it does."""
    options = (strides, padding, data_format, dilation_rate)
    if on_cpu(inputs) and stock.is_4x4_by_2(kernel, *options):
        return strided(inputs, kernel)
    wide = max(kernel.shape[:2]) > 1
    if on_cpu(inputs) and wide and (padding, data_format) == ("valid", "channels_last"):
        return padded(inputs, kernel, strides, dilation_rate)
    return stock.conv(inputs, kernel, *options)


def conv_transpose(
    inputs: Tensor,
    kernel: Tensor,
    strides: Pair = 1,
    padding: str = "valid",
    output_padding: Pair | None = None,
    data_format: str = "channels_last",
    dilation_rate: Pair = 1,
) -> Tensor:
    """Convolve in a way that is faster on a CPU, as are its gradients."""
    plain = stock.is_4x4_by_2(kernel, strides, padding, data_format, dilation_rate)
    if on_cpu(inputs) and plain and output_padding is None:
        return transposed(inputs, kernel)
    return stock.conv_transpose(
        inputs, kernel, strides, padding, output_padding, data_format, dilation_rate
    )


def valid(images: Tensor, kernel: Tensor, strides: Pair, dilation_rate: Pair) -> Tensor:
    """Convolve without padding, by XLA's own way, which has the faster gradients."""
    return stock.conv(images, kernel, strides, "valid", dilation_rate=dilation_rate)


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def padded(images: Tensor, kernel: Tensor, strides: Pair, dilation_rate: Pair) -> Tensor:
    """Convolve without padding; XLA on a CPU does so up to three times faster with some.

    Zeros below and on the right add outputs there, which are cut off, and change no other. No
    report of this is known to us; it was measured with JAX 0.10.2, on the maps of InceptionV3.
    """
    options = (strides, dilation_rate)
    _, rows, columns, _ = jax.eval_shape(lambda: valid(images, kernel, *options)).shape
    images = jnp.pad(images, [[0, 0], [0, 1], [0, 1], [0, 0]])  # XLA makes it the convolution's
    return valid(images, kernel, *options)[:, :rows, :columns]


def padded_forward(
    images: Tensor, kernel: Tensor, strides: Pair, dilation_rate: Pair
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Return the maps, and what their gradients need."""
    return padded(images, kernel, strides, dilation_rate), (images, kernel)


def padded_backward(
    strides: Pair, dilation_rate: Pair, saved: tuple[Tensor, Tensor], cotangent: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the gradients of `valid` with respect to images and kernel."""

    def convolved(images: Tensor, kernel: Tensor) -> Tensor:
        return valid(images, kernel, strides, dilation_rate)

    return jax.vjp(convolved, *saved)[1](cotangent)


@jax.jit  # also outside of `fit`: a bare lax.map would be compiled at every call
def doubled(images: Tensor, kernel: Tensor) -> Tensor:
    """Make 4x4 pixels of every pixel, and add up where they overlap: twice as many.

    A few images at a time, so that all their 4x4 pixels stay in the CPU's cache.
    """
    *_, channels, filters = kernel.shape
    tiles = kernel.reshape(2, 2, 2, 2, channels, filters).transpose(0, 2, 1, 3, 4, 5)
    tiles = tiles.reshape(16 * channels, filters)
    return lax.map(lambda image: transposed_image(image, tiles), images, batch_size=BLOCK)


def transposed_image(image: Tensor, tiles: Tensor) -> Tensor:
    """Convolve one image `(height, width, filters)`.

    The 4x4 pixels are 2x2 tiles of 2x2 pixels, so that whole tiles overlap: one product makes
    the tiles of all pixels, and four sums add them up.
    """
    height, width, _ = image.shape
    made = (image @ tiles.T).reshape(height, width, 2, 2, -1)
    total = sum(
        jnp.pad(made[:, :, a, b], ((a, 1 - a), (b, 1 - b), (0, 0))) for a in (0, 1) for b in (0, 1)
    )
    total = total.reshape(height + 1, width + 1, 2, 2, -1).transpose(0, 2, 1, 3, 4)
    return total.reshape(2 * height + 2, 2 * width + 2, -1)[1:-1, 1:-1]


def kernel_gradient(images: Tensor, maps: Tensor) -> Tensor:
    """Convolve images by maps, channels being images.

    In the only layout that XLA is fast at. It brings others there by itself, but not within a
    condition: there, a lazy penalty took a hundred times as long.
    """
    kernel = lax.conv_general_dilated(
        images.transpose(3, 1, 2, 0),
        maps.transpose(1, 2, 0, 3),
        window_strides=(1, 1),
        padding=zeros_around(images, maps),
        rhs_dilation=(2, 2),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return kernel.transpose(1, 2, 0, 3)


def with_gradients(product: Product, gradients: Gradients) -> Product:
    """Return a product with these gradients."""
    known = jax.custom_vjp(product)
    known.defvjp(
        lambda a, b: (known(a, b), (a, b)), lambda both, by: gradients(both[0], both[1], by)
    )
    return known


padded.defvjp(padded_forward, padded_backward)
strided, transposed = halving(
    with_gradients, partial(stock.conv, strides=2, padding="same"), doubled, kernel_gradient
)
