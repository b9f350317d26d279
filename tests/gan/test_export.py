"""Exported files are run by what users run them with, and draw what `draw` draws."""

import importlib
import json
import re

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.gan import export as exported

BACKEND = keras.backend.backend()
WRITTEN = [format for format, backend in exported.PAIRS if backend == BACKEND]
LATENTS = 5
LABELS = np.array([2, 0, 1, 1, 2], "int32")
PARTS = ("latents", "labels")

pytestmark = pytest.mark.filterwarnings(r"ignore:\s+Warning. tf.lite.Interpreter is deprecated")


def make(**arguments):
    """Return a model whose images differ: fresh weights draw nothing but grey."""
    small = {"image_shape": (9, 14, 3), "latent_dim": LATENTS, "base_filters": 4, "seed": 1}
    gan = ganzoo.DCGAN(**small | arguments)
    random = np.random.default_rng(0)
    for weight in gan.generator.weights:
        spread = random.uniform(0.5, 1.5, weight.shape)
        weight.assign(spread * random.choice([-1, 1], weight.shape) if "kernel" in weight.path
                      else spread)  # fmt: skip
    last = gan.generator.weights[-1]
    last.assign(last / 20)
    return gan


@pytest.fixture(scope="module")
def plain():
    return make()


@pytest.fixture(scope="module")
def animals():
    return make(class_names=["cat", "dog", "owl"], upsampling="resize")


def inputs(gan, n):
    """Return latents, and labels if the model has classes, by name."""
    latents = np.random.default_rng(n).standard_normal((n, LATENTS), np.float32)
    arrays = (latents, LABELS[:n]) if gan.num_classes else (latents,)
    return dict(zip(PARTS, arrays, strict=False))


def assert_same_images(found, gan, given):
    expected = gan.draw(*given.values())
    assert 0.3 < np.mean((expected > 20) & (expected < 235))  # neither black nor white
    assert expected.std() > 30
    assert found.dtype == np.uint8
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert np.mean(found != expected) < 0.02  # rounded, not cut off


def run_onnx(path):
    session = importlib.import_module("onnxruntime").InferenceSession(path)
    return lambda given: session.run(["images"], given)[0]


def run_litert(path):
    runner = importlib.import_module("tensorflow").lite.Interpreter(str(path))
    runner = runner.get_signature_runner()
    return lambda given: runner(**given)["images"]


def run_saved_model(path):
    tf = importlib.import_module("tensorflow")
    signature = tf.saved_model.load(path).signatures["serving_default"]
    return lambda given: signature(**keras.tree.map_structure(tf.constant, given))["images"].numpy()


def run_torch(path):
    torch = importlib.import_module("torch")
    module = torch.export.load(path).module()

    def run(given):
        tensors = [torch.from_numpy(each) for each in given.values()]
        return module(tensors if len(tensors) > 1 else tensors[0])["images"].numpy()

    return run


def export(gan, folder, format, **options):
    """Export, and return the path; skip the test where a package is missing."""
    for package in exported.PAIRS[format, BACKEND]:
        pytest.importorskip(package, reason=f"{package} is not installed")
    path = folder / f"exported{exported.ENDINGS[format]}"
    gan.export(path, format, **options)
    assert list(folder.iterdir()) == [path]
    return path


@pytest.mark.parametrize("format", WRITTEN)
@pytest.mark.parametrize("kind", ["plain", "animals"])
def test_an_exported_file_draws_as_the_model(kind, format, tmp_path, request):
    """By the names that the documentation gives, and any number of images at a time."""
    if format == "onnx":
        pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    gan = request.getfixturevalue(kind)
    path = export(gan, tmp_path, format)
    run = globals()[f"run_{format}"](path)
    for n in (4, 1, 5):
        given = inputs(gan, n)
        assert_same_images(run(given), gan, given)
    if format == "litert":
        assert b"Flex" not in path.read_bytes()  # what a phone would lack


def test_an_onnx_file_is_whole_and_says_what_it_takes(tmp_path):
    names = ["cat", "dog", "owl"]
    gan = make(latent_dim=2000, class_names=names)  # jax2onnx puts more than a megabyte elsewhere
    path = export(gan, tmp_path, "onnx", opset_version=18)
    assert path.stat().st_size > gan.generator.count_params() * 4 > 2**20
    onnx = importlib.import_module("onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    found = {
        value.name: [each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    shapes = {"latents": ["batch", 2000], "labels": ["batch"], "images": ["batch", 9, 14, 3]}
    assert found == shapes
    assert {each.version for each in model.opset_import if not each.domain} == {18}
    (said,) = (json.loads(each.value) for each in model.metadata_props if each.key == "ganzoo")
    assert said == {
        "ganzoo": ganzoo.__version__,
        "family": "dcgan",
        "latent_dim": 2000,
        "image_shape": [9, 14, 3],
        "num_classes": 3,
        "class_names": names,
        "attributes": [],
    }


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16", "bfloat16"])
def test_what_is_exported_computes_in_float32(dtype):
    """Whatever the model does, or Keras' policy is at the time."""
    weights = make(dtype=dtype).get_weights()
    precise, half = make(), make(dtype=dtype)
    for gan in (precise, half):
        gan.set_weights(weights)
    given = inputs(half, 5)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        images = exported.with_bytes(half.float32_generator())(given["latents"])["images"]
    finally:
        keras.config.set_dtype_policy(before)
    assert_same_images(keras.ops.convert_to_numpy(images), precise, given)


def test_what_is_exported_is_the_average(plain):
    gan = make()
    gan.compile()
    *weights, last = gan.generator.get_weights()
    gan.ema_generator.set_weights([*weights, -last])  # the negative of each image
    given = inputs(gan, 5)
    images = keras.ops.convert_to_numpy(
        exported.with_bytes(gan.float32_generator())(given["latents"])["images"]
    )
    assert_same_images(images, gan, given)
    assert_same_images(255 - images, plain, given)


@pytest.mark.parametrize("format", sorted(set(exported.ENDINGS) - set(WRITTEN)))
def test_what_a_backend_cannot_write_names_one_that_can(format, plain, tmp_path):
    path = tmp_path / f"a{exported.ENDINGS[format]}"
    with pytest.raises(ValueError, match=f"exports '{format}', and this is {BACKEND}") as error:
        plain.export(path)
    backend = re.search("KERAS_BACKEND=([a-z]+)", str(error.value))[1]
    assert (format, backend) in exported.PAIRS
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", [each for each in WRITTEN if exported.PAIRS[each, BACKEND]])
def test_a_missing_package_is_named(format, plain, tmp_path, monkeypatch):
    """By its own name: another project's package is called ganzoo on PyPI."""
    monkeypatch.setattr(exported, "find_spec", lambda name: None)
    packages = exported.PAIRS[format, BACKEND]
    with pytest.raises(ImportError, match=f"takes {packages[0]}: pip install {' '.join(packages)}"):
        plain.export(tmp_path / "a.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "format", "message"),
    [
        ("a.onx", None, "a.onx ends like no format: give one as format=, of 'onnx'"),
        ("a.onnx", "openvino", "There is no format 'openvino': give one of 'onnx'"),
        ("a.pb", "onnx", "a.pb must end in .onnx, as format='onnx' does"),
        ("a", "torch", "a must end in .pt2"),
    ],
)
def test_a_format_is_known_and_fits_the_ending(name, format, message, plain, tmp_path):
    with pytest.raises(ValueError, match=re.escape(message)):
        plain.export(tmp_path / name, format)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["tf_saved_model", "saved_model", None])
def test_a_saved_model_goes_by_keras_name_too(name, tmp_path):
    path = tmp_path / ("a" if name is None else "a.folder")
    assert exported.chosen_format(path, name) == "saved_model"


def test_only_a_saved_model_is_replaced(plain, tmp_path, monkeypatch):
    """What Keras writes is not looked at here, but where it ends up."""

    def write(self, path, *_, **__):
        (exported.Path(path) / "saved_model.pb").write_bytes(b"new")

    monkeypatch.setattr(keras.Model, "export", write)
    monkeypatch.setitem(exported.PAIRS, ("saved_model", BACKEND), {})
    folder = tmp_path / "out"
    for old in (None, b"old"):
        if old:
            (folder / "saved_model.pb").write_bytes(old)
            (folder / "variables").mkdir()
        plain.export(folder)
        assert [each.name for each in folder.iterdir()] == ["saved_model.pb"]
    (folder / "photo.png").write_bytes(b"mine")
    for mine in (folder, folder / "photo.png"):
        with pytest.raises(FileExistsError, match="something else than a SavedModel, and stays"):
            plain.export(mine, "saved_model")
    assert (folder / "photo.png").read_bytes() == b"mine"
    monkeypatch.setitem(exported.PAIRS, ("litert", BACKEND), {})
    (tmp_path / "a.tflite").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder: 'litert' is a file"):
        plain.export(tmp_path / "a.tflite")


def test_an_export_that_fails_leaves_the_old_file(plain, tmp_path, monkeypatch):
    def fail(self, path, *_, **__):
        exported.Path(path).write_bytes(b"half")
        raise OSError(28, "no space left")

    monkeypatch.setattr(keras.Model, "export", fail)
    monkeypatch.setitem(exported.PAIRS, ("litert", BACKEND), {})
    path = tmp_path / "a.tflite"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="no space left"):
        plain.export(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
