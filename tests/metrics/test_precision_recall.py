import tracemalloc

import numpy as np
import pytest
from feature_sets import SETS, real_and_fake, reference_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzoo.metrics import feature_arrays
from ganzoo.metrics.precision_recall import density_coverage, precision_recall

property_test = settings(max_examples=100, deadline=None, derandomize=True)


@pytest.fixture(params=[None, 100], ids=["one block", "many blocks"])
def block(request, monkeypatch):
    if request.param:
        monkeypatch.setattr(feature_arrays, "BLOCK", request.param)


def naive(real, fake, k):
    """Return all four scores by the definitions, point by point.

    Equal distances are exactly equal here. On a surface, a point is inside for precision and
    recall, and outside for density and coverage: as in the papers' own code.
    """

    def squared(x, y):
        return sum((a - b) ** 2 for a, b in zip(x, y, strict=True))

    def radii(points):
        return [
            sorted(squared(x, y) for j, y in enumerate(points) if j != i)[k - 1]
            for i, x in enumerate(points)
        ]

    real, fake = real.tolist(), fake.tolist()
    real_radii, fake_radii = radii(real), radii(fake)
    across = [[squared(x, y) for y in fake] for x in real]
    reals, fakes = range(len(real)), range(len(fake))
    held = [[across[i][j] < real_radii[i] for j in fakes] for i in reals]
    return (
        np.mean([any(across[i][j] <= real_radii[i] for i in reals) for j in fakes]),
        np.mean([any(across[i][j] <= fake_radii[j] for j in fakes) for i in reals]),
        sum(map(sum, held)) / (k * len(fake)),
        np.mean([any(row) for row in held]),
    )


def scores(real, fake, k):
    return *precision_recall(real, fake, k), *density_coverage(real, fake, k)


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("name", SETS)
def test_equal_to_the_papers_codes(name):
    """Precision and recall by torch-fidelity, density and coverage by prdc."""
    real, fake = real_and_fake(name)
    for expected in reference_scores(name)["neighbourhoods"]:
        found = scores(real, fake, expected.pop("k"))
        assert found == pytest.approx(tuple(expected.values()), abs=1e-6)


GRID = np.array([[x, y] for x in range(4) for y in range(4)], "float64")
POINTS = [GRID, 1e6 + GRID, np.random.RandomState(0).standard_normal((16, 2))]
chosen = st.lists(st.integers(0, 15), min_size=4, max_size=14)


@pytest.mark.parametrize("points", POINTS, ids=["grid", "far grid", "random"])
@property_test
@given(chosen, chosen, st.integers(1, 3))
def test_ties_fall_alike_in_spite_of_rounding(points, real, fake, k):
    """The same points stand in both sets, often several times: equal distances are the rule."""
    real, fake = points[real], points[fake]
    assert scores(real, fake, k) == pytest.approx(naive(real, fake, k), abs=1e-12)


def test_order_and_place_do_not_matter():
    real, fake = real_and_fake("rectified")
    expected = scores(real, fake, 3)
    random = np.random.default_rng(0)
    assert scores(random.permutation(real), random.permutation(fake), 3) == expected
    assert scores(1e7 + real, 1e7 + fake, 3) == expected


def test_copies_of_the_reals_are_perfect():
    real, _ = real_and_fake("far")
    assert scores(real, real[::-1], 3) == (1, 1, 1, 1)


def test_defaults_are_the_papers():
    real, fake = real_and_fake("plain")
    assert precision_recall(real, fake) == precision_recall(real, fake, k=3)
    assert density_coverage(real, fake) == density_coverage(real, fake, k=5)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(feature_arrays, "BLOCK", 2**14)  # 0.1 MB
    real, fake = np.random.default_rng(0).normal(size=(2, 2000, 4))  # 32 MB of distances
    tracemalloc.start()
    try:
        scores(real, fake, 3)
        assert tracemalloc.get_traced_memory()[1] < 2e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("k", [0, 7])
@pytest.mark.parametrize("score", [precision_recall, density_coverage])
def test_neighbours_that_do_not_exist_are_refused(score, k):
    real, fake = real_and_fake("tiny")
    with pytest.raises(ValueError, match=f"Among 7 images .* number {k}: choose a k from 1 to 6"):
        score(real, fake, k=k)
