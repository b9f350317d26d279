"""Features of real images in the cache folder."""

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save

from ganzoo.metrics import Extractor, frechet_distance
from ganzoo.metrics.images import fingerprint
from ganzoo.metrics.real_features import real_features

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
    return Extractor("counting", "ab" * 32, "divided by 255", Counting())


def made(extractor, images=IMAGES, whole=True):
    """Return the features, and how many images were looked at for them."""
    before = extractor.features.seen
    features = real_features(images, fingerprint(images), extractor, whole=whole, batch_size=20)
    return features, extractor.features.seen - before


def files(tmp_path):
    return sorted(tmp_path.glob("features/*"))


@pytest.mark.parametrize("whole", [True, False])
def test_features_are_made_once(extractor, whole, tmp_path):
    first, looked_at = made(extractor, whole=whole)
    again, once_more = made(extractor, whole=whole)
    assert (looked_at, once_more) == (40, 0)
    assert len(files(tmp_path)) == 1
    if whole:
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
    assert made(extractor, whole=False)[1] == 40
    for change in ({"name": "other"}, {"sha256": "cd" * 32}, {"preparation": "resized"}):
        assert made(replace(extractor, **change))[1] == 40
    assert made(extractor)[1] == 0


def test_an_extractor_of_unknown_weights_is_asked_each_time(extractor, tmp_path):
    unknown = replace(extractor, sha256=None)
    assert [made(unknown)[1] for _ in range(2)] == [40, 40]
    assert not files(tmp_path)


@pytest.mark.parametrize("whole", [True, False])
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
def test_a_damaged_file_is_made_anew(extractor, tmp_path, content, whole):
    expected, _ = made(extractor, whole=whole)
    (path,) = files(tmp_path)
    path.write_bytes(content)
    with pytest.warns(UserWarning, match="damaged, and made anew"):
        again, looked_at = made(extractor, whole=whole)
    assert looked_at == 40
    if whole:
        np.testing.assert_array_equal(again, expected)
    assert made(extractor, whole=whole)[1] == 0


def test_a_file_that_cannot_be_written_costs_only_time(extractor, tmp_path):
    (tmp_path / "features").write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="could not be kept"):
        features, _ = made(extractor)
    assert features.shape == (40, 9)
