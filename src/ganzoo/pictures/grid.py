"""Many images as one picture."""

import math

import numpy as np
from PIL import Image

from ganzoo.pixel_range import check_stored

BACKGROUND = 255
CHANNELS = (1, 3, 4)  # grey, RGB, RGBA


def image_grid(
    images: np.ndarray, columns: int | None = None, gap: int = 2, scale: int = 1
) -> Image.Image:
    """Return one picture with the images side by side, row by row.

    Args:
        images: uint8 `(n, height, width, channels)`, or `(rows, columns, height, width,
            channels)`, with 1, 3 or 4 channels: grey, RGB or RGBA.
        columns: images in a row; by default as many as make the grid about square.
        gap: pixels between the images.
        scale: how many pixels wide and high a pixel of an image becomes.

    Returns:
        A `PIL.Image.Image`; its `save("grid.png")` writes a file.

    Raises:
        ValueError: no image, or a number of channels that no picture has.
        TypeError: images of another dtype.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1))
        ganzoo.pictures.image_grid(gan.generate(64, seed=0)).save("grid.png")
        ```
    """
    images = np.asarray(images)
    if images.ndim not in (4, 5) or not images.size or images.shape[-1] not in CHANNELS:
        raise ValueError(
            "A grid needs images of shape (n, height, width, channels), or (rows, columns, height, "
            f"width, channels), with 1, 3 or 4 channels, not {images.shape}."
        )
    check_stored(images)
    if images.ndim == 5:
        columns = columns or images.shape[1]
        images = images.reshape(-1, *images.shape[2:])
    images = images.repeat(scale, axis=1).repeat(scale, axis=2)
    count, height, width, channels = images.shape
    columns = min(columns or math.ceil(math.sqrt(count * height / width)), count)
    rows = math.ceil(count / columns)
    shape = (rows * (height + gap) + gap, columns * (width + gap) + gap, channels)
    canvas = np.full(shape, BACKGROUND, np.uint8)
    for index, image in enumerate(images):
        top = gap + index // columns * (height + gap)
        left = gap + index % columns * (width + gap)
        canvas[top : top + height, left : left + width] = image
    return Image.fromarray(canvas[..., 0] if channels == 1 else canvas)


def neighbour_grid(
    real_images: np.ndarray, fake_images: np.ndarray, indices: np.ndarray
) -> Image.Image:
    """Return a picture with a row for each fake: the fake, then its nearest real images.

    Args:
        real_images: uint8 `(n, height, width, channels)`.
        fake_images: uint8 `(m, height, width, channels)`.
        indices: into `real_images`, `(m, k)`, from `ganzoo.metrics.nearest_neighbours`.

    Returns:
        A `PIL.Image.Image`; its `save("neighbours.png")` writes a file.

    Raises:
        ValueError: images that differ in shape, or indices of other images.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import nearest_neighbours
        from ganzoo.pictures import neighbour_grid

        real = np.random.default_rng(0).integers(0, 256, (100, 8, 8, 1), dtype="uint8")
        fake = 255 - real[:4]
        indices, _ = nearest_neighbours(real.reshape(100, -1), fake.reshape(4, -1), k=3)
        neighbour_grid(real, fake, indices).save("neighbours.png")
        ```
    """
    real_images, fake_images, indices = map(np.asarray, (real_images, fake_images, indices))
    if real_images.shape[1:] != fake_images.shape[1:]:
        raise ValueError(
            f"Real images of shape {real_images.shape[1:]} do not fit beside fake ones of shape "
            f"{fake_images.shape[1:]}: resize one of them."
        )
    if indices.ndim != 2 or len(indices) != len(fake_images):
        raise ValueError(
            f"{len(fake_images)} fake images need indices of shape ({len(fake_images)}, k), "
            f"not {indices.shape}."
        )
    if not (0 <= indices.min() and indices.max() < len(real_images)):
        raise ValueError(
            f"Indices from {indices.min()} to {indices.max()} do not fit {len(real_images)} real "
            "images: give the images that the neighbours were looked for among."
        )
    rows = np.concatenate([fake_images[:, None], real_images[indices]], axis=1)
    return image_grid(rows.reshape(-1, *fake_images.shape[1:]), columns=rows.shape[1])
