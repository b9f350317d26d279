import os

# The command line would keep what JAX compiles in a folder that a test has for its own.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", "")
import ganzoo  # first: it chooses the backend  # isort: skip
import subprocess

import keras
import numpy as np
import pytest

from any_backend import WITHOUT_KERAS, listed, refuse_to_compute
from hub_double import OWNER, serving


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items):
    for item in items:
        if listed(item.path):
            item.add_marker("any_backend")
    # Files that take long come first, so that no worker is left alone with one at the end.
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(autouse=True)
def _without_keras(request, monkeypatch):
    if listed(request.path, WITHOUT_KERAS):
        refuse_to_compute(request.path, monkeypatch)


def pytest_report_header():
    return f"keras: {keras.version()} on {keras.backend.backend()}"


def pytest_runtest_setup(item):
    if item.get_closest_marker("gpu") and not has_gpu():
        pytest.skip("there is no GPU: nvidia-smi -L fails")


def has_gpu():
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Return a Hub of one's own, with its client's cache and token."""
    from huggingface_hub import constants

    with serving() as hub:
        settings = {
            "ENDPOINT": hub.address,
            "HUGGINGFACE_CO_URL_TEMPLATE": hub.address + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_TOKEN_PATH": str(tmp_path / "no-token"),
            "HF_HUB_DISABLE_XET": True,
        }
        for name, value in settings.items():
            monkeypatch.setattr(constants, name, value)
        monkeypatch.setenv("HF_TOKEN", OWNER)
        yield hub


# Small models and data that the tests of the training share.

SHAPE, LATENTS, CLASSES = (9, 8, 1), 3, 3


class Batches(keras.utils.PyDataset):
    """Batches as they are given, in their order."""

    def __init__(self, *arrays):
        super().__init__()
        self.arrays = arrays

    @property
    def num_batches(self):
        return len(self.arrays[0])

    def __getitem__(self, index):
        return tuple(array[index] for array in self.arrays)


def variables(model):
    """Return all that training changes."""
    return [
        *model.generator.weights,
        *model.ema_generator.weights,
        *model.discriminator.weights,
        *model.optimizer.variables,
        model.seed_generator.state,
        model.rounds_played,
    ]


def copies(model):
    return [np.array(keras.ops.convert_to_numpy(each)) for each in variables(model)]


@pytest.fixture(scope="session")
def batches():
    return Batches


@pytest.fixture(scope="session")
def state():
    """Return a function from a model to copies of all that training changes."""
    return copies


@pytest.fixture(scope="session")
def _gans():
    return {}


@pytest.fixture
def gan(_gans):
    """Return a function to a tiny compiled model in its first state.

    Models are kept, so that what a backend has compiled for them serves all tests.
    """

    def get(classes=None, **recipe):
        key = classes, *recipe.items()
        if key not in _gans:
            model = ganzoo.DCGAN(SHAPE, LATENTS, classes, base_filters=2, seed=3)
            model.compile(**recipe)
            _gans[key] = model, copies(model)
        model, first = _gans[key]
        model.class_names = None  # sub-folders may have named them
        for variable, value in zip(variables(model), first, strict=True):
            variable.assign(value)
        return model

    return get


@pytest.fixture
def images():
    """Ten images in [0, 255]."""
    return np.random.default_rng(5).integers(0, 256, (10, *SHAPE), dtype="uint8")


@pytest.fixture
def labels():
    return (np.arange(10) % CLASSES).astype("int32")
