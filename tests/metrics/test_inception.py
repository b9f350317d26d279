"""FID's network without its weights: the same numbers as the published one with drawn weights."""

import hashlib
from importlib import import_module
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner
from inception_states import draw, images
from keras import ops

from ganzoo import backends
from ganzoo.metrics.extractors import convert_inception, inception_onnx
from ganzoo.metrics.extractors.inception import find_weights, inception
from ganzoo.metrics.extractors.inception_architecture import MAXIMUM, MEAN, shapes
from ganzoo.metrics.extractors.inception_network import build, prepared, resized

module = import_module("ganzoo.metrics.extractors.inception")  # the name stands for the function
GOLDEN = Path(__file__).parent / "golden" / "inception.npz"


@pytest.fixture(scope="module")
def golden():
    return np.load(GOLDEN)


def test_tensors_are_those_of_the_published_network(golden):
    kernels = [shape for name, shape in shapes().items() if name.endswith(".kernel")]
    assert kernels == [tuple(shape) for shape in golden["kernels"].tolist()]
    assert sum(np.prod(shape) for shape in shapes().values()) == 21_768_352


@pytest.fixture(params=["keras", "onnxruntime"])
def built(request):
    """Return a function that builds the network from weights, as a function of images."""
    if request.param == "keras":
        return lambda *arguments: build(*arguments).predict_on_batch
    if not inception_onnx.installed():
        pytest.skip("onnx and onnxruntime are not installed")
    return inception_onnx.build


def test_features_are_those_of_the_published_network_with_drawn_weights(golden, built):
    """Every kind of block, its order, padding, pools, batch norms: each moves these numbers."""
    network = built(convert_inception.folded(draw(golden["kernels"].tolist())))
    found, expected = network(images()), golden["features"]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * expected.max())


@pytest.mark.parametrize(("pool", "kind"), [(MEAN, np.mean), (MAXIMUM, np.max)])
def test_pools_leave_the_padding_out(built, pool, kind):
    maps = np.random.default_rng(0).random((2, 4, 5, 3), "float32") - 2  # a padding of 0 would win
    expected = np.empty_like(maps)
    for row in range(4):
        for column in range(5):
            window = maps[:, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
            expected[:, row, column] = kind(window, axis=(1, 2))
    found = built({}, (((pool,),),))(maps)
    np.testing.assert_allclose(found, expected.mean((1, 2)), rtol=1e-6)


def pixel(image, size, i, j):
    """Return what TensorFlow 1 puts at `(i, j)` of an image that it resizes."""
    rows, columns, _ = image.shape
    y, x = i * rows / size[0], j * columns / size[1]
    top, left = int(y), int(x)
    bottom, right = min(top + 1, rows - 1), min(left + 1, columns - 1)
    upper = image[top, left] * (1 - x + left) + image[top, right] * (x - left)
    lower = image[bottom, left] * (1 - x + left) + image[bottom, right] * (x - left)
    return upper * (1 - y + top) + lower * (y - top)


SIZES = [((5, 7), (13, 10)), ((23, 31), (7, 9)), ((6, 40), (11, 13)), ((4, 4), (4, 4))]


@pytest.mark.parametrize(("old", "new"), SIZES)
def test_resize_is_tensorflow_1s(old, new):
    """Enlarged and reduced: neither half a pixel aside, nor averaged where it gets smaller."""
    photos = np.random.default_rng(0).integers(0, 256, (2, *old, 3)).astype("float32")
    found = ops.convert_to_numpy(resized(photos, *new))
    for image, expected in zip(found, photos, strict=True):
        for i, j in np.ndindex(new):
            np.testing.assert_allclose(image[i, j], pixel(expected, new, i, j), atol=1e-3)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        native = tf.raw_ops.ResizeBilinear(images=photos, size=new, half_pixel_centers=False)
        np.testing.assert_allclose(found, native, atol=1e-4)


def test_preparation():
    """Nothing is rounded after the resize; grey in three channels; what shines through is white."""
    random = np.random.default_rng(0)
    photos, opacity = (random.integers(0, 256, (1, 8, 6, size), "uint8") for size in (3, 1))
    opacity[0, :3], opacity[0, 5:] = 0, 255
    on_white = 255 + (photos - 255.0) * (opacity / 255)

    corners_and_some = [(0, 0), (0, 298), (298, 0), (298, 298), *random.integers(299, size=(99, 2))]
    for given, expected in [
        (photos, photos),
        (photos[..., :1], np.repeat(photos[..., :1], 3, axis=-1)),
        (np.concatenate([photos, opacity], axis=-1), on_white),
    ]:
        found = ops.convert_to_numpy(prepared(given))[0]
        for i, j in corners_and_some:
            value = pixel(expected[0].astype(float), found.shape, i, j)
            np.testing.assert_allclose(found[i, j], (value - 128) / 128, atol=1e-5)


@pytest.fixture(params=[False, True], ids=["keras", "onnxruntime"])
def extractor(request, monkeypatch):
    """The extractor, around a network that takes each channel's maximum."""
    monkeypatch.setattr(inception_onnx, "installed", lambda: request.param)
    monkeypatch.setattr(backends, "on_processor", lambda: True)
    monkeypatch.setattr(inception_onnx, "build", lambda weights: lambda maps: maps.max((1, 2)))
    maximum = keras.Sequential([keras.Input((299, 299, 3)), keras.layers.GlobalMaxPooling2D()])
    for name, value in {
        "find_weights": Path,
        "build": lambda weights: maximum,
        "BATCH_SIZE": 4,
    }.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "load_tensors", lambda path, shapes: {})
    return inception()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_each_image_has_its_own_features(extractor, channels, monkeypatch):
    """Whatever stands beside it, in whichever order, in a whole batch or the last one."""
    sizes, predict = set(), keras.Model.predict_on_batch
    monkeypatch.setattr(
        keras.Model, "predict_on_batch", lambda model, x: sizes.add(len(x)) or predict(model, x)
    )
    photos = np.random.default_rng(0).integers(0, 256, (10, 9, 7, channels), "uint8")
    photos.setflags(write=False)
    found = extractor.features(photos)
    expected = ops.convert_to_numpy(prepared(photos)).max((1, 2))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32
    order = np.random.default_rng(1).permutation(10)
    np.testing.assert_array_equal(extractor.features(photos[order]), found[order])
    np.testing.assert_array_equal(extractor.features(photos[:3]), found[:3])
    assert sizes == {4}  # another one would be compiled anew


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 8, 8, 3)),
        np.zeros((2, 8, 8, 2), "uint8"),
        np.zeros((8, 8, 3), "uint8"),
        np.zeros((0, 8, 8, 3), "uint8"),
    ],
)
def test_other_images_are_refused(extractor, wrong):
    with pytest.raises(ValueError, match="takes images uint8 from 0 to 255"):
        extractor.features(wrong)


CONTENT = b"the published bytes"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty cache folder, and a small file in place of the published one."""
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(module, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    return tmp_path / "home" / "inception-2015-12-05"


def test_weights_from_the_cache_folder(home, hub):
    home.mkdir(parents=True)
    (home / "model.safetensors").write_bytes(CONTENT)
    assert find_weights() == home / "model.safetensors"
    (home / "model.safetensors").write_bytes(b"others")
    with pytest.raises(ValueError, match=r"is not the file.*Delete it"):
        find_weights()
    assert not hub.requests


def test_weights_from_the_hub(home, hub):
    hub.put("ganzoo/inception-2015-12-05", {"model.safetensors": CONTENT, "evil.pkl": b"x"})
    assert find_weights().read_bytes() == CONTENT
    assert not any("evil" in request for request in hub.requests)
    hub.requests.clear()
    assert find_weights().read_bytes() == CONTENT
    assert not hub.requests


def test_wrong_bytes_from_the_hub_are_not_kept(home, hub):
    hub.put("ganzoo/inception-2015-12-05", {"model.safetensors": b"others"})
    with pytest.raises(FileNotFoundError, match="other bytes"):
        find_weights()
    hub.put("ganzoo/inception-2015-12-05", {"model.safetensors": CONTENT})
    found = find_weights()
    found.resolve().write_bytes(b"damaged on the disk")
    assert find_weights().read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("trouble", "message"), [("absent", "There is no hf://ganzoo"), ("offline", "HF_HUB_OFFLINE")]
)
def test_without_weights_the_error_says_how_to_get_them(home, hub, monkeypatch, trouble, message):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", trouble == "offline")
    with pytest.raises(FileNotFoundError, match=message) as raised:
        inception()
    for remedy in (str(home), module.SHA256, "convert_inception inception-2015-12-05.pt"):
        assert remedy in str(raised.value)


def test_convert_opens_the_published_file_only(home, tmp_path):
    source = tmp_path / "other.pt"
    source.write_bytes(b"code that would run")
    result = CliRunner().invoke(convert_inception.main, [str(source)])
    assert result.exit_code == 1
    assert "is not the published file" in result.output
    assert not home.exists()
