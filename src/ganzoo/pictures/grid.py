"""Many images as one picture."""

import math

import numpy as np
from PIL import Image

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
