import math
import warnings
from contextlib import nullcontext

import numpy as np
import pytest
from feature_sets import SETS, real_and_fake, reference_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzoo.metrics.fid import FeatureStatistics, frechet_distance

property_test = settings(max_examples=50, deadline=None, derandomize=True)

MANY = 10**6  # images behind statistics that are given exactly


def random_rotation(size, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]


def gaussian(mean, variances, rotation=None):
    """Return the statistics of a Gaussian with these variances along a rotation's columns."""
    rotation = np.eye(len(variances)) if rotation is None else rotation
    return FeatureStatistics(MANY, mean, rotation * variances @ rotation.T)


@pytest.mark.parametrize("name", SETS)
def test_equal_to_torch_fidelity(name):
    real, fake = real_and_fake(name)
    few = min(len(real), len(fake)) <= real.shape[1]
    with pytest.warns(UserWarning, match="covariance is singular") if few else nullcontext():
        distance = frechet_distance(real, fake)
    assert distance == pytest.approx(reference_scores(name)["fid"], rel=1e-6)


@pytest.mark.parametrize("rotation", [None, random_rotation(5)], ids=["diagonal", "commuting"])
@pytest.mark.parametrize("variances", [[1, 2, 3, 4, 5], [0.5, 0, 1e4, 0, 1e-6]])
@pytest.mark.parametrize("shift", [0, 3])
def test_closed_form_where_covariances_commute(rotation, variances, shift):
    """The roots of the variances differ, as the means do: also where variances are 0."""
    others = np.array([0, 3, 2, 0, 1e-3])
    distance = frechet_distance(
        gaussian(np.zeros(5), np.array(variances), rotation),
        gaussian(np.full(5, shift), others, rotation),
    )
    expected = 5 * shift**2 + np.square(np.sqrt(variances) - np.sqrt(others)).sum()
    assert distance == pytest.approx(expected, rel=1e-6)


def test_closed_form_where_covariances_do_not_commute():
    """For 2 x 2 matrices, trace(root(P))^2 = trace(P) + 2 root(det(P))."""
    first, second = np.array([[2, 1], [1, 3]]), np.array([[1, -0.5], [-0.5, 0.3]])
    product = first @ second
    overlap = math.sqrt(np.trace(product) + 2 * math.sqrt(np.linalg.det(product)))
    distance = frechet_distance(
        FeatureStatistics(MANY, np.zeros(2), first), FeatureStatistics(MANY, np.zeros(2), second)
    )
    assert distance == pytest.approx(6.3 - 2 * overlap, rel=1e-12)


@pytest.mark.parametrize(("n_real", "n_fake", "size"), [(30, 50, 64), (200, 12, 32), (2, 2, 9)])
def test_fewer_images_than_features_lose_no_digits(n_real, n_fake, size):
    """The overlap is also that of the small matrix of products between the images."""
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(n_real, size)), random.normal(1, 2, (n_fake, size))
    centred = [features - features.mean(axis=0) for features in (real, fake)]
    degrees = n_real - 1, n_fake - 1
    overlap = np.linalg.svd(centred[0] @ centred[1].T, compute_uv=False).sum()
    traces = sum(np.square(c).sum() / d for c, d in zip(centred, degrees, strict=True))
    shift = np.square(real.mean(axis=0) - fake.mean(axis=0)).sum()
    with pytest.warns(UserWarning, match=f"Take more than {size} images"):
        distance = frechet_distance(real, fake)
    assert distance == pytest.approx(
        shift + traces - 2 * overlap / math.sqrt(math.prod(degrees)), rel=1e-12
    )


def test_warning_begins_where_the_covariance_is_singular():
    random = np.random.default_rng(0)
    with pytest.warns(UserWarning, match="4 images with 4 features"):
        frechet_distance(random.normal(size=(4, 4)), random.normal(size=(9, 4)))
    with warnings.catch_warnings(action="error"):
        frechet_distance(random.normal(size=(5, 4)), random.normal(size=(5, 4)))


@property_test
@given(st.integers(0, 2**32 - 1), st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_symmetric_and_the_same_wherever_both_lie(seed, offset, scale):
    random = np.random.default_rng(seed)
    real, fake = random.normal(size=(20, 4)), random.normal(1, 2, size=(15, 4))
    rotation = random_rotation(4, seed)
    distance = frechet_distance(real, fake)
    assert frechet_distance(fake, real) == pytest.approx(distance, rel=1e-9)
    assert frechet_distance(real @ rotation, fake @ rotation) == pytest.approx(distance, rel=1e-9)
    moved = frechet_distance(offset + scale * real, offset + scale * fake)
    assert moved == pytest.approx(scale**2 * distance, rel=1e-6)


@pytest.mark.filterwarnings("ignore:The Fréchet distance of")
@pytest.mark.parametrize("name", SETS)
def test_zero_between_a_set_and_itself_in_another_order(name):
    real, _ = real_and_fake(name)
    distance = frechet_distance(real, np.random.default_rng(0).permutation(real))
    assert 0 <= distance <= 1e-9 * np.trace(np.cov(real, rowvar=False))


@property_test
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.sampled_from([0, 1e6]))
def test_batches_of_any_size_in_any_order_give_the_same(sizes, offset):
    features = np.random.default_rng(0).normal(offset, 1, size=(sum(sizes), 5)) * np.arange(5)
    batches = np.split(features, np.cumsum(sizes)[:-1])
    expected = features - features.mean(axis=0)
    expected = expected.T @ expected / max(len(features) - 1, 1)
    for order in (batches, batches[::-1]):
        statistics = FeatureStatistics()
        for batch in order:
            statistics.update(batch)
        assert statistics.count == len(features)
        np.testing.assert_allclose(statistics.mean, features.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(statistics.covariance, expected, rtol=1e-10, atol=1e-9)


def test_float32_features_are_summed_in_float64():
    features = np.random.default_rng(0).normal(1000, 1, (5000, 3)).astype("float32")
    statistics = FeatureStatistics.of(features)
    exact = features.astype("float64")
    np.testing.assert_allclose(statistics.mean, exact.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(statistics.covariance, np.cov(exact, rowvar=False), rtol=1e-12)


def test_statistics_go_on_from_what_was_kept():
    first, second = np.random.default_rng(0).normal(size=(2, 30, 3))
    whole, kept = FeatureStatistics.of(first), FeatureStatistics.of(first)
    resumed = FeatureStatistics(kept.count, kept.mean, kept.covariance)
    for statistics in (whole, resumed):
        statistics.update(second)
    np.testing.assert_array_equal(resumed.covariance, whole.covariance)
    assert frechet_distance(resumed, first) == frechet_distance(whole, first)
    assert frechet_distance(kept, first) < 1e-12, "what was kept is written over"


@pytest.mark.parametrize(
    ("mean", "covariance", "message"),
    [
        (np.zeros(3), np.eye(2), r"\(3,\) and \(2, 2\)"),
        (np.zeros((2, 1)), np.eye(2), "a mean of shape"),
        (np.array([0, np.nan]), np.eye(2), "NaN"),
        (np.zeros(2), np.diag([1, np.inf]), "NaN or infinite"),
    ],
)
def test_statistics_that_make_no_sense_are_refused(mean, covariance, message):
    with pytest.raises(ValueError, match=message):
        FeatureStatistics(10, mean, covariance)


def test_statistics_of_one_image_or_of_another_extractor_are_refused():
    features = np.random.default_rng(0).normal(size=(10, 3))
    with pytest.raises(ValueError, match="1 fake images are too few: this needs 2"):
        frechet_distance(features, FeatureStatistics.of(features[:1]))
    with pytest.raises(ValueError, match="3 real features and 2 fake ones"):
        frechet_distance(features, FeatureStatistics.of(features[:, :2]))
    with pytest.raises(ValueError, match="had 3 columns, the new ones have 2"):
        FeatureStatistics.of(features).update(features[:, :2])
