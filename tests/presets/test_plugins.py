"""Families and presets of another package, which is installed as pip would."""

import hashlib
import importlib
import json
import subprocess
import sys

import numpy as np
import pytest
from preset_files import PresetFiles

import ganzoo
from ganzoo import DCGAN
from ganzoo.gan import families
from ganzoo.gan.saving import describe, drawing_weights
from ganzoo.presets import preset as preset_records

FAMILY = '''
from dataclasses import dataclass

import keras

import ganzoo
from ganzoo.gan import GANArguments


@dataclass
class Arguments(GANArguments):
    units: int = 4
    slope: float = 0.2


class Dense(ganzoo.GAN):
    """The dense GAN of 2014, in a few lines, whose arguments nobody has bounded."""

    family = "dense"
    description = "A dense GAN."
    Arguments = Arguments

    def __init__(self, image_shape, latent_dim=4, num_classes=None, class_names=None, units=4,
                 slope=0.2, seed=None, dtype=None, name="dense"):
        arguments = Arguments(image_shape, latent_dim, num_classes, class_names, seed, units, slope)
        super().__init__(arguments, dtype, name)

    @staticmethod
    def build_generator(arguments, seed, dtype):
        latents = keras.Input((arguments.latent_dim,))
        x = keras.layers.Dense(arguments.units, "relu", dtype=dtype)(latents)
        height, width, channels = arguments.image_shape
        x = keras.layers.Dense(height * width * channels, "tanh", dtype=dtype)(x)
        images = keras.layers.Reshape(arguments.image_shape, dtype="float32")(x)
        return keras.Model(latents, images, name="generator")

    @staticmethod
    def build_discriminator(arguments, seed, dtype):
        images = keras.Input(arguments.image_shape)
        x = keras.layers.Dense(arguments.units, dtype=dtype)(keras.layers.Flatten()(images))
        x = keras.layers.LeakyReLU(arguments.slope, dtype=dtype)(x)
        logits = keras.layers.Dense(1, dtype="float32")(x)
        return keras.Model(images, keras.ops.squeeze(logits, -1), name="discriminator")
'''
PRESETS = """
from pathlib import Path

from ganzoo import Preset

PRESETS = {
    "dots": Preset(
        family="dense", description="Dots.", dataset="dots", image_shape=(6, 5, 1), parameters=1,
        size=1, rights="none", sha256="DIGEST", folder=Path(__file__).parent / "dots",
    )
}
"""
POINTS = """
[ganzoo.families]
dense = zoo_of_dots:Dense
[ganzoo.presets]
dots = zoo_of_dots_presets:PRESETS
"""


class Package:
    """A package on the path, and how to install it."""

    def __init__(self, folder):
        self.folder = folder

    def install(self, family=FAMILY, presets=PRESETS, points=POINTS):
        information = self.folder / "zoo_of_dots-1.0.dist-info"
        information.mkdir(exist_ok=True)
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: zoo-of-dots\n")
        (information / "entry_points.txt").write_text(points)
        (self.folder / "zoo_of_dots.py").write_text(family)
        metadata = self.folder / "dots" / "metadata.json"
        digest = hashlib.sha256(metadata.read_bytes()).hexdigest() if metadata.exists() else "?"
        (self.folder / "zoo_of_dots_presets.py").write_text(presets.replace("DIGEST", digest))
        self.forget()

    def forget(self):
        for name in ("zoo_of_dots", "zoo_of_dots_presets"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        families._defined.pop("dense", None)
        caches = [preset_records._plugins, preset_records._warn_of_twin]
        for each in (*caches, families.load, families.warn_of_orphan, families.warn_of_twin):
            each.cache_clear()

    def model(self, **arguments):
        dense = importlib.import_module("zoo_of_dots").Dense
        model = dense((6, 5, 1), **{"seed": 1, **arguments})
        for weight in drawing_weights(model).values():
            weight.assign(np.random.default_rng(0).uniform(-1, 1, weight.shape))
        return model


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that is installed, with a family and a preset of it."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    package = Package(folder)
    package.install()
    package.model().save_to_preset(folder / "dots")
    package.install()
    yield package
    package.forget()


def test_its_preset_is_one_of_the_zoo_and_draws(package):
    expected = package.model().generate(5, seed=2)
    assert "dots" in ganzoo.GAN.presets
    assert "mnist" in ganzoo.GAN.presets
    loaded = ganzoo.from_preset("dots")
    assert type(loaded) is importlib.import_module("zoo_of_dots").Dense
    assert np.abs(loaded.generate(5, seed=2).astype(int) - expected).max() <= 1
    assert expected.std() > 10
    loaded.fit(np.zeros((4, 6, 5, 1), "uint8"), batch_size=2, verbose=0)


def test_each_class_has_the_presets_of_its_family(package):
    dense = importlib.import_module("zoo_of_dots").Dense
    assert list(dense.presets) == ["dots"]
    assert "dots" not in DCGAN.presets
    assert DCGAN.presets.keys() == DCGAN.own_presets.keys()


def test_another_familys_preset_says_which_class_to_use(package):
    dense = importlib.import_module("zoo_of_dots").Dense
    with pytest.raises(ValueError, match=r"'dots' is a Dense, not a DCGAN: load it by Dense.from"):
        DCGAN.from_preset("dots")
    with pytest.raises(ValueError, match=r"'mnist' is a DCGAN, not a Dense: load it by DCGAN.from"):
        dense.from_preset("mnist")


def test_its_card_is_its_own(package):
    card = (package.folder / "dots" / "README.md").read_text(encoding="utf-8")
    assert "\nA dense GAN.\n" in card
    assert "- dense\n" in card
    assert 'ganzoo.from_preset("hf://user/repo")' in card
    assert "dcgan" not in card.lower()


def test_another_image_shape_keeps_what_fits(package, capsys):
    gan = ganzoo.from_preset("dots", image_shape=(4, 5, 1))
    assert gan.generate(2, seed=0).shape == (2, 4, 5, 1)
    assert "this starts afresh: discriminator.000.kernel, generator.002." in capsys.readouterr().out


BROKEN = ["raise RuntimeError('no')", "import nothing_of_this_name", "Dense = 3", "def (:"]


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_family_harms_nobody_else(package, code):
    package.install(family=code)
    assert {"dots", "mnist"} <= ganzoo.GAN.presets.keys()  # nothing of it is loaded for a list
    assert DCGAN.presets.keys() == DCGAN.own_presets.keys()
    assert ganzoo.from_preset("mnist", load_weights=False).family == "dcgan"
    for preset in ("dots", package.folder / "dots"):
        with pytest.raises(ImportError, match=r"family 'dense' of zoo-of-dots cannot be loaded"):
            ganzoo.from_preset(preset)


@pytest.mark.parametrize("code", BROKEN)
def test_broken_presets_warn_and_harm_nobody_else(package, code):
    package.install(presets=code)
    with pytest.warns(UserWarning, match="presets of zoo-of-dots are left out.*uninstall zoo-of-d"):
        assert "dots" not in ganzoo.GAN.presets
    assert ganzoo.from_preset("mnist", load_weights=False).family == "dcgan"
    assert ganzoo.from_preset(package.folder / "dots").family == "dense"


def test_a_family_that_is_not_installed_is_named(package):
    package.install(points=POINTS.replace("dense =", "other ="))
    with pytest.warns(
        UserWarning, match=r"\(Dots\.\) is left out: no .* brings its family 'dense'"
    ):
        assert "dots" not in ganzoo.GAN.presets
    with pytest.raises(
        ValueError, match=r"dots' cannot be loaded. No installed package brings the family 'dense'"
    ):
        ganzoo.from_preset(package.folder / "dots")
    with pytest.raises(ImportError, match=r"'other' of zoo-of-dots .* calls its family 'dense'"):
        families.family("other")


def test_a_class_reads_its_own_presets_where_no_package_brings_it(package):
    dense = importlib.import_module("zoo_of_dots").Dense
    package.install(points="", presets="PRESETS = {}")
    loaded = dense.from_preset(package.folder / "dots")
    assert type(loaded) is dense


def test_a_family_cannot_take_the_place_of_another(package):
    package.install(points=POINTS.replace("dense =", "dcgan ="))
    with pytest.warns(UserWarning, match=r"Both ganzoo.dcgan:DCGAN and zoo-of-dots bring a family"):
        assert type(ganzoo.from_preset(DCGAN.own_presets["mnist"].folder)) is DCGAN


def test_a_handle_and_a_folder_need_no_entry_point(package, hub, files, same, monkeypatch):
    """A stranger's package is loaded for what it brings, and for nothing else."""
    package.install(family="raise SystemExit", presets="raise SystemExit")
    hub.put("me/gan", dict(files))
    same(ganzoo.from_preset("hf://me/gan"))
    same(ganzoo.from_preset(str(PresetFiles(files).write(package.folder / "a" / "preset"))))


HOSTILE = {
    "units of 10^12": ({"units": 10**12}, "parameters, and no preset has above"),
    "units of 10^30": ({"units": 10**30}, "config.json"),
    "negative units": ({"units": -3}, "config.json"),
    "units that are text": ({"units": "many"}, "config.json"),
    "a slope that is a class": (
        {"slope": {"module": "keras.layers", "class_name": "Lambda", "config": {}}},
        "slope must be a finite number, a text or a list of such",
    ),
    "a slope that is infinite": ({"slope": float("inf")}, "slope must be a finite number"),
    "a deep list": ({"slope": [[[[0.1]]]]}, "slope must be a finite number"),
    "an argument that is unknown": ({"custom_objects": 1}, "no argument 'custom_objects'"),
    "10^12 latents": ({"latent_dim": 10**12}, "latent_dim must be a whole number, 1 to 16384"),
    "10^12 classes": ({"num_classes": 10**12}, "num_classes must be a whole number, 2 to 16384"),
}


@pytest.mark.parametrize("load_weights", [True, False])
@pytest.mark.parametrize("case", HOSTILE)
def test_its_arguments_are_bounded_as_ours(package, case, load_weights):
    changes, message = HOSTILE[case]
    folder = package.folder / "dots"
    files = PresetFiles({path.name: path.read_bytes() for path in folder.iterdir()})
    files.edited("config.json", **changes).sealed().write(folder)
    with pytest.raises(ValueError, match=r"is damaged: config.json") as raised:
        ganzoo.from_preset(folder, load_weights=load_weights)
    assert message in str(raised.value)


def test_a_description_is_had_without_weights(package):
    (package.folder / "dots" / "model.safetensors").unlink()
    said = describe("dots")
    assert said.family.__name__ == "Dense"
    assert said.arguments.image_shape == (6, 5, 1)
    assert said.handle == "dots"
    assert said.config() == json.loads((package.folder / "dots" / "config.json").read_text())
    assert ("Images", "6 x 5 x 1 (height, width, channels)") in said.facts()


@pytest.mark.slow
def test_the_command_line_knows_it(package):
    """In a process of its own, whose entry points are read anew."""
    code = (
        f"import sys; sys.path.insert(0, {str(package.folder)!r})\n"
        "from ganzoo.cli import main\n"
        "main(sys.argv[1:])"
    )
    for arguments, expected in (
        (["info", "dots"], "6 x 5 x 1"),
        (["generate", "dots", "-o", str(package.folder / "dots.png")], "64 images"),
    ):
        command = [sys.executable, "-c", code, *arguments]
        result = subprocess.run(command, capture_output=True, text=True)
        assert expected in result.stdout, result.stderr
