import numpy as np
import pytest

from ganzoo.latents import between_four, interpolate, walk

RANDOM = np.random.default_rng(0)
A, B = RANDOM.standard_normal((2, 5, 100))


def norms(latents):
    return np.linalg.norm(latents, axis=-1)


def angles(one, other):
    products = np.sum(one * other, axis=-1) / norms(one) / norms(other)
    return np.arccos(np.clip(products, -1, 1))


@pytest.mark.parametrize("way", ["linear", "spherical"])
def test_both_ends_are_included(way):
    found = interpolate(A, B, 7, way)
    assert found.shape == (5, 7, 100)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, 0], A, atol=1e-6)
    np.testing.assert_allclose(found[:, -1], B, atol=1e-6)
    np.testing.assert_array_equal(interpolate(A[2], B[2], 7, way), found[2])


def test_the_linear_way_is_straight():
    found = interpolate(A, B, 5, "linear")
    np.testing.assert_allclose(found[:, 1], 0.75 * A + 0.25 * B, atol=1e-6)


def test_the_spherical_way_keeps_to_the_great_circle_at_an_even_pace():
    steps = 9
    found = interpolate(A, B, steps).astype(float)
    share = np.linspace(0, 1, steps)
    np.testing.assert_allclose(
        norms(found), np.outer(norms(A), 1 - share) + np.outer(norms(B), share)
    )
    total = angles(A, B)[:, None]
    np.testing.assert_allclose(angles(found, A[:, None]), total * share, atol=1e-3)
    np.testing.assert_allclose(angles(found, B[:, None]), total * (1 - share), atol=1e-3)
    plane = np.linalg.svd(np.stack([A, B], axis=1))[2][:, :2]  # what lies outside of it is nothing
    inside = np.einsum("nsd,nkd->nsk", found, plane)
    np.testing.assert_allclose(norms(inside), norms(found), rtol=1e-6)


def test_a_quarter_of_a_circle():
    found = interpolate([2, 0], [0, 2], 4)
    half = 3**0.5
    np.testing.assert_allclose(found, [[2, 0], [half, 1], [1, half], [0, 2]], atol=1e-6)


@pytest.mark.parametrize("distance", [0, 1e-12, 1e-7])
def test_hardly_a_way_at_all_is_a_straight_one(distance):
    b = A + distance * B
    np.testing.assert_allclose(interpolate(A, b, 3)[:, 1], (A + b) / 2, atol=1e-6)


def test_latents_of_one_length_stay_as_long():
    """The middle of the straight line is shorter by a third, and like no latent that is drawn."""
    a, b = (10 * each / norms(each)[:, None] for each in (A, B))
    np.testing.assert_allclose(norms(interpolate(a, b, 3)[:, 1]), 10, rtol=1e-6)
    assert (norms(interpolate(a, b, 3, "linear")[:, 1]) < 8).all()


@pytest.mark.parametrize("way", ["linear", "spherical"])
def test_a_grid_has_the_four_latents_in_its_corners(way):
    grid = between_four(*A[:4], rows=4, columns=6, way=way)
    assert grid.shape == (4, 6, 100)
    np.testing.assert_allclose(grid[[0, 0, -1, -1], [0, -1, 0, -1]], A[:4], atol=1e-6)
    np.testing.assert_allclose(grid[0], interpolate(A[0], A[1], 6, way), atol=1e-5)
    np.testing.assert_allclose(grid[:, -1], interpolate(A[1], A[3], 4, way), atol=1e-5)
    mirrored = between_four(*A[[1, 0, 3, 2]], rows=4, columns=6, way=way)
    np.testing.assert_allclose(mirrored, grid[:, ::-1], atol=1e-5)


def test_a_walk_passes_its_stops_and_ends_where_it_began():
    stops = np.stack([A, B, A + B])
    found = walk(stops, steps=4)
    assert found.shape == (12, 5, 100)
    np.testing.assert_allclose(found[::4], stops, atol=1e-6)
    np.testing.assert_allclose(found[9], interpolate(A + B, A, 5)[:, 1], atol=1e-6)
    np.testing.assert_array_equal(walk(stops[:, 0], 4), found[:, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: interpolate(A, B, 1), "2 steps at least, not 1"),
        (lambda: interpolate(A, B, way="sferical"), "Did you mean 'spherical'"),
        (lambda: interpolate(A, 0 * B), "zeros has no direction: take way='linear'"),
        (lambda: interpolate(A, -2 * A), "opposite latents .* take way='linear'"),
        (lambda: walk(A[:1]), "2 stops at least, not 1"),
    ],
)
def test_what_is_no_way_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
