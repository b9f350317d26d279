"""What a preset may be called, and who may bring one."""

import dataclasses
import hashlib
import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import ganzoo
from ganzoo import DCGAN, Preset
from ganzoo.gan import families
from ganzoo.presets import preset as record


@pytest.fixture
def bundled(folder, monkeypatch):
    """Return the record of a preset that comes with ganzoo."""
    preset = Preset(
        family="dcgan",
        description="Cats and dogs",
        dataset="animals",
        image_shape=(8, 8, 1),
        parameters=1,
        size=1,
        rights="none",
        sha256=hashlib.sha256((folder / "metadata.json").read_bytes()).hexdigest(),
        folder=folder,
    )
    monkeypatch.setattr(DCGAN, "own_presets", {"animals": preset})
    monkeypatch.setattr(ganzoo.FastGAN, "own_presets", {})
    return preset


def test_a_known_name_wins_over_a_folder(bundled, same, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "animals").mkdir()
    same(DCGAN.from_preset("animals"))
    for folder in ("./animals", Path("animals")):
        with pytest.raises(FileNotFoundError, match=r"has no metadata.json. A preset is a folder"):
            DCGAN.from_preset(folder)


def test_a_bundled_preset_must_be_the_pinned_one(bundled, folder):
    metadata = json.loads((folder / "metadata.json").read_text())
    (folder / "metadata.json").write_text(json.dumps(metadata))
    with pytest.raises(ValueError, match="the SHA-256 of its"):
        DCGAN.from_preset("animals")


def test_a_preset_that_is_nowhere_says_so(bundled, monkeypatch, tmp_path):
    lost = dataclasses.replace(bundled, folder=tmp_path / "lost")
    monkeypatch.setattr(DCGAN, "own_presets", {"animals": lost})
    with pytest.raises(FileNotFoundError, match="not in this installation, and it is not on the"):
        DCGAN.from_preset("animals")


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("animal", ValueError, "Unknown preset 'animal'.*Known: animals. Did you mean 'animals'"),
        ("./nowhere", FileNotFoundError, "'./nowhere' is no preset: there is no such folder"),
        ("kaggle://a/b", FileNotFoundError, "no such folder"),
        ("me/my-gan", FileNotFoundError, "On the Hub, that is 'hf://me/my-gan'"),
        (__file__, FileNotFoundError, "test_preset_sources.py' is a file. A preset is a folder"),
        (Path("animals"), FileNotFoundError, "no such folder"),
    ],
)
def test_unknown_presets(bundled, name, error, message):
    with pytest.raises(error, match=message):
        DCGAN.from_preset(name)


@pytest.mark.parametrize("preset", ["animals", "./folder"])
def test_revisions_are_the_hubs(bundled, preset):
    with pytest.raises(ValueError, match="'v1' is for presets of the Hub"):
        DCGAN.from_preset(preset, revision="v1")


class Point(EntryPoint):
    """An entry point of a package that is not installed."""

    def load(self):
        if isinstance(PLUGINS[self.value], Exception):
            raise PLUGINS[self.value]
        return PLUGINS[self.value]


PLUGINS = {}


@pytest.fixture
def plugins(monkeypatch):
    """Return a function that installs packages: name to what its entry point loads."""

    def install(**packages):
        PLUGINS.clear()
        PLUGINS.update({f"{name}:PRESETS": value for name, value in packages.items()})
        points = [Point(name, f"{name}:PRESETS", record.GROUP) for name in packages]
        monkeypatch.setattr(record, "entry_points", lambda group: points)
        record._plugins.cache_clear()

    yield install
    record._plugins.cache_clear()
    record._warn_of_twin.cache_clear()


def test_a_plugin_brings_presets(bundled, plugins, same):
    plugins(pets={"pets": bundled})
    assert list(DCGAN.presets) == ["animals", "pets"]
    same(DCGAN.from_preset("pets"))
    with pytest.raises(TypeError):
        DCGAN.presets["more"] = bundled


@pytest.mark.parametrize("broken", [ImportError("no module"), 3, {"a": "b"}, SyntaxError("?")])
def test_a_broken_plugin_warns_and_harms_nobody(bundled, plugins, same, broken):
    plugins(bad=broken, pets={"pets": bundled})
    with pytest.warns(UserWarning, match="The presets of bad:PRESETS are left out.*uninstall"):
        same(DCGAN.from_preset("pets"))


def test_of_two_with_one_name_ganzoos_own_is_used(bundled, plugins, same, tmp_path):
    lost = dataclasses.replace(bundled, folder=tmp_path / "lost")
    plugins(pets={"animals": lost})
    with pytest.warns(UserWarning, match=r"Both ganzoo and pets:PRESETS bring a .*'animals'"):
        same(DCGAN.from_preset("animals"))


@pytest.mark.parametrize("name", families.own_presets())
def test_the_record_of_a_bundled_preset_is_measured(name):
    preset = families.own_presets()[name]
    metadata = json.loads((preset.folder / "metadata.json").read_text(encoding="utf-8"))
    gan = ganzoo.from_preset(name)
    assert preset.folder.parts[-3:] == (preset.family, "weights", name)
    assert gan.image_shape == preset.image_shape
    assert metadata["parameters"] == preset.parameters
    assert (preset.folder / "model.safetensors").stat().st_size == preset.size < 12_000_000
    assert {"recipe", "data", "scores"} <= metadata["about"].keys()
    assert gan.generate(2, seed=0).shape == (2, *preset.image_shape)


def test_presets_are_public():
    assert ganzoo.GAN.presets.keys() >= families.own_presets().keys()
