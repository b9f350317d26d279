import numpy as np
import pytest

from ganzoo.pictures import neighbour_grid


@pytest.mark.parametrize("channels", [1, 3])
def test_grid_shows_each_fake_with_its_neighbours(channels):
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
def test_grid_refuses_what_does_not_fit(shape, indices, message):
    with pytest.raises(ValueError, match=message):
        neighbour_grid(np.zeros((4, 6, 8, 1), "uint8"), np.zeros(shape, "uint8"), np.array(indices))
