"""The maintainers' command for the preset that has grown, on a tiny one."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import ganzoo
from ganzoo.storage import sha256

TOOLS = Path(__file__).parents[2] / "tools"
pytestmark = pytest.mark.skipif(not TOOLS.is_dir(), reason="the tools are in the repository only")


@pytest.fixture
def tool(monkeypatch):
    """Return the command, for a small model of noise that no large network looks at."""
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("train_emoji", TOOLS / "train_emoji.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def noise(side):
        images = np.random.default_rng(0).integers(0, 256, (16, side, side, 3), "uint8")
        labels = np.arange(16, dtype="int32") % 2
        return ganzoo.datasets.ImageSet(images, labels, class_names=["a", "b"], name="emoji")

    score = {"kid": {"value": 0.5, "protocol": "none"}}
    monkeypatch.setattr(module, "images_of", noise)
    monkeypatch.setattr(module, "compared", lambda real, images: score)
    monkeypatch.setattr(module, "OPTIONS", {"base_filters": 1, "seed": 0})
    monkeypatch.setattr(module, "COMPARED", 8)
    return module


@pytest.mark.slow
def test_a_grown_model_becomes_a_preset_and_its_record(tool, tmp_path, capsys):
    runs, weights = tmp_path / "runs", tmp_path / "weights"
    options = ["--runs", str(runs), "--weights", str(weights), "--core-hours", "0.1"]
    tool.main(["--epochs", "1", "1", *options])
    folder = weights / "emoji-128"
    metadata = json.loads((folder / "metadata.json").read_text())
    about = metadata["about"]
    assert about["training"]["images_seen"] == 32
    assert about["training"]["hours"] == 0.1
    assert about["scores"]["kid_of_other_real_images"]["value"] == 0.5
    assert {"film.webp", "samples.png"} <= metadata["files"].keys()
    assert (runs / "emoji-128" / "neighbours.png").is_file()
    gan = ganzoo.from_preset(folder)
    assert gan.image_shape == (128, 128, 3)
    assert gan.arguments.grown_from == 64

    output = capsys.readouterr().out
    entry = output[output.index("    'emoji-128': Preset(") :]
    record = eval("{" + entry + "}", {"Preset": ganzoo.Preset, "WEIGHTS": weights})["emoji-128"]
    assert record.sha256 == sha256(folder / "metadata.json")
    assert record.parameters == metadata["parameters"]

    tool.main(["--epochs", "1", "2", *options])  # the second size goes on
    about = json.loads((folder / "metadata.json").read_text())["about"]
    assert about["recipe"]["epochs"] == 3
