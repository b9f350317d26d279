import json

import numpy as np
import pytest

from ganzoo import presets

CONFIG = {"image_shape": [8, 8, 1], "class_names": None, "name": "ä"}
TENSORS = {"a.kernel": np.arange(6, dtype="float32").reshape(2, 3), "b.gain": np.ones(3, "float32")}


@pytest.fixture
def folder(tmp_path):
    presets.save(tmp_path / "new" / "preset", CONFIG, TENSORS)
    return tmp_path / "new" / "preset"


def test_a_preset_comes_back_as_it_was(folder):
    config, tensors = presets.load(folder)
    assert config == CONFIG
    assert tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        np.testing.assert_array_equal(tensors[name], tensor)
    assert sorted(each.name for each in folder.iterdir()) == [presets.CONFIG, presets.WEIGHTS]


def test_saving_again_replaces_the_preset(folder):
    presets.save(str(folder), {**CONFIG, "name": "b"}, {"a.kernel": np.zeros(2, "float32")})
    config, tensors = presets.load(str(folder))
    assert config["name"] == "b"
    assert tensors.keys() == {"a.kernel"}


def test_a_config_that_is_no_json_leaves_the_old_one(folder):
    with pytest.raises(TypeError):
        presets.save(folder, {"name": object()}, TENSORS)
    assert presets.load(folder)[0] == CONFIG
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("name", [presets.CONFIG, presets.WEIGHTS, None])
def test_a_missing_file_is_named(folder, name):
    if name:
        (folder / name).unlink()
    else:
        folder, name = folder / "none", presets.CONFIG
    with pytest.raises(FileNotFoundError, match=f"no {name}"):
        presets.load(folder)


def truncated(share):
    return lambda data: data[: int(len(data) * share)]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (presets.CONFIG, truncated(0.5)),
        (presets.CONFIG, truncated(0)),
        (presets.CONFIG, lambda data: b"\xff\xfe" + data),
        (presets.WEIGHTS, truncated(0)),
        (presets.WEIGHTS, truncated(0.1)),
        (presets.WEIGHTS, truncated(0.9)),
        (presets.WEIGHTS, lambda data: b"\xff" * 8 + data[8:]),  # a header of 16 exabytes
        (presets.WEIGHTS, lambda data: data + b"more"),
    ],
)
def test_a_damaged_file_is_refused(folder, name, damage):
    path = folder / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="is damaged"):
        presets.load(folder)


@pytest.mark.parametrize("config", [[], 3, None, "text"])
def test_a_config_that_is_no_object_is_refused(folder, config):
    (folder / presets.CONFIG).write_text(json.dumps(config))
    with pytest.raises(ValueError, match="is damaged"):
        presets.load(folder)


@pytest.mark.parametrize(
    ("tensors", "names"),
    [
        ({"a.kernel": TENSORS["a.kernel"]}, "b.gain is missing"),
        ({**TENSORS, "c": np.zeros(1)}, r"c is \(1,\), the model's is missing"),
        ({**TENSORS, "a.kernel": np.zeros((3, 2))}, r"a.kernel is \(3, 2\), the model's is \(2, 3"),
    ],
)
def test_check_names_the_tensor_that_does_not_fit(tensors, names):
    with pytest.raises(ValueError, match=names):
        presets.check("preset", tensors, TENSORS)


def test_check_accepts_what_fits():
    presets.check("preset", TENSORS, TENSORS)
