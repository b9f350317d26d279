"""Three small bundled networks: classifiers of digits, of clothes, and of objects in colour.

`tools/train_classifiers.py` trains them, folds the batch norm into the layers below, and measures
the accuracies with the stored half-precision weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image

from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.extractors.keras_extractor import CompiledNetwork
from ganzoo.names import choose
from ganzoo.pictures.picture_file import on_white
from ganzoo.storage import load_tensors, sha256
from ganzoo.types import ImageShape

CLASSES = 10
BATCH_SIZE = 500
PREPARATION = "28x28 grey levels, uint8, divided by 255"
RESIZED = (
    "uint8, RGBA on white, resized to 32x32 by Pillow's bilinear filter, which averages where it "
    "makes smaller, divided by 255"
)
WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Classifier:
    """A bundled network: what it was trained on, and its accuracy on the test set of that."""

    dataset: str
    image_shape: ImageShape
    accuracy: float
    sha256: str
    preparation: str = PREPARATION

    @property
    def resizes(self) -> bool:
        """Whether it takes images in colour of any size, not those of its dataset alone."""
        return self.preparation == RESIZED


CLASSIFIERS: Mapping[str, Classifier] = {
    "digits": Classifier(
        "mnist",
        (28, 28, 1),
        accuracy=0.996,
        sha256="1ffcaa962e8c0a5cfcf1ac62ff38c1263f47cdd88296f44a380a631b4948f2ed",
    ),
    "fashion": Classifier(
        "fashion_mnist",
        (28, 28, 1),
        accuracy=0.9265,
        sha256="a5f49d4a280fe77b45ef7d7e7e28fa7d571f59f5f673ede6c998531c5ee9ac3e",
    ),
    "objects": Classifier(
        "cifar10",
        (32, 32, 3),
        accuracy=0.8244,
        sha256="9d8fafbef178b465e1d60e1dac73fd0ce26ec56809886f96bfc3f33ec913030f",
        preparation=RESIZED,
    ),
}


def classifier(name: str) -> Extractor:
    """Return a bundled network that classifies images like those of a dataset.

    Its features are the 128 activations below the last layer. It was trained on the training set
    only; `CLASSIFIERS` states the share of the test set that it recognises.

    Args:
        name: `"digits"`, of MNIST, `"fashion"`, of Fashion-MNIST, or `"objects"`, of CIFAR-10,
            whose features are of use for other images in colour, too.

    Returns:
        An `Extractor` that takes images uint8 `(n, 28, 28, 1)`, or for `"objects"`
        `(n, height, width, 3 or 4)` of any size, with features float32 `(n, 128)`, at least 0, and
        probabilities float64 `(n, 10)` of the dataset's classes. Its `features` raises a
        `ValueError` for images of another shape or dtype.

    Raises:
        ValueError: an unknown name, or a file of weights that is damaged.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import classifier

        digits = classifier("digits")
        features = digits.features(np.zeros((4, 28, 28, 1), "uint8"))
        classes = digits.probabilities(features).argmax(axis=-1)
        ```
    """
    known, path = choose("classifier", name, CLASSIFIERS), WEIGHTS / f"{name}.safetensors"
    if (found := sha256(path)) != known.sha256:
        raise ValueError(f"{path} is damaged (SHA-256 {found}): install ganzoo anew.")
    whole = network(known.image_shape)
    weights = named_weights(whole)
    stored = load_tensors(path, {key: tuple(weight.shape) for key, weight in weights.items()})
    for key, weight in weights.items():
        weight.assign(stored[key])
    below = keras.Model(whole.inputs[0], whole.get_layer("features").output)
    compiled = CompiledNetwork(lambda image_shape: below)

    def compute(images: np.ndarray) -> np.ndarray:
        check_images(name, images)
        return compiled(resized(images, known.image_shape) if known.resizes else images)

    def probabilities(features: np.ndarray) -> np.ndarray:
        logits = features.astype("float64") @ stored["logits.kernel"] + stored["logits.bias"]
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return odds / odds.sum(axis=-1, keepdims=True)

    return Extractor(name, known.sha256, known.preparation, compute, probabilities, BATCH_SIZE)


def network(image_shape: ImageShape) -> keras.Sequential:
    """Return the untrained network of all, from images in [0, 255] to logits `(batch, 10)`."""
    conv = partial(
        layers.Conv2D,
        padding="same",
        activation="relu",
        data_format="channels_last",  # whatever keras.json says
        dtype="float32",
    )
    pool = partial(layers.MaxPooling2D, data_format="channels_last", dtype="float32")
    return keras.Sequential(
        [
            keras.Input(image_shape),
            layers.Rescaling(1 / 255, dtype="float32"),
            conv(32, 5, strides=2, name="conv_1"),
            conv(64, 3, name="conv_2"),
            pool(),
            conv(96, 3, name="conv_3"),
            pool(),
            layers.Flatten(dtype="float32"),
            layers.Dense(128, "relu", name="features", dtype="float32"),
            layers.Dense(CLASSES, name="logits", dtype="float32"),
        ]
    )


def named_weights(model: keras.Model) -> dict[str, keras.Variable]:
    """Return a network's weights by the names that its file gives them."""
    return {
        f"{layer.name}.{weight.name}": weight for layer in model.layers for weight in layer.weights
    }


def resized(images: np.ndarray, shape: ImageShape) -> np.ndarray:
    """Return images in colour, uint8, in another size, and those with opacity on white."""
    height, width, _ = shape
    if images.shape[-1] == 3 and images.shape[1:3] == (height, width):
        return images
    pictures = (on_white(Image.fromarray(image)) for image in images)
    small = (each.resize((width, height), Image.Resampling.BILINEAR) for each in pictures)
    return np.stack([np.asarray(each) for each in small])


def check_images(name: str, images: np.ndarray) -> None:
    """Check that these are images as the classifier knows them."""
    known = CLASSIFIERS[name]
    kind = "colour" if known.resizes else "grey"
    shape = ("height", "width", "3 or 4") if known.resizes else known.image_shape
    fits = images.shape[-1] in (3, 4) if known.resizes else images.shape[1:] == known.image_shape
    if not fits or images.ndim != 4 or images.dtype != np.uint8 or not len(images):
        raise ValueError(
            f"The classifier {name!r} knows {kind} images like those of {known.dataset}: uint8 of "
            f"shape (n, {', '.join(map(str, shape))}), n at least 1, "
            f"not {images.dtype} of shape {images.shape}. "
            "Resize or convert them if they show such things, or choose another extractor."
        )
