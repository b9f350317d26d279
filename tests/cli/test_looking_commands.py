"""`ganzoo presets`, `datasets`, `inspect` and `info`."""

import json
from pathlib import Path

import keras
import pytest
from command_line import ran, refused
from PIL import Image

import ganzoo
from ganzoo.cli import main

GOLDEN = Path(__file__).parents[1] / "presets" / "golden" / "jax"


def test_every_preset_is_listed():
    output = ran("presets", columns=300)
    for name, preset in ganzoo.DCGAN.presets.items():
        (line,) = (line for line in output.splitlines() if line.startswith(f"| {name} "))
        assert preset.rights in line
        assert preset.description in line
    assert output.isascii()  # as any console can show it


def test_every_dataset_is_listed_with_where_its_files_are(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path))
    for files in ganzoo.datasets.DATASETS["mnist"].files.values():
        for file in files:
            (tmp_path / "mnist").mkdir(exist_ok=True)
            (tmp_path / "mnist" / file.name).touch()
    lines = {
        line.split()[1]: line for line in ran("datasets", columns=300).splitlines() if "| " in line
    }
    assert lines.keys() > ganzoo.datasets.DATASETS.keys()
    assert "| here " in lines["mnist"]
    assert "| downloaded at first use " in lines["fashion_mnist"]
    assert "| placed by hand " in lines["art"]
    assert "| here " in lines["emoji"]  # it comes along


def test_info_of_the_installation():
    output = ran("info", columns=300)
    assert ganzoo.__version__ in output
    assert keras.backend.backend() in output


def test_info_of_a_preset_is_what_its_card_says(tmp_path):
    output = ran("info", str(GOLDEN), columns=300)
    card = (GOLDEN / "README.md").read_text()
    for line in output.splitlines():
        assert line.split()[0] in card
    assert "9 x 8 x 3" in output


def test_info_of_a_broken_preset_is_one_sentence(tmp_path):
    for path in GOLDEN.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    metadata = json.loads((tmp_path / "metadata.json").read_text())
    del metadata["parameters"]
    (tmp_path / "metadata.json").write_text(json.dumps(metadata))
    output = " ".join(refused("info", tmp_path).split())
    assert "is incomplete (KeyError('parameters'))" in output


@pytest.mark.parametrize("command", list(main.commands))
def test_help_has_an_example(command):
    assert f"ganzoo {command}" in ran(command, "--help").split("Example")[1]


@pytest.mark.usefixtures("pets")
def test_what_was_found_is_said_though_the_picture_cannot_be_written(monkeypatch):
    """All images were looked at for it."""

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    output = refused("inspect", "pets")
    assert "dogs/broken.jpg" in output
    assert "No space left" in output


@pytest.mark.usefixtures("pets")
@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("sheet.foo", "ends in .png, .jpg"),
        ("/proc/x/sheet.png", "/proc/x/sheet.png cannot be written"),
        ("pets/sheet.png", "lies in"),
    ],
)
def test_a_place_that_cannot_be_written_costs_no_look(out, message, monkeypatch):
    monkeypatch.setattr(ganzoo.datasets, "inspect", None)
    assert message in refused("inspect", "pets", "-o", out)
