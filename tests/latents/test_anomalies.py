import numpy as np
import pytest

import ganzoo
from ganzoo.latents import anomalies, threshold


@pytest.fixture(scope="module")
def digits():
    return ganzoo.DCGAN.from_preset("mnist", compile=False)


def test_another_digit_and_a_scratch_are_odd_and_the_map_shows_where(digits):
    images = digits.generate(6, labels=[7, 7, 7, 7, 7, 2], seed=3)
    images[4, 20:26, 4:10] = 255
    found = anomalies(digits, images, [7] * 6, restarts=3, steps=60)
    assert found.scores[4:].min() > found.scores[:4].max()
    hot = np.argsort(found.maps[4].ravel())[-30:]
    rows, columns = np.divmod(hot, 28)
    assert np.isin(rows, range(20, 26)).mean() > 0.9
    assert np.isin(columns, range(4, 10)).mean() > 0.9


def test_scores_are_made_of_pixels_and_of_what_the_discriminator_sees(digits):
    images = digits.generate(3, labels=5, seed=0)
    found = anomalies(digits, images, restarts=1, steps=5)
    off = np.abs(images.astype(float) - found.drawn)
    np.testing.assert_array_equal(found.maps, off)
    np.testing.assert_allclose(found.residuals, off.sum(axis=(1, 2, 3)) / 127.5)
    seen, instead = map(digits.discriminator_features, (images, found.drawn))
    np.testing.assert_allclose(found.features, np.abs(seen - instead).sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(found.scores, 0.9 * found.residuals + 0.1 * found.features)


@pytest.mark.any_backend
@pytest.mark.parametrize(("n", "rate"), [(19, 0.05), (50, 0.1), (400, 0.01)])
def test_as_many_false_alarms_as_asked_for(n, rate):
    """On average over normal images to calibrate by, whatever their scores are like."""
    random = np.random.default_rng(0)
    scores = random.exponential(size=(4000, n + 1))
    alarms = [each[0] > threshold(each[1:], rate) for each in scores]
    exact = 1 - np.ceil((n + 1) * (1 - rate) - 1e-9) / (n + 1)
    assert exact < rate + 1e-9
    assert abs(np.mean(alarms) - exact) < 3 * np.sqrt(rate / 4000)


@pytest.mark.any_backend
def test_too_few_normal_images_are_refused():
    with pytest.raises(ValueError, match=r"18 normal images say nothing of 5% .* give 19 at least"):
        threshold(np.arange(18), 0.05)
    with pytest.raises(ValueError, match="between 0 and 1, not 5"):
        threshold(np.arange(18), 5)
