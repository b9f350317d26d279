"""The folder of a page without a server; tests/demo/test_browser_page.py opens it."""

import hashlib
import io
import json
import tarfile

import numpy as np
import pytest
import yaml
from PIL import Image

import ganzoo
from ganzoo.datasets.catalog import File
from ganzoo.demo import browser_model, browser_runtime, static

SCRIPT, WASM = b"/* a script */", b"\0asm" + bytes(1000)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Place an npm package by hand that has what is read of it."""
    home = tmp_path / "home"
    monkeypatch.setenv("GANZOO_HOME", str(home))
    path = home / "onnxruntime-web" / browser_runtime.ARCHIVE.name
    path.parent.mkdir(parents=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {browser_runtime.MODULE: SCRIPT, browser_runtime.BINARY: WASM}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(browser_runtime, "ARCHIVE", File(path.name, digest, ()))
    return path


@pytest.fixture
def run(tmp_path):
    """Return the folder of a model whose images differ."""
    gan = ganzoo.DCGAN((16, 24, 3), latent_dim=8, base_filters=16, class_names=["a", "b"], seed=0)
    for weight in gan.generator.weights:
        weight.assign(weight + 0.3 * np.random.default_rng(1).normal(size=weight.shape))
    gan.save_to_preset(tmp_path / "runs" / "mine")
    return tmp_path / "runs" / "mine"


def test_the_folder_holds_all_that_the_page_needs(tmp_path, package, run):
    pytest.importorskip("onnx", reason="onnx is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    page = tmp_path / "page"
    static.write(page, [str(run)])
    matter = yaml.safe_load((page / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert matter["sdk"] == "static"
    assert (page / matter["app_file"]).exists()
    site = json.loads((page / "models.json").read_text(encoding="utf-8"))
    (model,) = site["models"]
    assert model["name"] == "mine"
    assert model["record"]["class_names"] == ["a", "b"]
    for address, size in ((model["file"], model["size"]), (model["poster"], None)):
        name, _, version = address.partition("?v=")
        content = (page / name).read_bytes()
        assert version == hashlib.sha256(content).hexdigest()[:12]
        assert size in (None, len(content))
    assert (page / "runtime" / "onnxruntime.js").read_bytes() == SCRIPT
    assert (page / "runtime" / "onnxruntime.wasm.gz").stat().st_size == site["runtime"]["size"]
    assert "Microsoft" in (page / "runtime" / "LICENSE").read_text(encoding="utf-8")

    gan = ganzoo.from_preset(run)
    session = runtime.InferenceSession(page / "models" / "mine.onnx")
    given = {"latents": gan.latents(6, seed=3), "labels": gan.labels(6)}
    (drawn,) = session.run(["images"], given)
    expected = gan.generate(6, seed=3)
    assert expected.std() > 20
    np.testing.assert_allclose(drawn.astype(int), expected, atol=1)
    said = json.loads(session.get_modelmeta().custom_metadata_map["ganzoo"])
    assert said.items() >= model["record"].items()
    ways = ganzoo.latents.directions(gan, 6)
    np.testing.assert_allclose(said["directions"], ways, atol=1e-5)
    floats = 4 * gan.generator.count_params()
    assert model["size"] < 0.8 * floats + 20_000  # large weights in half, and the graph
    poster = np.asarray(Image.open(page / "models" / "mine.webp"))
    np.testing.assert_array_equal(poster[:16, :24], gan.generate(1, seed=0)[0])


def test_nothing_is_written_over_and_nothing_half(tmp_path, package, run, monkeypatch):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="full is there already: choose another folder"):
        static.write(tmp_path / "full", [str(run)])

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(browser_model, "write", fail)
    with pytest.raises(OSError, match="the disk is full"):
        static.write(tmp_path / "page", [str(run)])
    assert not (tmp_path / "page").exists()


def test_another_package_is_refused(tmp_path, package):
    package.write_bytes(b"another")
    with pytest.raises(ValueError, match="is not the published file"):
        browser_runtime.write(tmp_path)


def test_a_package_that_cannot_be_had_is_named(tmp_path, package, monkeypatch):
    package.unlink()
    monkeypatch.setattr(browser_runtime.shutil, "which", lambda name: None)
    with pytest.raises(ConnectionError, match=r"onnxruntime-web-.* could not be downloaded"):
        browser_runtime.write(tmp_path)


@pytest.mark.parametrize(
    ("models", "names"),
    [
        (["mnist", "runs/mine", "runs/mine/"], ["mnist", "mine", "mine-2"]),
        (["hf://me/my-gan@main", "hf://me/repo/a gan"], ["my-gan", "a-gan"]),
    ],
)
def test_models_have_names_of_their_own(models, names):
    assert static.distinct(models) == names
