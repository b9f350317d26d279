import numpy as np
import pytest

import ganzoo
from ganzoo.latents import invert


@pytest.fixture(scope="module")
def digits():
    return ganzoo.DCGAN.from_preset("mnist", compile=False)


def difference(one, other):
    return np.sqrt(np.square(one.astype(float) - other).mean(axis=(1, 2, 3)))


def test_drawn_digits_are_found_again_with_their_classes(digits):
    images = digits.generate(2, labels=[4, 7], seed=5)
    found = invert(digits, images, restarts=2, steps=120)
    assert found.labels.tolist() == [4, 7]
    again = digits.draw(found.latents, found.labels)
    assert (difference(again, images) < 12).all()  # other sevens: 49 and more
    np.testing.assert_allclose(difference(again, images), found.errors, atol=0.3)
    lengths = np.linalg.norm(found.latents, axis=1)
    assert ((lengths > 6) & (lengths < 14)).all(), "no latents as they are drawn"


def test_the_nearest_of_several_attempts_counts(digits):
    images, labels = digits.generate(4, labels=2, seed=6), [2] * 4
    one = invert(digits, images, labels, restarts=1, steps=8)
    best = invert(digits, images, labels, restarts=6, steps=8)
    assert best.errors.mean() < one.errors.mean() - 4
    assert best.labels.tolist() == labels
    again = invert(digits, images, labels, restarts=6, steps=8)
    np.testing.assert_array_equal(best.latents, again.latents)


def test_a_model_without_classes_and_with_an_average_is_inverted_and_left_alone():
    gan = ganzoo.DCGAN((8, 8, 3), latent_dim=4, base_filters=4, seed=0)
    random = np.random.default_rng(0)
    for weight in gan.generator.weights:
        signs = random.choice([-1, 1], weight.shape) if "kernel" in weight.path else 1
        weight.assign(random.uniform(0.2, 1, weight.shape) * signs)
    gan.compile()  # makes the average, which draws
    for weight in gan.generator.weights:
        weight.assign(0 * weight)
    images = gan.generate(2, seed=1)
    assert np.ptp(images) > 50
    found = invert(gan, images, steps=60)
    assert found.labels is None
    assert found.errors.max() < difference(images[:1], images[1:]).min() / 3
    assert gan.generator.trainable_variables
    np.testing.assert_array_equal(gan.generate(2, seed=1), images)


def test_what_cannot_be_inverted_is_refused(digits):
    image = np.zeros((1, 28, 28, 1), np.uint8)
    with pytest.raises(ValueError, match=r"Expected images of shape \(batch, 28, 28, 1\)"):
        invert(digits, image[:, :9])
    with pytest.raises(ValueError, match="Labels must be 0 to 9"):
        invert(digits, image, labels=[10])
    with pytest.raises(ValueError, match="restarts must be at least 1, not 0"):
        invert(digits, image, restarts=0)
