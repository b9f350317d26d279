"""The convolution that halves images, 4x4 with stride 2, and its two gradients.

All three are those of one number, `<strided(images, kernel), maps>`, which is linear in each. So
they are the derivatives of one another, however often: a backend says how it computes each.
"""

from collections.abc import Callable
from typing import TypeAlias

from ganzoo.types import Tensor

Product: TypeAlias = Callable[[Tensor, Tensor], Tensor]
Gradients: TypeAlias = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


def halving(
    with_gradients: Callable[[Product, Gradients], Product],
    strided: Product,
    transposed: Product,
    kernel_gradient: Product,
) -> tuple[Product, Product]:
    """Return the first two, their gradients being of the three as well.

    Args:
        with_gradients: returns a product with gradients, from its arguments and the cotangent.
        strided: from images and a kernel to maps of half the size.
        transposed: from maps and a kernel to images of twice their size.
        kernel_gradient: from images and maps to a kernel.
    """

    def of_down(images: Tensor, kernel: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
        return as_large(up(maps, kernel), images), weigh(images, maps)

    def of_up(maps: Tensor, kernel: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
        return down(images, kernel), weigh(images, maps)

    def of_weigh(images: Tensor, maps: Tensor, kernel: Tensor) -> tuple[Tensor, Tensor]:
        return as_large(up(maps, kernel), images), down(images, kernel)

    down = with_gradients(strided, of_down)
    up = with_gradients(transposed, of_up)
    weigh = with_gradients(kernel_gradient, of_weigh)
    return down, up


def as_large(made: Tensor, images: Tensor) -> Tensor:
    """Return what `transposed` made in the size of images: an odd one lacks a row or column."""
    _, height, width, _ = images.shape
    return made[:, :height, :width]


def zeros_around(images: Tensor, maps: Tensor) -> list[tuple[int, int]]:
    """Return how many zeros `strided` puts before and behind the rows and columns of images."""
    sizes = zip(images.shape[1:3], maps.shape[1:3], strict=True)
    return [(1, 2 * half + 1 - whole) for whole, half in sizes]
