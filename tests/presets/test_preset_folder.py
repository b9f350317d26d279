"""Saving a model into a folder, and having it back."""

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from keras import ops
from PIL import Image

import ganzoo
from ganzoo import DCGAN
from ganzoo.presets import preset_folder
from hub_double import faults


def values(model):
    networks = (model.generator, model.discriminator)
    return [ops.convert_to_numpy(weight) for network in networks for weight in network.weights]


@pytest.mark.parametrize("compiled", [True, False])
def test_a_preset_brings_the_model_back(folder, animals, same, compiled):
    loaded = DCGAN.from_preset(folder, compile=compiled)
    assert loaded.compiled is compiled
    assert loaded.get_config() == animals.get_config()
    for found, expected in zip(values(loaded), values(animals), strict=True):
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected.astype("float16").astype("float32"))
    same(loaded)


def test_the_images_are_the_same_to_a_grey_level(folder, animals):
    loaded = DCGAN.from_preset(folder, compile=False)
    images = [model.generate(4, "dog", seed=1).astype(int) for model in (loaded, animals)]
    assert np.abs(images[0] - images[1]).max() <= 1
    assert images[0].std() > 10


def test_without_weights_the_model_is_new(folder, animals):
    fresh = DCGAN.from_preset(folder, load_weights=False)
    expected = DCGAN(**animals.get_config())
    for found, value in zip(values(fresh), values(expected), strict=True):
        np.testing.assert_array_equal(found, value)


def test_metadata_says_what_the_files_are(files):
    metadata = json.loads(files["metadata.json"])
    assert metadata["format"] == 2
    assert metadata["ganzoo"] == ganzoo.__version__
    assert metadata["about"] == {"description": "Cats and dogs."}
    config = json.loads(files["config.json"])
    assert config.pop("family") == "dcgan"
    assert metadata["parameters"] == sum(
        tensor.size for tensor in map(np.asarray, values(DCGAN(**config)))
    )
    assert files.sealed() == {**files, "metadata.json": json.dumps(metadata).encode()}
    assert sorted(metadata["files"]) == ["config.json", "model.safetensors", "samples.png"]


def test_a_film_that_lies_there_becomes_part_of_the_preset(tmp_path):
    gan = DCGAN((8, 8, 1), latent_dim=3, base_filters=2)
    for name in ("film.gif", "curves.png", "diary.txt"):
        (tmp_path / name).write_bytes(b"something")
    gan.save_to_preset(tmp_path)
    listed = json.loads((tmp_path / "metadata.json").read_text())["files"]
    assert {"film.gif", "curves.png"} == listed.keys() - {
        "config.json",
        "model.safetensors",
        "samples.png",
    }
    card = (tmp_path / "README.md").read_text()
    assert "(film.gif)" in card
    assert "(film.webp)" not in card


@pytest.mark.parametrize("dtype", ["mixed_float16", "bfloat16"])
def test_any_precision_is_saved_and_loaded(tmp_path, dtype):
    gan = DCGAN((8, 8, 2), latent_dim=3, base_filters=2, seed=1, dtype=dtype)
    gan.save_to_preset(tmp_path)  # no picture has two channels
    loaded = DCGAN.from_preset(tmp_path, compile=False)
    assert loaded.dtype_policy.name == dtype
    weights = [[*each.generator.weights, *each.discriminator.weights] for each in (loaded, gan)]
    for found, expected in zip(*weights, strict=True):
        assert str(found.dtype) == str(expected.dtype)
        close = ops.convert_to_numpy(ops.cast(expected, "float32"))
        np.testing.assert_allclose(
            ops.convert_to_numpy(ops.cast(found, "float32")), close, rtol=0.01, atol=1e-6
        )
    assert sorted(os.listdir(tmp_path)) == [
        "README.md",
        "config.json",
        "metadata.json",
        "model.safetensors",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_numbers_of_numpy_and_paths_are_told_as_plain_data(animals, tmp_path):
    scores = {"kid": {"value": np.float32(0.5), "protocol": "as always"}}
    data = {"name": Path("cats"), "counts": np.arange(2)}
    animals.save_to_preset(tmp_path, {"scores": scores, "data": data})
    about = json.loads((tmp_path / "metadata.json").read_text())["about"]
    assert about["scores"]["kid"]["value"] == 0.5
    assert about["data"] == {"name": "cats", "counts": [0, 1]}


def test_who_may_read_one_file_may_read_all(folder, animals):
    animals.save_to_preset(folder)
    assert len({path.stat().st_mode for path in folder.iterdir()}) == 1


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_broken_model_is_not_saved(folder, animals, files, value):
    broken = DCGAN(**animals.get_config())
    broken.discriminator.weights[-1].assign(np.full(broken.discriminator.weights[-1].shape, value))
    with pytest.raises(ValueError, match=r"discriminator.002.kernel holds NaN or infinite"):
        broken.save_to_preset(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


@pytest.mark.parametrize(
    ("metadata", "error", "message"),
    [
        ({"x": object()}, TypeError, "is plain data.*not object"),
        ({"x": "y" * 2**20}, ValueError, r"metadata.json would be larger"),
        ({"data": "mnist"}, ValueError, 'has "data" as a dict'),
        ({"scores": {"accuracy": {"value": 1, "by": "me"}}}, ValueError, '"protocol"'),
        ({"scores": {"accuracy": 1}}, ValueError, '"protocol"'),
    ],
)
def test_what_cannot_be_told_leaves_the_old_preset(
    folder, animals, files, metadata, error, message
):
    with pytest.raises(error, match=message):
        animals.save_to_preset(folder, metadata=metadata)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_the_home_folder_is_found(animals, same, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "me"))
    monkeypatch.chdir(tmp_path)
    animals.save_to_preset("~/gans/pets")
    same(ganzoo.from_preset("~/gans/pets"))
    assert [path.name for path in tmp_path.iterdir()] == ["me"]


def test_a_drive_that_cannot_flush_a_folder_takes_a_preset(animals, same, tmp_path, monkeypatch):
    fsync = os.fsync

    def picky(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", picky)
    animals.save_to_preset(tmp_path / "pets")
    same(ganzoo.from_preset(tmp_path / "pets"))


def test_names_that_are_no_unicode_come_back(tmp_path):
    """As sub-folders on a disk with names of another encoding are called."""
    names = ["caf\udce9", "thé"]
    gan = DCGAN((8, 8, 1), latent_dim=3, base_filters=2, class_names=names)
    gan.save_to_preset(tmp_path, metadata={"data": {"name": "\udcff"}})
    assert ganzoo.from_preset(tmp_path).class_names == names
    assert "caf?, thé" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_model_too_large_to_be_loaded_is_not_saved(animals, tmp_path, monkeypatch):
    monkeypatch.setattr("ganzoo.gan.weights.MOST_PARAMETERS", 100)
    with pytest.raises(ValueError, match="parameters, and no preset has above 100"):
        animals.save_to_preset(tmp_path / "pets")
    assert not (tmp_path / "pets").exists()


def test_a_run_folder_holds_a_preset_too(folder, animals, same):
    (folder / "run.json").write_text("{}")
    (folder / "samples").mkdir()
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "epoch-000001.keras").write_bytes(b"PK")
    animals.save_to_preset(str(folder))
    same(DCGAN.from_preset(str(folder)))


def test_fine_tuning_continues_both_networks(folder):
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 1), dtype="uint8")
    labels = np.arange(6) % 2
    gan = DCGAN.from_preset(folder)
    before = values(gan)
    gan.fit(images, labels, batch_size=3, verbose=0)
    moved = [np.abs(a - b).max() for a, b in zip(values(gan), before, strict=True)]
    assert 0 < max(moved) < 0.5  # steps from where the preset was, not a new beginning
    assert np.count_nonzero(moved) == len(moved)
    for wrong, message in [
        ((np.zeros((6, 9, 8, 1), "uint8"), labels), "Resize or convert them, or build the model"),
        ((images, labels + 1), "reach from 1 to 2: give labels - 1"),
        ((images, None), r"needs a label for each image: fit\(images, labels\)"),
    ]:
        with pytest.raises(ValueError, match=message):
            gan.fit(*wrong)


KILLED = f"""
import os, signal, sys, types
sys.modules["ganzoo"] = types.ModuleType("ganzoo")  # ganzoo's own imports take long
sys.modules["ganzoo"].__path__ = {ganzoo.__path__!r}
import numpy as np
from pathlib import Path
from ganzoo.presets import preset_folder
replace, left = os.replace, [int(sys.argv[2])]
def die(*arguments):
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    replace(*arguments)
os.replace = die
preset_folder.save(Path(sys.argv[1]), eval(sys.argv[3]), {{"a": np.ones(3)}})
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("files_written", [0, 2])
def test_a_killed_save_is_whole_or_found_out(folder, same, files_written):
    config = {
        "family": "dcgan",
        "image_shape": [8, 8, 1],
        "class_names": None,
        "num_classes": None,
        "name": "new",
    }
    arguments = [str(folder), str(files_written), repr(config)]
    result = subprocess.run([sys.executable, "-c", KILLED, *arguments])
    assert result.returncode == -signal.SIGKILL
    if not files_written:
        same(DCGAN.from_preset(folder))
    else:
        with pytest.raises(ValueError, match="its writing cut short"):
            DCGAN.from_preset(folder)


NASTY = ["--- \n- a", "'}: {", '"\n\n---\n', "#:|>&*!%@`", "é\u2028ß", "a\n# Title", "<script>"]


@pytest.mark.parametrize("text", NASTY)
def test_the_card_is_valid_whatever_it_tells(tmp_path, text):
    config = {
        "family": "dcgan",
        "image_shape": [8, 8, 1],
        "class_names": [text, "b"],
        "num_classes": 2,
        "name": text,
    }
    about = {
        "description": text,
        "license": "apache-2.0",
        "data": {"name": text, "source": text, "rights": text},
        "scores": {text: {"value": 0.9, "protocol": text}},
        "training": {text: text, "curve": {"loss": [1.0]}},
        "recipe": {text: text},
    }
    preset_folder.save(tmp_path, config, {"a": np.ones(3)}, Image.new("L", (8, 8)), about)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    _, front, body = card.split("---\n", 2)
    matter, line = yaml.safe_load(front), " ".join(text.split())
    assert matter["library_name"] == "ganzoo"
    assert matter["license"] == "apache-2.0"
    assert matter["pipeline_tag"] == "unconditional-image-generation"
    assert "datasets" not in matter  # none of these is an id
    assert matter["model-index"][0]["results"][0]["dataset"] == {"type": "unknown", "name": line}
    assert matter["tags"] == ["ganzoo", "keras", "gan", "dcgan"]
    assert faults(card) == ([], [])
    assert matter["model-index"][0]["results"][0]["metrics"] == [
        {"type": " ".join(text.split()), "value": 0.9}
    ]
    assert "![Images drawn by this model](samples.png)" in body
    assert 'ganzoo.from_preset("hf://user/repo")' in body
    assert "<script>" not in body
    assert len(body.splitlines()) == 34  # no text has brought a line of its own
