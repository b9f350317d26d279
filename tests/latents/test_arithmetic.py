import math

import numpy as np
import pytest

import ganzoo
from ganzoo.latents import combine, truncate

Z = np.random.default_rng(0).standard_normal((400, 250))


def test_groups_count_by_their_average_and_the_length_is_that_of_latents():
    found = combine([Z[:3], Z[9]], minus=[Z[3:7]])
    expected = Z[:3].sum(0) / 3 + Z[9] - Z[3:7].sum(0) / 4
    cosine = found @ expected / np.linalg.norm(found) / np.linalg.norm(expected)
    assert cosine == pytest.approx(1, abs=1e-6)
    assert np.linalg.norm(found) == pytest.approx(math.sqrt(250))
    assert found.shape == (250,)


def test_what_is_added_shows_in_the_image():
    """Bold digits minus thin ones: added to others, of another class too, there is more ink."""
    gan = ganzoo.DCGAN.from_preset("mnist", compile=False)
    latents = np.random.default_rng(0).standard_normal((60, gan.latent_dim))

    def ink(latents, label):
        return gan.draw(latents, labels=label).mean(axis=(1, 2, 3))

    order = ink(latents[:48], 3).argsort()
    thin, bold = latents[order[:12]], latents[order[36:48]]
    bolder = [combine([bold, each], minus=[thin]) for each in latents[48:]]
    thinner = [combine([thin, each], minus=[bold]) for each in latents[48:]]
    more, same, less = (ink(each, 8) for each in (bolder, latents[48:], thinner))
    assert (more > less).all()
    assert less.mean() + 3 < same.mean() < more.mean() - 3


@pytest.mark.parametrize("threshold", [0.3, 1.0, 2.0])
def test_truncated_latents_are_distributed_as_the_truncated_normal(threshold):
    found = truncate(Z, threshold)
    density = math.exp(-(threshold**2) / 2) / math.sqrt(2 * math.pi)
    within = math.erf(threshold / math.sqrt(2))
    variance = 1 - 2 * threshold * density / within
    assert found.var() == pytest.approx(variance, rel=0.02)
    assert np.abs(found).max() <= threshold
    shares = [np.mean(found < level * threshold) for level in (-0.5, 0.25, 0.75)]
    expected = [
        0.5 + 0.5 * math.erf(level * threshold / math.sqrt(2)) / within
        for level in (-0.5, 0.25, 0.75)
    ]
    np.testing.assert_allclose(shares, expected, atol=0.005)


def test_a_latent_keeps_its_signs_and_order_and_far_thresholds_change_nothing():
    latents = np.sort(Z[0])
    found = truncate(latents, 0.5)
    assert (np.sign(found) == np.sign(latents)).all()
    assert (np.diff(found) > 0).all()
    np.testing.assert_allclose(truncate(latents, 8), latents, rtol=1e-6)
    far = truncate([[0.0, -7.0, 40.0]], 1.0)
    np.testing.assert_allclose(far, [[0, -1, 1]], atol=1e-6)
    assert truncate(Z.reshape(40, 10, 250), 2).shape == (40, 10, 250)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: combine([Z[:3]], minus=[Z[:3]]), "cancel each other out"),
        (lambda: combine([]), "cancel each other out"),
        (lambda: truncate(Z, 0), "above 0, not 0"),
        (lambda: truncate(Z, math.nan), "above 0, not nan"),
    ],
)
def test_what_leaves_nothing_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
