import numpy as np
import pytest
from feature_sets import real_and_fake

from ganzoo.metrics import feature_arrays
from ganzoo.metrics.neighbours import nearest_neighbours


@pytest.mark.parametrize("k", [1, 4, 25])
@pytest.mark.parametrize("block", [2**23, 200], ids=["one block", "many blocks"])
def test_nearest_first_as_by_all_distances(k, block, monkeypatch):
    monkeypatch.setattr(feature_arrays, "BLOCK", block)
    fake, real = real_and_fake("few")
    found = nearest_neighbours(real, fake, k)
    expected = np.array([[np.sqrt(np.square(x - y).sum()) for y in real] for x in fake])
    np.testing.assert_array_equal(found.indices, np.argsort(expected, axis=1)[:, :k])
    np.testing.assert_allclose(found.distances, np.sort(expected, axis=1)[:, :k], rtol=1e-12)


def test_copies_are_at_exactly_zero_wherever_they_lie():
    real, _ = real_and_fake("far")
    chosen = np.array([5, 119, 0])
    indices, distances = nearest_neighbours(1e6 + real, 1e6 + real[chosen], k=2)
    np.testing.assert_array_equal(indices[:, 0], chosen)
    assert (distances[:, 0] == 0).all()
    assert (distances[:, 1] > 0.1).all()


def test_pixels_do_without_an_extractor_and_one_image_is_enough():
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1), dtype=np.uint8)
    almost = images[3:4] ^ 1  # every pixel one away
    indices, distances = nearest_neighbours(images.reshape(5, -1), almost.reshape(1, -1))
    assert (indices.tolist(), distances.tolist()) == ([[3]], [[4.0]])


@pytest.mark.parametrize("k", [0, 26])
def test_more_neighbours_than_images_are_refused(k):
    fake, real = real_and_fake("few")
    with pytest.raises(ValueError, match=f"Among 25 real .* no {k} neighbours: .* from 1 to 25"):
        nearest_neighbours(real, fake, k)
