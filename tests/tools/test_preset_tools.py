"""The maintainers' commands for presets, on tiny ones."""

import dataclasses
import importlib.util
import itertools
import json
import re
import types
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo import DCGAN
from ganzoo.gan import families
from ganzoo.runs import deciding
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
def training(tmp_path, monkeypatch):
    """Return a function that trains and checks a tiny preset that no large network looks at."""
    module = tool("train_presets")
    distance = {"kid": {"value": 0.5, "protocol": "none"}}
    monkeypatch.setattr(module, "compared", lambda real, images: distance)
    monkeypatch.setattr(module, "COMPARED", 8)
    monkeypatch.setattr(module, "RECOGNISED", 20)

    def run(name, *commands):
        monkeypatch.setitem(module.COMMANDS, name, commands)
        folders = ["--runs", str(tmp_path / "runs"), "--weights", str(tmp_path)]
        module.main([name, "--check", "--cores", "2", *folders])
        return tmp_path / name

    return run


def recorded(output, name, weights):
    """Return the record that was printed."""
    entry = output[output.index(f"    {name!r}: Preset(") :]
    return eval("{" + entry + "}", {"Preset": ganzoo.Preset, "WEIGHTS": weights})[name]


@pytest.mark.parametrize("name", families.own_presets())
def test_the_first_command_trains_the_family_of_its_preset(name):
    preset = families.own_presets()[name]
    words = tool("train_presets").COMMANDS[name][0].split()
    said = dict(itertools.pairwise(words))
    recipe = said.get("--recipe")
    suited = deciding.family_for(preset.image_shape, recipe, {}).value
    assert said.get("--family", suited) == preset.family


@pytest.mark.slow
def test_a_command_becomes_a_preset_and_its_record(training, tmp_path, monkeypatch, capsys):
    random = np.random.default_rng(0)
    labels = np.arange(40, dtype="int32") % 10
    images = random.integers(0, 256, (40, 28, 28, 1), dtype="uint8")
    monkeypatch.setattr(
        ganzoo.datasets.loading, "load", lambda name, split="train": (images, labels)
    )
    command = "train mnist --base-filters 4 --batch-size 16 --epochs 2 --watch-every 1 --out mnist"
    folder = training("mnist", command)
    first = json.loads((folder / "metadata.json").read_text())
    about = first["about"]
    assert about["recipe"]["epochs"] == 2
    assert about["recipe"]["commands"] == [f"ganzoo {command}"]
    assert about["training"]["images_seen"] == about["training"]["best_epoch"] * 48
    assert len(about["training"]["curve"]["generator_loss"]) == 2
    assert about["data"]["rights"] == ganzoo.datasets.DATASETS["mnist"].licence
    assert 0 <= about["scores"]["accuracy"]["value"] <= 1
    assert about["scores"]["kid_of_other_real_images"]["value"] == 0.5
    assert (tmp_path / "runs" / "mnist" / "256.png").is_file()

    record = recorded(capsys.readouterr().out, "mnist", tmp_path)
    assert record.folder == folder
    assert record.sha256 == sha256(folder / "metadata.json")
    assert record.parameters == first["parameters"]
    assert record.image_shape == (28, 28, 1)
    assert DCGAN.from_preset(folder).name == "mnist"

    training("mnist", command)  # only finishes: nothing is left to train
    assert "discriminator_loss" not in capsys.readouterr().out
    again = json.loads((folder / "metadata.json").read_text())
    assert again["files"] == first["files"]
    assert again["about"] == about


@pytest.mark.slow
def test_a_model_that_has_grown_shows_both_trainings(training, tmp_path):
    few = "--limit 9 --epochs 1 --batch-size 9"
    folder = training(
        "emoji-128",
        f"train emoji --family fastgan --image-size 32 --base-filters 1 {few} --out emoji-32",
        f"finetune ./emoji-32 emoji --image-size 64 {few} --out emoji-128",
    )
    metadata = json.loads((folder / "metadata.json").read_text())
    training = metadata["about"]["training"]
    assert training["images_seen"] == 18
    assert len(training["curve"]["generator_loss"]) == 2
    assert metadata["about"]["data"]["rights"] == ganzoo.datasets.DATASETS["emoji"].licence
    assert (tmp_path / "runs" / "emoji-128" / "neighbours.png").is_file()
    with Image.open(folder / "film.webp") as film:
        assert film.n_frames == 2
    gan = ganzoo.from_preset(folder)
    assert gan.arguments.grown_from == 32


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
