"""Many images as one picture."""

import numpy as np
import pytest

from ganzoo.pictures import image_grid, neighbour_grid


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_images_stand_row_by_row_on_white(channels, mode):
    images = np.arange(5 * 4 * 3 * channels, dtype=np.uint8).reshape(5, 4, 3, channels)
    picture = image_grid(images, columns=2, gap=1)
    assert picture.mode == mode
    pixels = np.asarray(picture).reshape(3 * 5 + 1, 2 * 4 + 1, channels)
    for index, image in enumerate(images):
        top, left = 1 + index // 2 * 5, 1 + index % 2 * 4
        np.testing.assert_array_equal(pixels[top : top + 4, left : left + 3], image)
    assert (pixels[:, 0] == 255).all()
    assert (pixels[11:, 5:] == 255).all(), "the place of a sixth image is empty"


def test_grid_is_about_square_by_default():
    wide = image_grid(np.zeros((32, 10, 20, 1), np.uint8), gap=0)
    assert wide.size == (4 * 20, 8 * 10)


def test_rows_and_columns_may_be_axes_and_pixels_may_be_larger():
    images = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5, 1)
    pixels = np.asarray(image_grid(images, gap=0, scale=2))
    expected = images[..., 0].transpose(0, 2, 1, 3).reshape(8, 15)
    np.testing.assert_array_equal(pixels, np.kron(expected, np.ones((2, 2), np.uint8)))


@pytest.mark.parametrize("shape", [(0, 4, 4, 1), (4, 4, 1), (2, 4, 4, 2), (2, 0, 4, 4, 1)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ValueError, match=r"1, 3 or 4 channels"):
        image_grid(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("channels", [1, 3])
def test_each_fake_stands_before_its_neighbours(channels):
    real = np.arange(1, 5, dtype=np.uint8)[:, None, None, None] * np.ones((6, 8, channels), "uint8")
    fake = 100 + real[:2]
    picture = np.asarray(neighbour_grid(real, fake, np.array([[2, 0], [3, 3]])))
    centres = picture.reshape(*picture.shape[:2], channels)[5::8, 6::10, 0]
    assert centres.tolist() == [[101, 3, 1], [102, 4, 4]]


@pytest.mark.parametrize(
    ("shape", "indices", "message"),
    [
        ((2, 6, 9, 1), [[0], [1]], r"\(6, 8, 1\) do not fit .*\(6, 9, 1\): resize"),
        ((2, 6, 8, 1), [0, 1], r"of shape \(2, k\), not \(2,\)"),
        ((2, 6, 8, 1), [[0]], r"of shape \(2, k\), not \(1, 1\)"),
        ((2, 6, 8, 1), [[0], [4]], "Indices from 0 to 4 do not fit 4 real images"),
        ((2, 6, 8, 1), [[0], [-1]], "Indices from -1 to 0"),
    ],
)
def test_neighbours_that_do_not_fit_are_refused(shape, indices, message):
    with pytest.raises(ValueError, match=message):
        neighbour_grid(np.zeros((4, 6, 8, 1), "uint8"), np.zeros(shape, "uint8"), np.array(indices))
