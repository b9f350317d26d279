import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

import ganzoo
from ganzoo.metrics.extractors import classifiers
from ganzoo.metrics.extractors.classifiers import CLASSIFIERS, classifier

DATA = Path(os.environ.get("GANZOO_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
AS_ASKED = {"digits": 0.9, "fashion": 0.8, "objects": 0.5}  # of what presets draw
LEAST = {"digits": 0.993, "fashion": 0.92, "objects": 0.78}
MOST_BYTES = 2**20


@pytest.fixture(scope="module", params=CLASSIFIERS)
def drawn(request):
    """Return a name, its classifier, and images: what its dataset's preset draws."""
    images = ganzoo.from_preset(CLASSIFIERS[request.param].dataset).generate(50, seed=0)
    return request.param, classifier(request.param), images


def convolved(x, kernel, bias, stride):
    """Return a convolution with ReLU; its output is as large as x, or half as large."""
    n, side, _, _ = x.shape
    out = side // stride
    padding = (out - 1) * stride + len(kernel) - side  # the odd row and column go to the end
    before = padding // 2
    x = np.pad(x, [(0, 0), *[(before, padding - before)] * 2, (0, 0)])
    result = np.zeros((n, out, out, kernel.shape[-1])) + bias
    for i, row in enumerate(kernel):
        for j, taps in enumerate(row):
            window = np.s_[i : i + stride * out : stride], np.s_[j : j + stride * out : stride]
            result += x[:, *window] @ taps
    return np.maximum(result, 0)


def pooled(x):
    """Return the largest values of 2 x 2 pixels; an odd row or column at the end is left out."""
    side = x.shape[1] // 2
    blocks = x[:, : 2 * side, : 2 * side].reshape(len(x), side, 2, side, 2, -1)
    return blocks.max(axis=(2, 4))


def reference(name, images):
    """Return features and logits, computed by NumPy in float64 from the stored file."""
    stored = load_file(classifiers.WEIGHTS / f"{name}.safetensors")
    weights = {each: np.float64(weight) for each, weight in stored.items()}

    def layer(each):
        return weights[f"{each}.kernel"], weights[f"{each}.bias"]

    x = convolved(images / 255, *layer("conv_1"), stride=2)
    x = pooled(convolved(x, *layer("conv_2"), stride=1))
    x = pooled(convolved(x, *layer("conv_3"), stride=1)).reshape(len(images), -1)
    kernel, bias = layer("features")
    features = np.maximum(x @ kernel + bias, 0)
    kernel, bias = layer("logits")
    return features, features @ kernel + bias


def test_features_and_probabilities_are_the_references(drawn):
    """The same on every backend, since each is held against the same numbers."""
    name, extractor, images = drawn
    expected, logits = reference(name, images)
    features = extractor.features(images)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, expected, rtol=0, atol=1e-5 * expected.max())
    odds = np.exp(logits)
    found = extractor.probabilities(features)
    np.testing.assert_allclose(found, odds / odds.sum(axis=1, keepdims=True), atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_the_classes_are_those_of_the_dataset(drawn):
    """The presets were asked for the classes in turn; a tenth would be chance."""
    name, extractor, images = drawn
    seen = extractor.probabilities(extractor.features(images)).argmax(axis=1)
    assert np.mean(seen == np.arange(len(images)) % 10) >= AS_ASKED[name]


def test_batches_do_not_matter(drawn):
    _, extractor, images = drawn
    whole = extractor.features(images)
    parts = replace(extractor, batch_size=20)
    np.testing.assert_allclose(parts.features(images), whole, rtol=1e-4, atol=1e-5)


def test_large_logits_give_probabilities(drawn):
    _, extractor, images = drawn
    certain = extractor.probabilities(extractor.features(images) * 1e6)
    assert np.isfinite(certain).all()
    np.testing.assert_allclose(certain.max(axis=1), 1)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_file_is_small_and_in_half_precision(name):
    path = classifiers.WEIGHTS / f"{name}.safetensors"
    assert path.stat().st_size < MOST_BYTES
    assert {str(weight.dtype) for weight in load_file(path).values()} == {"float16"}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_accuracy_is_as_stated(name, monkeypatch):
    known = CLASSIFIERS[name]
    if not (DATA / known.dataset).is_dir():
        pytest.skip(f"needs {known.dataset}: set GANZOO_TEST_DATA to a folder that holds it")
    monkeypatch.setenv("GANZOO_HOME", str(DATA))
    images, labels = ganzoo.datasets.load(known.dataset, "test")
    extractor = classifier(name)
    seen = extractor.probabilities(extractor.features(images)).argmax(axis=1)
    accuracy = np.mean(seen == labels)
    print(f"{name}: {accuracy:.2%}")
    assert accuracy == pytest.approx(known.accuracy, abs=1.5e-4)  # rounding may turn one image
    assert accuracy >= LEAST[name]


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 32, 32, 1), "uint8"),
        np.zeros((2, 28, 28, 3), "uint8"),
        np.zeros((28, 28, 1), "uint8"),
        np.zeros((0, 28, 28, 1), "uint8"),
        np.zeros((2, 28, 28, 1), "float32"),
    ],
    ids=lambda images: f"{images.dtype}{images.shape}",
)
def test_other_images_are_refused(images):
    with pytest.raises(ValueError, match=r"'fashion' knows .*fashion_mnist.*\(n, 28, 28, 1\)") as e:
        classifier("fashion").features(images)
    assert f"not {images.dtype} of shape {images.shape}. Resize or convert" in str(e.value)
    assert "another extractor" in str(e.value)


@pytest.mark.parametrize("channels", [3, 4])
def test_objects_are_seen_in_images_of_any_size(channels):
    images = np.random.default_rng(0).integers(0, 256, (6, 40, 70, channels), "uint8")
    small = []
    for image in images:
        picture = Image.new("RGBA", (70, 40), "white")
        picture.alpha_composite(Image.fromarray(image).convert("RGBA"))
        small.append(np.asarray(picture.convert("RGB").resize((32, 32), Image.Resampling.BILINEAR)))
    features, (expected, _) = (
        classifier("objects").features(images),
        reference("objects", np.stack(small)),
    )
    rounding = 1e-5 if channels == 3 else 2e-2  # what shines through has whole grey levels
    np.testing.assert_allclose(features, expected, rtol=0, atol=rounding * expected.max())
    with pytest.raises(ValueError, match=r"'objects' knows .*\(n, height, width, 3 or 4\)"):
        classifier("objects").features(images[..., :1])


def test_an_unknown_classifier_names_the_known_ones():
    with pytest.raises(
        ValueError, match=r"classifier 'digit'. Known: digits, fashion, objects. .*'digits'"
    ):
        classifier("digit")


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    shutil.copy(classifiers.WEIGHTS / "digits.safetensors", tmp_path)
    monkeypatch.setattr(classifiers, "WEIGHTS", tmp_path)
    classifier("digits")
    with (tmp_path / "digits.safetensors").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    with pytest.raises(ValueError, match=r"digits\.safetensors is damaged .*install ganzoo anew"):
        classifier("digits")
