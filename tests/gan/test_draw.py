"""`DCGAN.draw`: images from latents that are given."""

import numpy as np
import pytest

import ganzoo

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    return ganzoo.DCGAN.from_preset("mnist", compile=False)


@pytest.fixture(scope="module")
def plain():
    return ganzoo.DCGAN((9, 8, 3), latent_dim=3, base_filters=2)


def assert_close(one, other):
    assert one.dtype == other.dtype == np.uint8
    assert one.shape == other.shape
    assert np.ptp(one) > 100
    assert np.abs(one.astype(int) - other).max() <= 1


def test_generate_draws_from_normal_latents(digits):
    latents = np.random.Generator(np.random.PCG64(3)).standard_normal((6, 100), dtype=np.float32)
    assert_close(digits.draw(latents, [0, 1, 2, 3, 4, 5]), digits.generate(6, seed=3))


def test_images_stand_as_their_latents_do(digits):
    latents = RANDOM.standard_normal((2, 3, 100))
    labels = np.array([[1, 2, 3], [4, 5, 6]])
    found = digits.draw(latents, labels, batch_size=4)
    assert found.shape == (2, 3, 28, 28, 1)
    assert_close(found[1], digits.draw(latents[1], labels[1]))
    assert_close(found[1, 2], digits.draw(latents[1, 2], 6))
    by_row = digits.draw(latents, [[8], [9]])
    assert_close(by_row[1], digits.draw(latents[1], 9))


def test_classes_are_walked_at_fixed_latents(digits):
    latents = RANDOM.standard_normal((2, 1, 100))
    found = digits.draw(latents, range(10))
    assert found.shape == (2, 10, 28, 28, 1)
    assert_close(found[1, 7], digits.draw(latents[1, 0], "7"))
    digits = ganzoo.metrics.classifier("digits")
    recognised = digits.probabilities(digits.features(found.reshape(-1, 28, 28, 1))).argmax(axis=1)
    assert (recognised == np.tile(np.arange(10), 2)).mean() > 0.9


@pytest.mark.parametrize(
    ("shape", "labels", "message"),
    [
        ((2, 99), 1, r"latents of shape \(..., 100\), not \(2, 99\)"),
        ((2, 100), None, "has 10 classes: call draw with labels"),
        ((3, 100), [1, 2], "shape"),
        ((3, 100), [10], "Unknown label 10"),
        ((0, 100), 1, "number of latents must be .* at least 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(digits, shape, labels, message):
    with pytest.raises(ValueError, match=message):
        digits.draw(np.zeros(shape), labels)


def test_labels_need_classes(plain):
    assert plain.draw(np.ones(3)).shape == (9, 8, 3)
    with pytest.raises(ValueError, match="no classes: call draw without labels"):
        plain.draw(np.ones((2, 3)), labels=0)
