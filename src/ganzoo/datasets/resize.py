"""Antialiased resizing."""

import numpy as np
from PIL import Image


def resize(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the images in another size, by Pillow's Lanczos filter.

    Args:
        images: uint8 `(n, height, width, channels)`; each channel is resized by itself.
        height: the new height.
        width: the new width.

    Returns:
        uint8 `(n, height, width, channels)`; `images` itself where the size is the same already.
    """
    count, *size, channels = images.shape
    if size == [height, width]:
        return images
    resized = np.empty((count, height, width, channels), np.uint8)
    for image, place in zip(images, resized, strict=True):
        for channel in range(channels):
            plane = Image.fromarray(image[..., channel])
            place[..., channel] = np.asarray(
                plane.resize((width, height), Image.Resampling.LANCZOS)
            )
    return resized
