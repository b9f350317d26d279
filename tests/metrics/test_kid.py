import math
from itertools import combinations

import numpy as np
import pytest
from feature_sets import SETS, real_and_fake, reference_scores

from ganzoo.metrics.kid import kernel_distance


def kernel(x, y):
    return (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3


def naive_estimate(real, fake):
    """Return the unbiased estimate as the paper writes it, pair by pair."""
    within = [
        sum(2 * kernel(x, y) for x, y in combinations(rows.tolist(), 2))
        / (len(rows) * (len(rows) - 1))
        for rows in (real, fake)
    ]
    across = [kernel(x, y) for x in real.tolist() for y in fake.tolist()]
    return sum(within) - 2 * sum(across) / len(across)


@pytest.mark.parametrize("name", SETS)
def test_equal_to_torch_fidelity_on_the_same_subsets(name, monkeypatch):
    """Its subsets are drawn in the same order, by a RandomState."""
    monkeypatch.setattr(np.random, "default_rng", np.random.RandomState)
    expected = reference_scores(name)["kid"]
    settings = {key: expected[key] for key in ("subsets", "subset_size", "seed")}
    mean, standard_error = kernel_distance(*real_and_fake(name), **settings)
    assert mean == pytest.approx(expected["mean"], rel=1e-6)
    deviation = standard_error * math.sqrt(expected["subsets"] - 1)
    assert deviation == pytest.approx(expected["standard_deviation"], rel=1e-6)


@pytest.mark.parametrize("name", ["tiny", "few", "lattice"])
def test_one_subset_of_all_images_is_the_definition(name):
    real, fake = real_and_fake(name)
    size = min(len(real), len(fake))
    real, fake = real[:size], fake[:size]
    mean, standard_error = kernel_distance(real, fake, subsets=3, subset_size=size)
    assert mean == pytest.approx(naive_estimate(real, fake), rel=1e-9)
    assert standard_error == pytest.approx(0, abs=1e-9)
    swapped = kernel_distance(fake, real, subsets=3, subset_size=size)
    assert swapped.mean == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("subset_size", [2, 5, 50])
def test_unbiased_for_subsets_of_any_size(subset_size):
    """Two sets of one distribution are at 0 on average, and fall below it."""
    random = np.random.default_rng(0)
    means = [
        kernel_distance(*random.normal(size=(2, 50, 3)), 5, subset_size).mean for _ in range(200)
    ]
    assert min(means) < 0
    assert abs(np.mean(means)) < 3 * np.std(means) / math.sqrt(len(means))


def test_seed_alone_decides_and_the_error_says_how_much():
    real, fake = real_and_fake("plain")
    distances = [kernel_distance(real, fake, 20, 30, seed=seed) for seed in range(100)]
    assert kernel_distance(real, fake, 20, 30, seed=3) == distances[3]
    means, errors = zip(*distances, strict=True)
    assert len(set(means)) == len(means)
    assert np.std(means) == pytest.approx(np.mean(errors), rel=0.2)


@pytest.mark.parametrize(
    ("n_real", "n_fake", "size"), [(2300, 2100, 1000), (41, 90, 20), (2, 3, 2)]
)
def test_subsets_are_half_of_the_smaller_set_at_most(n_real, n_fake, size):
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(n_real, 2)), random.normal(size=(n_fake, 2))
    assert kernel_distance(real, fake, subsets=2) == kernel_distance(real, fake, 2, size)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subset_size": 8}, "Subsets of 8 .* 7 real and 8 fake .* from 2 to 7"),
        ({"subset_size": 1}, "choose a subset_size from 2 to 7"),
        ({"subsets": 1}, "2 subsets or more, not 1"),
    ],
)
def test_subsets_that_cannot_be_drawn_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        kernel_distance(*real_and_fake("tiny"), **settings)
