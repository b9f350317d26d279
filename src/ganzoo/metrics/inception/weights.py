"""The weights of FID's network: one file of pinned bytes, in the cache folder or on the Hub."""

from contextlib import suppress
from pathlib import Path

import numpy as np

from ganzoo.files import home
from ganzoo.metrics.inception.architecture import shapes
from ganzoo.presets import hub
from ganzoo.presets.preset_folder import WEIGHTS
from ganzoo.storage import load_tensors, sha256

NAME = "inception-2015-12-05"
REPOSITORY = f"ganzoo/{NAME}"
SHA256 = "999c612656c193315bac9f6e780c2fff824da1d1d4f2d9ee12d002aaccd5f922"


def cache_path() -> Path:
    """Return where the file lies in the cache folder."""
    return home() / NAME / WEIGHTS


def find() -> Path:
    """Return the file, after downloading it if it is absent.

    Raises:
        FileNotFoundError: it is not in the cache folder, and the Hub does not give it.
        ValueError: the file in the cache folder is another one.
    """
    path = cache_path()
    if not path.exists():
        return _from_hub()
    if (found := sha256(path)) != SHA256:
        raise ValueError(
            f"{path} is not the file of ganzoo {NAME}: its SHA-256 is {found}, expected {SHA256}. "
            "Delete it, and it will be downloaded or can be converted again."
        )
    return path


def load(path: Path) -> dict[str, np.ndarray]:
    """Read the file."""
    return load_tensors(path, shapes())


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
        f"The weights of FID's network are not in {cache_path().parent}, and the Hub did not give "
        f"them: {problem}\n"
        f"Call again with a network, or place the {WEIGHTS} of hf://{REPOSITORY} there by hand "
        f"(SHA-256 {SHA256}), or make it from the published TorchScript file, with torch installed:"
        "\n    python -m ganzoo.metrics.inception convert inception-2015-12-05.pt"
    )
