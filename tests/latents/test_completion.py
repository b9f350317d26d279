import numpy as np
import pytest

import ganzoo
from ganzoo.latents import complete, completion
from ganzoo.latents.completion import TYPICAL

LEFT = np.tile(np.arange(28) < 14, (28, 1))


@pytest.fixture(scope="module")
def digits():
    return ganzoo.DCGAN.from_preset("mnist", compile=False)


def test_digits_with_a_fifth_of_their_pixels_are_completed_with_their_classes(digits):
    images = digits.generate(2, labels=[0, 7], seed=5)
    holes = np.random.default_rng(0).random((2, 28, 28)) < 0.8
    torn = np.where(holes[..., None], 255, images).astype(np.uint8)
    found = complete(digits, torn, holes, restarts=2, steps=60)
    assert found.labels.ravel().tolist() == [0, 7]
    np.testing.assert_array_equal(found.images[:, 0][~holes], images[~holes])
    mean = digits.generate(100, seed=1).mean(axis=0)
    by_mean, off = (
        np.sqrt(np.square(each - images.astype(float))[holes].mean())
        for each in (mean, found.images[:, 0])
    )
    assert off < by_mean / 2
    assert found.errors.max() < by_mean / 2


def test_several_answers_have_the_known_half_in_common(digits):
    image = digits.generate(1, labels=3, seed=0)
    found = complete(digits, image, LEFT, labels=[3], answers=3, restarts=4, steps=40)
    assert found.images.shape == (1, 3, 28, 28, 1)
    assert found.images.dtype == np.uint8
    assert (found.images[:, :, :, 14:] == image[:, None, :, 14:]).all()
    assert len(np.unique(found.images[0], axis=0)) == 3
    rank = found.errors**2 / 127.5**2 + TYPICAL * np.square(found.latents).mean(axis=-1)
    assert (np.diff(rank[0]) >= 0).all(), "the best answer comes first"
    assert found.labels.tolist() == [[3, 3, 3]]
    assert found.path.shape[1:] == found.latents.shape
    np.testing.assert_array_equal(found.path[-1], found.latents)
    drawn = digits.draw(found.latents, found.labels)
    again = ganzoo.latents.blend(image[:, None], drawn, LEFT)
    np.testing.assert_array_equal(found.images, again)


@pytest.mark.any_backend
def test_the_batch_does_not_matter(digits):
    images = digits.generate(3, labels=2, seed=6)
    few, all_of_them = (
        complete(digits, images, LEFT, [2] * 3, restarts=2, steps=5, batch_size=size)
        for size in (2, 3)
    )
    np.testing.assert_allclose(few.latents, all_of_them.latents, atol=1e-3)


@pytest.mark.any_backend
def test_the_discriminator_has_a_say(digits, monkeypatch):
    image = digits.generate(1, labels=3, seed=0)

    def logit(realism):
        monkeypatch.setattr(completion, "REALISM", realism)
        found = complete(digits, image, LEFT, labels=[3], restarts=1, steps=30)
        drawn = digits.draw(found.latents[:, 0], [3]) / np.float32(127.5) - 1
        return digits.discriminator.predict_on_batch([drawn, np.array([3])]).item()

    assert logit(1.0) > logit(0.0) + 1


@pytest.mark.any_backend
def test_a_pixel_counts_by_how_many_of_its_neighbours_are_missing():
    hole = np.random.default_rng(0).random((1, 9, 12)) < 0.5
    expected = np.zeros((9, 12))
    for row, column in np.argwhere(~hole[0]):
        around = hole[0, max(0, row - 3) : row + 4, max(0, column - 3) : column + 4]
        expected[row, column] = completion.FLOOR + around.mean()
    found = completion.nearness(hole)[0]
    np.testing.assert_allclose(found, expected / expected.mean(), rtol=1e-5)


@pytest.mark.any_backend
def test_what_cannot_be_completed_is_refused(digits):
    image = np.zeros((1, 28, 28, 1), np.uint8)
    with pytest.raises(TypeError, match="is no uint8: give mask > 127"):
        complete(digits, image, LEFT.astype(np.uint8))
    with pytest.raises(ValueError, match=r"must be \(1, 28, 28\) or \(28, 28\), not \(9, 28\)"):
        complete(digits, image, LEFT[:9])
    with pytest.raises(ValueError, match="Of image 0 nothing is known"):
        complete(digits, image, np.ones((28, 28), bool))
    with pytest.raises(ValueError, match="5 answers take as many restarts, not 4"):
        complete(digits, image, LEFT, answers=5)
