import numpy as np
import pytest

from ganzoo.latents import blend


def solved(image, drawn, hole):
    """Solve Poisson's equation for one channel, an equation for each missing pixel."""
    unknown = {tuple(place): number for number, place in enumerate(np.argwhere(hole))}
    equations, right = np.zeros((len(unknown), len(unknown))), np.zeros(len(unknown))
    for (row, column), number in unknown.items():
        for step in [(0, 1), (1, 0), (0, -1), (-1, 0)]:
            other = row + step[0], column + step[1]
            if 0 <= other[0] < hole.shape[0] and 0 <= other[1] < hole.shape[1]:
                equations[number, number] += 1
                right[number] += drawn[row, column] - drawn[other]
                if other in unknown:
                    equations[number, unknown[other]] -= 1
                else:
                    right[number] += image[other]
    filled = image.copy()
    filled[hole] = np.linalg.solve(equations, right)
    return filled


def test_a_hole_is_filled_as_the_equations_say():
    random = np.random.default_rng(0)
    images = random.uniform(80, 120, (2, 3, 12, 10, 2))
    drawn = random.uniform(100, 160, images.shape)
    hole = random.random((2, 1, 12, 10)) < [[[[0.8]]], [[[0.3]]]]
    hole[0, 0, 5:, 4:] = True  # to the picture's edge
    expected = np.empty_like(images)
    for i, j, channel in np.ndindex(2, 3, 2):
        place = i, j, ..., channel
        expected[place] = solved(images[place], drawn[place], hole[i, 0])
    found = blend(images, drawn, hole)
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found, expected.clip(0, 255), atol=0.6)  # rounded to grey levels


def test_known_pixels_stay_and_an_unknown_image_is_the_drawn_one():
    random = np.random.default_rng(1)
    images, drawn = random.integers(0, 256, (2, 4, 9, 9, 3), dtype=np.uint8)
    hole = random.random((4, 9, 9)) < 0.5
    np.testing.assert_array_equal(blend(images, drawn, hole)[~hole], images[~hole])
    np.testing.assert_array_equal(blend(images, drawn, np.ones((9, 9), bool)), drawn)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"a mask \(8, 9\) do not fit"):
        blend(np.zeros((1, 9, 9, 1)), np.zeros((1, 9, 9, 1)), np.zeros((8, 9), bool))
