"""Features of real images in the cache folder."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from safetensors.numpy import save

from ganzoo.datasets import ImageSet
from ganzoo.metrics import Extractor, feature_cache, frechet_distance
from ganzoo.metrics.feature_cache import precision, real_features
from ganzoo.metrics.image_stream import ImageStream, fingerprint

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 3, 3, 1), dtype="uint8")


class Counting:
    """Count the images that are looked at."""

    seen = 0

    def __call__(self, images):
        self.seen += len(images)
        return images.reshape(len(images), -1).astype("float32") / 255


@pytest.fixture
def extractor(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path))
    return Extractor("counting", "ab" * 32, "divided by 255", Counting(), batch_size=20)


def made(extractor, images=IMAGES, keep=True):
    """Return the features, and how many images were looked at for them."""
    before, stream = extractor.compute.seen, ImageStream.of_set(ImageSet(images))
    features = real_features(stream, fingerprint(stream), extractor, keep)
    return features, extractor.compute.seen - before


def files(tmp_path):
    return sorted(tmp_path.glob("features/*"))


@pytest.mark.parametrize("keep", [True, False])
def test_features_are_made_once(extractor, keep, tmp_path):
    first, looked_at = made(extractor, keep=keep)
    again, once_more = made(extractor, keep=keep)
    assert (looked_at, once_more) == (40, 0)
    assert len(files(tmp_path)) == 1
    if keep:
        np.testing.assert_array_equal(first, again)
    else:
        assert frechet_distance(first, again) == frechet_distance(first, first)
        assert first.count == again.count
        np.testing.assert_array_equal(first.covariance, again.covariance)


def test_whatever_matters_makes_them_anew(extractor):
    made(extractor)
    other = IMAGES.copy()
    other[5, 0, 0, 0] ^= 1
    assert made(extractor, other)[1] == 40
    assert made(extractor, IMAGES.reshape(40, 1, 9, 1))[1] == 40
    assert made(extractor, keep=False)[1] == 40
    for change in ({"name": "other"}, {"sha256": "cd" * 32}, {"preparation": "resized"}):
        assert made(replace(extractor, **change))[1] == 40
    assert made(extractor)[1] == 0


def test_features_of_another_precision_are_made_anew(extractor, monkeypatch):
    """Those that a GPU rounded do not serve a run in float32."""
    made(extractor)
    monkeypatch.setattr(feature_cache, "precision", lambda: "tfloat32")
    assert made(extractor)[1] == 40
    assert made(extractor)[1] == 0


def rounded(bits):
    """Return a function that rounds float32 numbers to so many bits behind the point."""

    def to_bits(tensor):
        mantissa, exponent = np.frexp(keras.ops.convert_to_numpy(tensor).astype("float64"))
        return np.ldexp(np.round(np.ldexp(mantissa, bits + 1)), exponent - bits - 1)

    return lambda tensor: keras.ops.convert_to_tensor(to_bits(tensor), "float32")


@pytest.mark.parametrize("operation", ["conv", "matmul"])
@pytest.mark.parametrize(("bits", "name"), [(23, "float32"), (10, "tfloat32"), (7, "bfloat16")])
def test_the_precision_is_measured(operation, bits, name, monkeypatch):
    """On factors that are rounded as TF32 and bfloat16 round them; a CPU rounds none itself."""
    assert precision() == "float32"
    exact, round_off = getattr(keras.ops, operation), rounded(bits)
    monkeypatch.setattr(
        keras.ops, operation, lambda x, y, **options: exact(round_off(x), round_off(y), **options)
    )
    assert precision() == name


def test_an_extractor_of_unknown_weights_is_asked_each_time(extractor, tmp_path):
    unknown = replace(extractor, sha256=None)
    assert [made(unknown)[1] for _ in range(2)] == [40, 40]
    assert not files(tmp_path)


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no safetensors",
        save({"features": np.zeros((39, 9), "float32")}),
        save({"features": np.full((40, 9), np.nan, "float32")}),
        save({"other": np.zeros(3)}),
        save({"count": np.array(40), "mean": np.zeros(9), "covariance": np.zeros((8, 8))}),
    ],
    ids=range(6),
)
def test_a_damaged_file_is_made_anew(extractor, tmp_path, content, keep):
    expected, _ = made(extractor, keep=keep)
    (path,) = files(tmp_path)
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="damaged, and made anew"):
        again, looked_at = made(extractor, keep=keep)
    assert looked_at == 40
    if keep:
        np.testing.assert_array_equal(again, expected)
    assert made(extractor, keep=keep)[1] == 0


def test_a_file_that_cannot_be_written_costs_only_time(extractor, tmp_path):
    (tmp_path / "features").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="could not be kept"):
        features, _ = made(extractor)
    assert features.shape == (40, 9)


def test_an_account_without_a_home_costs_only_time(extractor, monkeypatch):
    def none():
        raise FileNotFoundError("This account has no home folder")

    monkeypatch.setattr(feature_cache, "home", none)
    assert [made(extractor)[1] for _ in range(2)] == [40, 40]
