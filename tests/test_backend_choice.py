import json
import logging
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import keras
import pytest

from ganzoo import _backend_choice

ALL = ("jax", "torch", "tensorflow")


@pytest.fixture
def choose(monkeypatch, tmp_path):
    """Run `choose` in a world with these packages and settings; return the resulting variable."""

    def run(installed=ALL, variable="", file=None, imported=None):
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
        monkeypatch.setenv("KERAS_BACKEND", variable)
        if file is not None:
            (tmp_path / "keras.json").write_text(file)
        # Not the true `sys.modules`: `choose` may remove a half-imported Keras from it.
        keras_there = SimpleNamespace(backend=SimpleNamespace(backend=lambda: imported))
        modules = {"keras": keras_there} if imported else {}
        monkeypatch.setattr(_backend_choice, "sys", SimpleNamespace(modules=modules))
        monkeypatch.setattr(_backend_choice, "_installed", lambda name: name in installed)
        _backend_choice.choose()
        return os.environ["KERAS_BACKEND"]

    return run


def config(backend):
    return json.dumps({"floatx": "float32", "backend": backend})


@pytest.mark.parametrize(
    "world",
    [
        {"variable": "jax"},
        {"variable": "torch", "file": config("jax")},
        {"file": config("torch")},
        {"file": config("torch"), "installed": ("torch",)},
        {"file": "not JSON"},
        {},
        {"imported": "jax"},
        {"imported": "torch", "variable": "jax", "file": config("jax")},
    ],
    ids=str,
)
def test_choice_of_the_user_is_respected(choose, caplog, world):
    assert choose(**world) == world.get("variable", "")
    assert not caplog.records


@pytest.mark.parametrize(
    ("installed", "file", "chosen", "level"),
    [
        (("jax",), None, "jax", logging.WARNING),
        (("torch",), None, "torch", logging.WARNING),
        (("torch", "jax"), None, "jax", logging.WARNING),
        (("jax",), config("tensorflow"), "jax", logging.INFO),  # Keras itself wrote that file
        (("jax",), "{}", "jax", logging.INFO),
        (("jax",), "not JSON", "jax", logging.WARNING),
        (("jax", "tensorflow"), config("torch"), "jax", logging.WARNING),
        (("tensorflow",), config("jax"), "tensorflow", logging.WARNING),
    ],
)
def test_missing_backend_is_replaced_in_one_log_line(
    choose, caplog, installed, file, chosen, level
):
    caplog.set_level(logging.DEBUG, logger="ganzoo")
    assert choose(installed=installed, file=file) == chosen
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("ganzoo", level)
    assert f"runs on {chosen}" in record.getMessage()


@pytest.mark.parametrize(
    ("world", "message"),
    [
        ({"variable": "torch"}, r'pip install "ganzoo\[torch\]"\nOr .* installed: jax'),
        ({"variable": "pytorch"}, r"'pytorch', but ganzoo trains on jax, torch, tensorflow only"),
        ({"file": config("openvino")}, r"'openvino', but .*\nOr set KERAS_BACKEND .*: jax"),
        ({"imported": "numpy"}, r"'numpy', but ganzoo trains on"),
    ],
    ids=str,
)
def test_unusable_choice_is_an_error_with_the_remedy(choose, world, message):
    with pytest.raises(ImportError, match=message):
        choose(installed=("jax",), **world)


def test_no_backend_is_an_error_with_the_commands(choose):
    with pytest.raises(ImportError, match="none is installed") as caught:
        choose(installed=())
    assert all(command in str(caught.value) for command in _backend_choice.INSTALL.values())


def test_installed_means_importable_and_imports_nothing(monkeypatch, tmp_path):
    (tmp_path / "made_up_folder").mkdir()
    (tmp_path / "made_up_package.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path)
    assert _backend_choice._installed("made_up_package")
    assert not _backend_choice._installed("made_up_folder")
    assert not _backend_choice._installed("made_up_nothing")


@pytest.fixture
def python(tmp_path):
    """Run code in a fresh interpreter that cannot find the hidden packages."""

    def run(code, hidden, file=None):
        (tmp_path / "sitecustomize.py").write_text(HIDE.format(hidden=tuple(hidden)))
        if file is not None:
            (tmp_path / "keras.json").write_text(file)
        path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
        environment = os.environ | {"KERAS_HOME": str(tmp_path), "PYTHONPATH": path}
        environment.pop("KERAS_BACKEND", None)
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )

    return run


HIDE = """
import importlib.machinery, sys

class Finder(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] not in {hidden}:
            return super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(importlib.machinery.PathFinder)] = Finder
"""
IMPORT_GANZOO = "import ganzoo, keras; print(keras.backend.backend())"
IMPORT_KERAS_FIRST = f"""
try:
    import keras
except ModuleNotFoundError as error:
    print(error.name)
{IMPORT_GANZOO}
"""
needs_other_than_tensorflow = pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="needs a backend besides TensorFlow"
)


@needs_other_than_tensorflow
def test_plain_import_without_tensorflow_works_and_tells_once(python):
    hidden = set(ALL) - {keras.backend.backend()}
    first = python(IMPORT_GANZOO, hidden)
    assert first.stdout.split() == [keras.backend.backend()], first.stderr
    assert first.stderr.count("so ganzoo runs on") == 1
    again = python(IMPORT_GANZOO, hidden)
    assert again.stdout == first.stdout
    assert "ganzoo" not in again.stderr


@needs_other_than_tensorflow
@pytest.mark.parametrize("configured", ["tensorflow", "another"])
def test_ganzoo_works_after_a_failed_import_of_keras(python, configured):
    backend = keras.backend.backend()
    missing = {"torch": "jax", "jax": "torch"}[backend] if configured == "another" else configured
    file = None if configured == "tensorflow" else config(missing)
    result = python(IMPORT_KERAS_FIRST, set(ALL) - {backend}, file)
    assert result.stdout.split() == [missing, backend], result.stderr


def test_without_any_backend_the_last_lines_are_the_commands(python):
    result = python("import ganzoo", ALL)
    assert result.returncode == 1
    assert "ModuleNotFoundError" not in result.stderr
    assert [line.strip() for line in result.stderr.splitlines()[-3:]] == [
        *_backend_choice.INSTALL.values()
    ]


def test_an_account_without_a_home_has_keras_default(choose, monkeypatch):
    """As in a container whose user nobody has named; Keras looks in the temporary folder then."""
    monkeypatch.setattr(os.path, "expanduser", os.fspath)
    assert choose(installed=("torch",)) == "torch"


@pytest.mark.gpu
def test_the_backend_computes_on_the_gpu():
    ones = keras.ops.ones((64, 64))
    product = keras.ops.matmul(ones, ones)
    assert re.search("cuda|gpu", str(product.device), re.IGNORECASE)
    assert (keras.ops.convert_to_numpy(product) == 64).all()
