"""Functions as extractors: what they get, and what they return."""

import keras
import numpy as np
import pytest

from ganzoo.metrics import Extractor, extractors

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 1), dtype="uint8")


def test_images_come_in_batches_each_once():
    seen = []

    def means(images):
        seen.append(images)
        return images.mean(axis=(1, 2))

    features = Extractor("means", None, "none", means, batch_size=3).features(IMAGES)
    assert [len(images) for images in seen] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(seen), IMAGES)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, IMAGES.mean(axis=(1, 2)), rtol=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [lambda images: images, lambda images: images[1:, 0, 0], lambda images: 3],
    ids=range(3),
)
def test_one_row_for_each_image_is_expected(wrong):
    with pytest.raises(ValueError, match=r"expected \(7, size\), one row for each"):
        extractors.get(wrong).features(IMAGES)


def test_a_callable_gets_uint8_and_may_return_a_tensor():
    def means(images):
        assert images.dtype == np.uint8
        return keras.ops.convert_to_tensor(images.mean(axis=(1, 2)))

    extractor = extractors.get(means)
    assert extractor.sha256 is None
    assert extractor.name.endswith("means")
    features = extractor.features(IMAGES)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, IMAGES.mean(axis=(1, 2)), rtol=1e-6)
