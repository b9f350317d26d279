"""A small preset to break."""

import json

import numpy as np
import pytest
from keras import ops
from preset_files import PresetFiles
from safetensors.numpy import load

import ganzoo
from ganzoo.gan.saving import drawing_weights
from ganzoo.presets.locate import opened

LABELS = ["cat", "dog"]


def vivid(model):
    """Make weights so large that images differ: fresh ones draw nothing but grey."""
    random = np.random.default_rng(0)
    for weight in model.weights:
        value = random.uniform(0.1, 1, weight.shape)
        weight.assign(value if "gamma" in weight.name or "variance" in weight.name else value - 0.5)
    return model


@pytest.fixture(scope="session")
def animals():
    """A model of two classes."""
    return vivid(ganzoo.DCGAN((8, 8, 1), latent_dim=3, base_filters=2, class_names=LABELS, seed=4))


@pytest.fixture(scope="session")
def files(animals, tmp_path_factory):
    """The files of its preset."""
    folder = tmp_path_factory.mktemp("preset")
    animals.save_to_preset(folder, metadata={"description": "Cats and dogs."})
    return PresetFiles({path.name: path.read_bytes() for path in folder.iterdir()})


@pytest.fixture
def folder(files, tmp_path):
    return files.write(tmp_path / "preset")


@pytest.fixture
def same(files):
    """Return a check that a model has the weights that were saved."""
    saved = load(files["model.safetensors"])

    def check(model):
        for name, weight in drawing_weights(model).items():
            np.testing.assert_array_equal(ops.convert_to_numpy(weight), saved[name])

    return check


@pytest.fixture
def fetch(files):
    """Return a function that reads a preset as `from_preset` does, but builds no model."""

    def read(handle, **options):
        with opened(
            handle, dict, ["metadata.json", "config.json", "model.safetensors"], **options
        ) as folder:
            assert folder.config() == json.loads(files["config.json"])
            assert folder.checked("model.safetensors").read_bytes() == files["model.safetensors"]

    return read
