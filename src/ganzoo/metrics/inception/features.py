"""Images to the features of FID, in whole batches through one compiled network."""

from functools import lru_cache, partial
from pathlib import Path

import keras
import numpy as np

from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.inception import weights
from ganzoo.metrics.inception.network import build
from ganzoo.metrics.inception.preparation import CHANNELS, PREPARATION, prepared
from ganzoo.types import ImageShape

BATCH_SIZE = 32


def inception() -> Extractor:
    """Return the extractor of FID: TensorFlow's InceptionV3 of 2015-12-05.

    Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
    Equilibrium", https://arxiv.org/abs/1706.08500. Its 87 MB of weights come from the cache folder
    `inception-2015-12-05` in `GANZOO_HOME`, else from the Hugging Face Hub. The network is built
    when it first gets images.

    Returns:
        An `Extractor` that takes images uint8 `(n, height, width, channels)` of any size, with 1, 3
        or 4 channels, with features float32 `(n, 2048)`, at least 0. Its `features` raises a
        `ValueError` for images of another shape or dtype.

    Raises:
        FileNotFoundError: the weights are not there; says how to get them.
        ValueError: the file in the cache folder is another one.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics.inception import inception

        features = inception().features(np.zeros((4, 32, 32, 3), "uint8"))
        ```
    """
    features = partial(_features, weights.find())
    return Extractor(weights.NAME, weights.SHA256, PREPARATION, features)


def _features(path: Path, images: np.ndarray) -> np.ndarray:
    _check(images)
    network = _for_images(path, images.shape[1:])
    found = []
    # A batch of another size would be compiled anew.
    batch = np.zeros((BATCH_SIZE, *images.shape[1:]), "uint8")
    for start in range(0, len(images), BATCH_SIZE):
        count = len(images[start : start + BATCH_SIZE])
        batch[:count] = images[start : start + count]
        found.append(network.predict_on_batch(batch)[:count])
    return np.concatenate(found)


@lru_cache(maxsize=4)
def _for_images(path: Path, image_shape: ImageShape) -> keras.Model:
    """Return the network with the preparation of images of that shape before it."""
    images = keras.Input(image_shape, BATCH_SIZE, "uint8")
    return keras.Model(images, _network(path)(prepared(images)))


@lru_cache(maxsize=1)
def _network(path: Path) -> keras.Model:
    return build(weights.load(path))


def _check(images: np.ndarray) -> None:
    shaped = images.ndim == 4 and len(images) and images.shape[-1] in CHANNELS
    if not shaped or images.dtype != np.uint8:
        raise ValueError(
            "FID's network takes images uint8 from 0 to 255 of shape (n, height, width, channels) "
            "with n at least 1 and 1, 3 or 4 channels, "
            f"not {images.dtype} of shape {images.shape}."
        )
