"""What a stranger may put into a preset. None of it is executed, or believed."""

import json
import os
import pickle
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from preset_files import PresetFiles
from safetensors.numpy import load, save

import ganzoo
from ganzoo import DCGAN
from ganzoo.storage import sha256

CONFIG, WEIGHTS, METADATA = "config.json", "model.safetensors", "metadata.json"
MOST_MEMORY = 50 * 2**20  # far below the 200 MB that are allowed


class Bomb:
    """A pickle that would write a file."""

    def __reduce__(self):
        return open, ("executed", "w")


PICKLE = pickle.dumps(Bomb())


def config(**changes):
    return lambda files: files.edited(CONFIG, **changes).sealed()


def metadata(**changes):
    return lambda files: files.edited(METADATA, **changes)


def listed(**entries):
    """Add entries to the list of files."""

    def damage(files):
        known = json.loads(files[METADATA])["files"]
        return files.edited(METADATA, files={**known, **entries})

    return damage


def bytes_of(name, change, sealed=True):
    def damage(files):
        changed = PresetFiles({**files, name: change(files[name])})
        return changed.sealed() if sealed else changed

    return damage


def tensors(change):
    """Rewrite the weights; `change` gets them as a dict of arrays."""
    return bytes_of(WEIGHTS, lambda data: save(change(load(data))))


def header(change):
    """Rewrite what the weights' file says of itself."""

    def rewrite(data):
        length = int.from_bytes(data[:8], "little")
        text = change(json.loads(data[8 : 8 + length]))
        text = text if isinstance(text, bytes) else json.dumps(text).encode()
        return len(text).to_bytes(8, "little") + text + data[8 + length :]

    return bytes_of(WEIGHTS, rewrite)


def entry(**changes):
    """Rewrite the header's entry of one tensor."""
    name = "generator.000.kernel"
    return header(lambda said: {**said, name: {**said[name], **changes}})


def as_dtype(dtype):
    """Store one tensor in another dtype."""
    name = "generator.000.kernel"
    return tensors(lambda arrays: {**arrays, name: arrays[name].astype(dtype)})


def with_value(value):
    def change(arrays):
        changed = np.array(arrays["generator.000.kernel"], "float32")
        changed[0, 0] = value
        return {**arrays, "generator.000.kernel": changed}

    return tensors(change)


def renamed(old, new):
    return tensors(lambda arrays: {new if k == old else k: v for k, v in arrays.items()})


def without(name):
    return lambda files: PresetFiles({k: v for k, v in files.items() if k != name})


def deep(opening, closing):
    return b'{"a":' + opening * 100_000 + closing * 100_000 + b"}"


SEEDS = {"half": lambda data: data[: len(data) // 2], "flip": lambda data: data[:-1] + b"?"}
MISFIT = "do not fit the model"

REFUSED = {
    # Bytes that are not those of the metadata.
    "weights cut": (bytes_of(WEIGHTS, SEEDS["half"], False), "its size is"),
    "weights of the right size": (bytes_of(WEIGHTS, SEEDS["flip"], False), "its sha256 is"),
    "config of the right size": (bytes_of(CONFIG, SEEDS["flip"], False), "its sha256 is"),
    "a pointer of Git LFS": (
        bytes_of(WEIGHTS, lambda _: b"version https://git-lfs.github.com/spec/v1\n", False),
        "It is a pointer of Git LFS: run `git lfs pull`",
    ),
    "config from another save": (lambda files: files.edited(CONFIG, seed=5), "its size|its sha256"),
    # Weights that the metadata vouches for.
    "weights empty": (bytes_of(WEIGHTS, lambda _: b""), "malformed"),
    "weights cut and sealed": (bytes_of(WEIGHTS, SEEDS["half"]), "malformed"),
    "weights with more behind": (bytes_of(WEIGHTS, lambda data: data + b"more"), "malformed"),
    "a pickle for weights": (bytes_of(WEIGHTS, lambda _: PICKLE), "malformed"),
    "a zip for weights": (bytes_of(WEIGHTS, lambda _: b"PK\3\4" + bytes(100)), "malformed"),
    "a header of 16 exabytes": (
        bytes_of(WEIGHTS, lambda data: b"\xff" * 8 + data[8:]),
        "announces a header of",
    ),
    "a header that is no JSON": (header(lambda _: b"\xff\xfe"), "malformed"),
    "a header that is a list": (header(lambda _: []), "malformed"),
    "a deep header": (header(lambda _: deep(b"[", b"]")), "malformed"),
    "a tensor less": (tensors(lambda arrays: dict(list(arrays.items())[1:])), "is missing"),
    "a tensor more": (tensors(lambda a: {**a, "more": np.zeros(1)}), "no weight of the model"),
    "a tensor renamed": (renamed("generator.000.kernel", "../../evil"), MISFIT),
    "a tensor of another shape": (
        tensors(lambda arrays: {name: value.T for name, value in arrays.items()}),
        r"has shape \[32, 5\], the model's \[5, 32\]",
    ),
    "a tensor of bytes": (as_dtype("uint8"), "has dtype U8"),
    "a tensor of float64": (as_dtype("float64"), "has dtype F64"),
    "a tensor that is called float64": (entry(dtype="F64"), "malformed"),
    "a dtype of a megabyte": (entry(dtype="F" * 2**20), "announces a header of"),
    "a dtype that is an object": (entry(dtype={"a": 1}), "malformed"),
    "a tensor of a terabyte": (entry(shape=[10**6, 10**6]), "malformed"),
    "a negative shape": (entry(shape=[-5, -32]), "malformed"),
    "a shape that is text": (entry(shape="5x32"), "malformed"),
    "offsets outside the file": (entry(data_offsets=[0, 10**12]), "malformed"),
    "offsets that overlap": (entry(data_offsets=[20, 180]), "malformed"),
    "an entry that is a number": (header(lambda said: dict.fromkeys(said, 3)), "malformed"),
    "NaN": (with_value(np.nan), "NaN or infinite"),
    "infinity": (with_value(np.inf), "NaN or infinite"),
    # Configurations.
    "a network of 10^9 filters": (config(base_filters=10**9), "base_filters must be"),
    "an image of 10^12 pixels": (config(image_shape=[10**6, 10**6, 1]), "at most 16,777,216"),
    "10^12 latents": (config(latent_dim=10**12), "latent_dim must be"),
    "all latents that there may be": (config(latent_dim=2**14), MISFIT),
    "10^12 classes": (config(num_classes=10**12, class_names=None), "num_classes must be"),
    "all classes that there may be": (config(num_classes=2**14, class_names=None), MISFIT),
    "the largest networks that there may be": (
        config(
            image_shape=[2048, 2048, 4],
            base_filters=512,
            latent_dim=2**14,
            num_classes=2**14,
            class_names=None,
        ),
        "parameters, and no preset has above",
    ),
    "no family": (lambda files: files.without_family().sealed(), "does not say of which family"),
    "an unknown family": (config(family="biggan"), "brings the family 'biggan'; known: dcgan"),
    "a family that is a path": (config(family="os:system"), "brings the family 'os:system'"),
    "a family that is an object": (
        config(family={"class_name": "x"}),
        "does not say of which family",
    ),
    "another image shape": (config(image_shape=[16, 16, 1]), MISFIT),
    "an integer of 5000 digits": (
        bytes_of(CONFIG, lambda data: data.replace(b'"seed": 4', b'"seed": ' + b"9" * 5000)),
        "no JSON|seed must be",
    ),
    "a seed that is infinite": (config(seed=float("inf")), "seed must be a finite number"),
    "a dtype that names a class": (
        config(dtype={"module": "os", "class_name": "system", "config": {"command": "x"}}),
        "dtype must be one of",
    ),
    "a name that is an object": (config(name={"class_name": "Lambda"}), "must be strings"),
    "a name with a path": (config(name="../../evil"), "config.json"),
    "an argument that is unknown": (config(custom_objects={"a": "b"}), "custom_objects"),
    "no image shape": (bytes_of(CONFIG, lambda _: b"{}"), "image_shape"),
    "a config that is a list": (bytes_of(CONFIG, lambda _: b"[]"), "no JSON object"),
    "a config that is not UTF-8": (bytes_of(CONFIG, lambda _: b'{"a": "\xff"}'), "no JSON"),
    "a config that is a pickle": (bytes_of(CONFIG, lambda _: PICKLE), "no JSON"),
    "a deep config": (bytes_of(CONFIG, lambda _: deep(b'{"a":', b"}")), "no JSON"),
    "a config of 2 MB": (bytes_of(CONFIG, lambda data: data + b" " * 2**21), "above 1,048,576"),
    # Metadata.
    "metadata that is not UTF-8": (bytes_of(METADATA, lambda _: b"\xff\xfe{", False), "no JSON"),
    "metadata that is deep": (bytes_of(METADATA, lambda _: deep(b"[", b"]"), False), "no JSON"),
    "metadata that is a list": (bytes_of(METADATA, lambda _: b"[]", False), "no JSON object"),
    "metadata of 2 MB": (bytes_of(METADATA, lambda data: data + b" " * 2**21, False), "above"),
    "a newer format": (metadata(format=3, ganzoo="9.9"), r"newer ganzoo \(9.9.*update ganzoo"),
    "no format": (metadata(format=None), "no format that ganzoo knows"),
    "a format that is true": (metadata(format=True), "no format that ganzoo knows"),
    "files that are a list": (metadata(files=["config.json"]), "no list of files"),
    "files without the config": (metadata(files={}), "does not list config.json"),
    "an entry that is text": (listed(**{CONFIG: "x"}), "no list of files"),
    "an entry without a hash": (listed(**{CONFIG: {"size": 3}}), "its size is"),
    "a hash that is a list": (listed(**{CONFIG: {"size": [], "sha256": []}}), "its size is"),
    "a name that climbs": (listed(**{"../../../etc/passwd": {}}), "no preset's file"),
    "a name that is absolute": (listed(**{"/etc/passwd": {}}), "no preset's file"),
    "a name with backslashes": (listed(**{"..\\..\\evil": {}}), "no preset's file"),
    "a pickle in the list": (listed(**{"model.pkl": {}}), "no preset's file"),
    "a program in the list": (listed(**{"model.py": {}}), "no preset's file"),
    # Files that are not there.
    "no metadata": (without(METADATA), "has no metadata.json"),
    "no weights": (without(WEIGHTS), "has no model.safetensors"),
    "no config": (without(CONFIG), "has no config.json"),
}  # fmt: skip


def attempt(folder, **changes):
    """Load a preset, which takes little memory."""
    tracemalloc.start()
    try:
        DCGAN.from_preset(folder, compile=False, **changes)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MOST_MEMORY


def tree(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*"))


@pytest.mark.parametrize("case", ["10^12 latents", "another image shape", "infinity", "a pickle"])
def test_a_change_is_no_way_round(files, tmp_path, case):
    damage, message = next(value for name, value in REFUSED.items() if name.startswith(case))
    folder = damage(files).write(tmp_path / "preset")
    with pytest.raises(ValueError, match=message):
        attempt(folder, image_shape=(16, 16, 1), class_names=["cow", "dog", "emu"])


@pytest.mark.parametrize("case", REFUSED)
def test_refused(files, tmp_path, monkeypatch, case):
    damage, message = REFUSED[case]
    monkeypatch.chdir(tmp_path)
    folder = damage(files).write(tmp_path / "preset")
    before = tree(tmp_path)
    with pytest.raises((ValueError, FileNotFoundError), match=message) as raised:
        attempt(folder)
    assert "'" + str(folder) + "'" in str(raised.value)  # it says which preset
    assert len(str(raised.value)) < 1000
    assert tree(tmp_path) == before


HARMLESS = {
    "README.md": b"# Hello\n<script>alert(1)</script>\n```python\nimport os; os.abort()\n```",
    "config.json.pkl": PICKLE,
    "pytorch_model.bin": PICKLE,
    "model.keras": b"PK\3\4 a Lambda layer",
    "modeling_gan.py": b"open('executed', 'w')",
    "__init__.py": b"open('executed', 'w')",
    "samples.png": b"not the picture that was saved",
    "\xff.txt": b"",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_not_read_does_no_harm(files, same, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    folder = PresetFiles({**files, name: HARMLESS[name]}).write(tmp_path / "preset")
    same(DCGAN.from_preset(folder))
    assert not (tmp_path / "executed").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators only")
@pytest.mark.parametrize("name", [METADATA, CONFIG, WEIGHTS])
@pytest.mark.parametrize("target", ["/dev/zero", "/dev/stdin", "nowhere", "fifo", "secret", "."])
def test_links_that_lead_astray(folder, tmp_path, name, target):
    (tmp_path / "secret").write_text("the password")
    os.mkfifo(tmp_path / "fifo")
    (folder / name).unlink()
    (folder / name).symlink_to(tmp_path / target)
    with pytest.raises((ValueError, FileNotFoundError), match=r"damaged|has no") as raised:
        attempt(folder)
    assert "password" not in str(raised.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators only")
def test_saving_replaces_a_link_and_not_its_target(folder, animals, tmp_path):
    (tmp_path / "precious").write_text("mine")
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(tmp_path / "precious")
    animals.save_to_preset(folder)
    assert (tmp_path / "precious").read_text() == "mine"


BOMBS = """
import resource, sys, types
sys.modules["ganzoo"] = types.ModuleType("ganzoo")
sys.modules["ganzoo"].__path__ = {path!r}
from pathlib import Path
from ganzoo.presets.preset_folder import PresetFolder
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    folder = PresetFolder(Path(sys.argv[1]), "bomb")
    folder.config()
    folder.weights({{"generator.000.kernel": (5, 32)}})
except ValueError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux counts it")
@pytest.mark.parametrize("case", ["zeros", "header", "config"])
def test_a_bomb_takes_little_memory(folder, files, case):
    """Measured in a process of its own, with what the libraries take outside of Python."""
    path = folder / (CONFIG if case == "config" else WEIGHTS)
    with path.open("wb") as file:
        if case == "header":
            file.write((2**26).to_bytes(8, "little") + b'{"' + b"a" * 1000)
        file.truncate(2**27)  # sparse: it takes no room on the disk
    known = json.loads(files[METADATA])["files"]
    known[path.name] = {"size": 2**27, "sha256": "" if case == "config" else sha256(path)}
    (folder / METADATA).write_bytes(files.edited(METADATA, files=known)[METADATA])
    code = BOMBS.format(path=list(ganzoo.__path__))
    result = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    message, megabytes = result.stdout.splitlines()
    assert "damaged" in message
    assert int(megabytes) < 50


UNLOADED = """
import resource, sys
from ganzoo import DCGAN
folders = sys.argv[1:]
DCGAN.from_preset(folders.pop(0), load_weights=False)
for folder in folders:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        DCGAN.from_preset(folder, load_weights=False)
        print("loaded")
    except ValueError as error:
        print("damaged" in str(error))
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
LARGE = [
    {"image_shape": [2048, 2048, 4], "base_filters": 512, "latent_dim": 2**14},
    {"image_shape": [8, 2**20, 2], "base_filters": 512, "latent_dim": 2**14},
    {"image_shape": [8, 8, 2**18], "base_filters": 512, "discriminator_norm": "spectral"},
    {"image_shape": [8, 8, 1], "latent_dim": 2**14, "base_filters": 512, "num_classes": 2**14,
     "class_names": None, "upsampling": "resize"},
    {"image_shape": [4096, 4096, 1], "base_filters": 512, "latent_dim": 2**14},
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux counts it")
def test_a_config_alone_takes_no_memory(files, folder, tmp_path):
    """All bounds at once, without a file of weights that would have to be as large."""
    cases = [
        files.edited(CONFIG, **changes).sealed().write(tmp_path / str(number))
        for number, changes in enumerate(LARGE)
    ]
    result = subprocess.run(
        [sys.executable, "-c", UNLOADED, folder, *cases], capture_output=True, text=True, check=True
    )
    answers = result.stdout.split()
    assert answers[::2] == ["True"] * len(LARGE)
    assert max(map(int, answers[1::2])) < 50


@pytest.mark.parametrize(
    "case", [case for case in REFUSED if " that there may be" in case or "10^" in case]
)
def test_refused_without_weights_too(files, tmp_path, case):
    damage, message = REFUSED[case]
    folder = damage(files).write(tmp_path / "preset")
    if message == MISFIT:
        assert DCGAN.from_preset(folder, load_weights=False, compile=False).num_classes
    else:
        with pytest.raises(ValueError, match=message):
            attempt(folder, load_weights=False)
