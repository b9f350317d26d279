"""A picture of generated images beside the real ones nearest to them."""

from typing import Any

import numpy as np
from PIL import Image

from ganzoo.metrics.evaluator import BATCH_SIZE
from ganzoo.metrics.extraction import extract
from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.images import fingerprint
from ganzoo.metrics.memorisation import nearest_neighbours, neighbour_grid
from ganzoo.metrics.real_features import real_features


def draw_neighbours(
    real: np.ndarray, fake: np.ndarray, extractor: Extractor, k: int = 7
) -> Image.Image:
    """Return a picture with a row for each generated image: itself, then its neighbours.

    Args:
        real: uint8 `(n, height, width, channels)`, those that the model was trained on.
        fake: the same of generated images.
        extractor: makes the features that nearness is measured in.
        k: how many neighbours.
    """
    how: dict[str, Any] = {"whole": True, "batch_size": BATCH_SIZE}
    known = real_features(
        real, fingerprint(real), extractor, progress=f"{extractor.name}, training images", **how
    )
    indices, _ = nearest_neighbours(known, extract(fake, extractor, **how), min(k, len(real)))
    return neighbour_grid(real, fake, indices)
