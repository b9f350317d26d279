"""Images as they pass: all of them, in order, and what they are known by."""

import hashlib

import numpy as np
import pytest

from ganzoo.datasets import ImageSet
from ganzoo.metrics.image_stream import DrawsImages, Fingerprint, ImageStream, fingerprint

IMAGES = np.random.default_rng(0).integers(0, 256, (11, 3, 4, 1), dtype="uint8")


@pytest.mark.parametrize("size", [1, 4, 11, 50])
def test_batches_hold_each_image_once(size):
    batches = [*ImageStream.of_set(ImageSet(IMAGES)).batches(size)]
    assert {len(batch) for batch in batches[:-1]} <= {size}
    np.testing.assert_array_equal(np.concatenate(batches), IMAGES)


@pytest.mark.parametrize("images", [IMAGES, np.asfortranarray(IMAGES), IMAGES[::-1]], ids=range(3))
def test_a_fingerprint_is_of_shape_and_pixels_however_they_pass(images):
    stream = ImageStream.of_set(ImageSet(images))
    expected = hashlib.sha256(b"(11, 3, 4, 1)" + images.tobytes()).hexdigest()
    assert fingerprint(stream) == expected
    passing = Fingerprint(stream)
    for batch in passing.watch(stream.batches(3)):
        assert len(batch) in (3, 2)
    assert passing.sha256 == expected


def test_a_model_is_told_by_what_it_can():
    class Draws:
        image_shape = (2, 2, 1)

        def latents(self, n, seed=None): ...
        def labels(self, n): ...
        def draw(self, latents, labels=None): ...

    assert isinstance(Draws(), DrawsImages)
    assert not isinstance(IMAGES, DrawsImages)
    assert not isinstance("mnist", DrawsImages)
