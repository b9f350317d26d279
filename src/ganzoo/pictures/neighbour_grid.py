"""Generated images beside the real ones nearest to them."""

import numpy as np
from PIL import Image

from ganzoo.pictures.grid import image_grid


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
