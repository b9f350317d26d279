"""The maintainers' command for classifiers, on a handful of images."""

import importlib.util
import re
from pathlib import Path

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.metrics.extractors import classifiers
from ganzoo.storage import sha256

TOOL = Path(__file__).parents[2] / "tools" / "train_classifiers.py"
pytestmark = pytest.mark.skipif(not TOOL.is_file(), reason="the tools are in the repository only")


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("train_classifiers", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(1, 256, (60, 28, 28, 1), dtype="uint8")


def test_folding_keeps_what_the_network_computes(tool, images):
    trained = tool.with_batch_norm(classifiers.network((28, 28, 1)))
    random = np.random.default_rng(1)
    for name, weight in classifiers.named_weights(trained).items():
        if "kernel" not in name:
            weight.assign(random.uniform(0.5, 2, weight.shape))
    plain = classifiers.network((28, 28, 1))
    weights = tool.folded(trained)
    for name, weight in classifiers.named_weights(plain).items():
        weight.assign(weights.pop(name))
    assert not weights
    found = plain.predict(images[:4], verbose=0)
    assert np.ptp(found) > 1
    np.testing.assert_allclose(found, trained.predict(images[:4], verbose=0), rtol=1e-3, atol=1e-3)


def test_images_are_shifted_by_up_to_two_pixels_each_way(tool, images):
    """Against every shift there is, each of which comes up."""
    wide = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)))
    moved, seen = tool.shifted(images, np.random.default_rng(0)), set()
    for image, around in zip(moved, wide, strict=True):
        seen |= {
            (row, column)
            for row in range(5)
            for column in range(5)
            if (image == around[row : row + 28, column : column + 28]).all()
        }
    assert {row for row, _ in seen} == {column for _, column in seen} == set(range(5))
    assert len(seen) > 15


def test_a_rectangle_of_each_image_is_erased(tool, images):
    erased = tool.erased(images, np.random.default_rng(0))
    assert erased.dtype == np.uint8
    for image, changed in zip(images, erased, strict=True):
        black = changed[..., 0] == 0
        rows, columns = np.flatnonzero(black.any(axis=1)), np.flatnonzero(black.any(axis=0))
        assert 1 <= len(rows) <= 12
        assert 1 <= len(columns) <= 12
        assert black.sum() == len(rows) * len(columns)  # the images have no black of their own
        assert (changed[~black] == image[~black]).all()


@pytest.fixture
def trained(tool, images, tmp_path, monkeypatch, capsys):
    """Return a function that trains a classifier for two epochs: its output, weights and record."""
    labels = np.arange(60, dtype="int32") % 10
    monkeypatch.setattr(ganzoo.datasets, "load", lambda name, split="train": (images, labels))
    monkeypatch.setattr(classifiers, "WEIGHTS", tmp_path)
    monkeypatch.setattr(classifiers, "CLASSIFIERS", classifiers.CLASSIFIERS)  # the tool replaces it
    monkeypatch.setitem(tool.RECIPES["fashion"], "epochs", 2)
    monkeypatch.setattr(tool, "BATCH_SIZE", 20)

    def run(folder):
        tool.main(["fashion", "--runs", str(tmp_path / folder)])
        output = capsys.readouterr().out
        entry = "{" + re.search(r"'fashion': Classifier\(.*", output)[0] + "}"
        return output, tmp_path / "fashion.safetensors", eval(entry, vars(classifiers))["fashion"]

    return run


@pytest.mark.slow
def test_a_finished_run_becomes_a_classifier_and_its_record(trained, images):
    output, path, record = trained("runs")
    assert re.findall("Epoch .*", output) == ["Epoch 1/2", "Epoch 2/2"]
    assert record.sha256 == sha256(path)
    assert record.dataset == "fashion_mnist"
    assert 0 <= record.accuracy <= 1
    assert classifiers.classifier("fashion").features(images).shape == (60, 128)
    again, _, same = trained("runs")
    assert "Epoch " not in again  # only writes: nothing is left to train
    assert same == record


class Killed(keras.callbacks.Callback):
    """In place of the log."""

    def __init__(self, path, append):
        super().__init__()

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise RuntimeError("killed")


@pytest.mark.slow
def test_a_killed_run_goes_on_as_if_it_had_not_been(trained):
    _, _, whole = trained("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.callbacks, "CSVLogger", Killed)
        with pytest.raises(RuntimeError, match="killed"):
            trained("killed")
    output, _, resumed = trained("killed")
    assert re.findall("Epoch .*", output) == ["Epoch 1/2", "Epoch 2/2"]  # one in each run
    assert resumed == whole
