"""The maintainers' commands for presets, on tiny ones."""

import dataclasses
import importlib.util
import json
import re
import types
from pathlib import Path

import numpy as np
import pytest

import ganzoo
from ganzoo import DCGAN
from ganzoo.gan import families
from ganzoo.storage import sha256
from hub_double import faults

TOOLS = Path(__file__).parents[2] / "tools"
pytestmark = pytest.mark.skipif(not TOOLS.is_dir(), reason="the tools are in the repository only")


def tool(name):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Return a function that trains and checks a preset of ten small classes."""
    module = tool("train_presets")
    random = np.random.default_rng(0)
    labels = np.arange(40, dtype="int32") % 10
    images = random.integers(0, 256, (40, 28, 28, 1), dtype="uint8")
    monkeypatch.setattr(ganzoo.datasets, "load", lambda name, split="train": (images, labels))
    monkeypatch.setattr(module, "RECOGNISED", 20)
    monkeypatch.setitem(module.RECIPES["mnist"], "epochs", 2)

    def run():
        module.main(
            ["mnist", "--check", "--runs", str(tmp_path / "runs"), "--weights", str(tmp_path)]
        )
        return tmp_path / "mnist"

    return run


@pytest.mark.slow
def test_a_finished_run_becomes_a_preset_and_its_record(trained, tmp_path, capsys):
    folder = trained()
    first = json.loads((folder / "metadata.json").read_text())
    output = capsys.readouterr().out
    about = first["about"]
    assert about["recipe"]["epochs"] == 2
    assert about["recipe"]["seed"] == 0
    assert len(about["training"]["curve"]["generator_loss"]) == 2
    assert about["data"]["rights"] == ganzoo.datasets.DATASETS["mnist"].licence
    assert 0 <= about["scores"]["accuracy"]["value"] <= 1
    assert (tmp_path / "runs" / "mnist" / "256.png").is_file()

    entry = output[output.index("    'mnist': Preset(") :]
    names = {"Preset": ganzoo.Preset, "WEIGHTS": tmp_path}
    record = eval("{" + entry + "}", names)["mnist"]
    assert record.folder == folder
    assert record.sha256 == sha256(folder / "metadata.json")
    assert record.parameters == first["parameters"]
    assert record.image_shape == (28, 28, 1)
    DCGAN.from_preset(folder)

    trained()  # only finishes: nothing is left to train
    assert "discriminator_loss" not in capsys.readouterr().out
    again = json.loads((folder / "metadata.json").read_text())
    assert again["files"] == first["files"]
    assert again["about"] == about


@pytest.fixture
def publishing(noise, monkeypatch):
    module = tool("publish_presets")
    record = ganzoo.Preset(
        family="dcgan",
        description="Noise in two classes",
        dataset="noise",
        image_shape=(9, 8, 3),
        parameters=1,
        size=1,
        rights="none",
        sha256=sha256(noise / "metadata.json"),
        folder=noise,
    )
    monkeypatch.setattr(DCGAN, "own_presets", {"some_noise": record})
    return types.SimpleNamespace(module=module, record=record)


@pytest.fixture
def noise():
    return Path(__file__).parents[1] / "presets" / "golden" / "jax"


def test_publishing_prints_what_to_pin(hub, publishing, capsys, monkeypatch):
    publishing.module.main(["me", "some_noise"])
    output = capsys.readouterr().out
    found = dict(re.findall(r"(\w+)='(.+)'", output))
    repository = hub.repos["me/ganzoo-some-noise"]
    assert found["repository"] == "me/ganzoo-some-noise"
    assert found["commit"] == repository.refs["main"]
    assert repository.messages[1:] == ["Noise in two classes"]
    monkeypatch.setattr(
        DCGAN,
        "own_presets",
        {"noise": dataclasses.replace(publishing.record, folder=None, **found)},
    )
    assert DCGAN.from_preset("noise").image_shape == (9, 8, 3)


def test_another_preset_than_the_pinned_one_is_not_published(hub, publishing):
    changed = dataclasses.replace(publishing.record, sha256="0" * 64)
    with pytest.raises(ValueError, match="some_noise: the record pins 000"):
        publishing.module.publish("me", "some_noise", changed)
    assert not hub.requests


@pytest.mark.parametrize("name", families.own_presets())
def test_the_card_of_a_bundled_preset_is_up_to_date(name):
    folder = families.own_presets()[name].folder
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card == tool("preset_cards").rendered(folder), "run tools/preset_cards.py"
    assert faults(card) == ([], [])
    assert 'gan = ganzoo.from_preset("hf://user/repo")' in card
