"""The extractor of FID: TensorFlow's InceptionV3 of 2015-12-05, by weights of pinned bytes."""

from contextlib import suppress
from functools import cache
from pathlib import Path

import keras
import numpy as np

from ganzoo import backends
from ganzoo.files import home
from ganzoo.metrics.extractors import inception_onnx
from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.extractors.inception_architecture import shapes
from ganzoo.metrics.extractors.inception_network import CHANNELS, PREPARATION, build, prepared
from ganzoo.metrics.extractors.keras_extractor import CompiledNetwork
from ganzoo.presets import hub
from ganzoo.presets.preset_folder import WEIGHTS
from ganzoo.storage import load_tensors, sha256
from ganzoo.types import ImageShape

NAME = "inception-2015-12-05"
REPOSITORY = f"ganzoo/{NAME}"
SHA256 = "999c612656c193315bac9f6e780c2fff824da1d1d4f2d9ee12d002aaccd5f922"
BATCH_SIZE = 32


def inception() -> Extractor:
    """Return the extractor of FID: TensorFlow's InceptionV3 of 2015-12-05.

    Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
    Equilibrium", https://arxiv.org/abs/1706.08500. Its 87 MB of weights come from the cache folder
    `inception-2015-12-05` in `GANZOO_HOME`, else from the Hugging Face Hub. The network is built
    when it first gets images: in onnxruntime, where a processor computes, and where that and onnx
    are installed, else by Keras. The numbers are the same, to rounding.

    Returns:
        An `Extractor` that takes images uint8 `(n, height, width, channels)` of any size, with 1, 3
        or 4 channels, with features float32 `(n, 2048)`, at least 0. Its `features` raises a
        `ValueError` for images of another shape or dtype.

    Raises:
        FileNotFoundError: the weights are not there; says how to get them.
        ValueError: the file in the cache folder is another one.
    """
    path = find_weights()
    outside = inception_onnx.installed() and backends.on_processor()
    make = inception_onnx.build if outside else build
    network = cache(lambda: make(load_tensors(path, shapes())))

    def for_images(image_shape: ImageShape) -> keras.Model:
        """Return the preparation of images, and the network behind it where that is Keras'."""
        images = keras.Input(image_shape, dtype="uint8")
        ready = prepared(images)
        return keras.Model(images, ready if outside else network()(ready))

    compiled = CompiledNetwork(for_images)

    def compute(images: np.ndarray) -> np.ndarray:
        _check(images)
        found = compiled(images)
        return network()(found) if outside else found

    return Extractor(NAME, SHA256, PREPARATION, compute, batch_size=BATCH_SIZE)


def _check(images: np.ndarray) -> None:
    shaped = images.ndim == 4 and len(images) and images.shape[-1] in CHANNELS
    if not shaped or images.dtype != np.uint8:
        raise ValueError(
            "FID's network takes images uint8 from 0 to 255 of shape (n, height, width, channels) "
            "with n at least 1 and 1, 3 or 4 channels, "
            f"not {images.dtype} of shape {images.shape}."
        )


def weights_path() -> Path:
    """Return where the weights lie in the cache folder."""
    return home() / NAME / WEIGHTS


def find_weights() -> Path:
    """Return the file of the weights, after downloading it if it is absent.

    Raises:
        FileNotFoundError: it is not in the cache folder, and the Hub does not give it.
        ValueError: the file in the cache folder is another one.
    """
    path = weights_path()
    if not path.exists():
        return _from_hub()
    if (found := sha256(path)) != SHA256:
        raise ValueError(
            f"{path} is not the file of ganzoo {NAME}: its SHA-256 is {found}, expected {SHA256}. "
            "Delete it, and it will be downloaded or can be converted again."
        )
    return path


def _from_hub() -> Path:
    with suppress(FileNotFoundError):  # what is there already costs no request
        path = hub.download(REPOSITORY, [WEIGHTS], local_files_only=True) / WEIGHTS
        if sha256(path) == SHA256:
            return path
        hub.forget(path.parent, [WEIGHTS])
    try:
        path = hub.download(REPOSITORY, [WEIGHTS]) / WEIGHTS
    except (OSError, ValueError) as error:
        raise FileNotFoundError(_remedies(str(error))) from error
    if (found := sha256(path)) != SHA256:
        hub.forget(path.parent, [WEIGHTS])
        raise FileNotFoundError(_remedies(f"It sent other bytes, of SHA-256 {found}."))
    return path


def _remedies(problem: str) -> str:
    return (
        f"The weights of FID's network are not in {weights_path().parent}, and the Hub did not "
        f"give them: {problem}\n"
        f"Call again with a network, or place the {WEIGHTS} of hf://{REPOSITORY} there by hand "
        f"(SHA-256 {SHA256}), or make it from the published TorchScript file, with torch installed:"
        "\n    python -m ganzoo.metrics.extractors.convert_inception inception-2015-12-05.pt"
    )
