"""Line charts, looked at by their pixels."""

import numpy as np
import pytest

from ganzoo.pictures.charts import COLOURS, HEIGHT, WIDTH, line_charts, ticks


def test_a_chart_shows_its_lines_where_they_belong():
    """A line that rises evenly is looked for, by its colour, in the pixels."""
    up, level = np.linspace(0, 10, 21), [5, *[np.nan] * 19, 5]
    picture = line_charts({"one": {"up": up, "level": level}, "other": {"few": [3.0]}})
    assert picture.size == (WIDTH, 2 * HEIGHT)
    pixels = np.asarray(picture)[30:HEIGHT, :440].astype(int)
    places = []
    for colour in COLOURS[:2]:
        rgb = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
        rows, columns = np.nonzero(np.abs(pixels - rgb).max(axis=-1) < 40)
        places.append((rows, columns))
        assert np.ptp(columns) > 350, "the line does not go across"
    (rows, columns), (level_rows, _) = places
    slope, start = np.polyfit(columns, rows, 1)
    assert slope < -0.3
    assert np.abs(start + slope * columns - rows).max() < 3
    assert abs(np.mean(level_rows) - np.mean(rows)) < 2, "5 is in the middle of 0 to 10"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1], [0, 0.5, 1]),
        ([0.12, 0.31], [0.1, 0.15, 0.2, 0.25, 0.3, 0.35]),
        ([-3e4, 7e4], [-5e4, 0, 5e4, 1e5]),
        ([4.0], [2, 3, 4, 5, 6]),
        ([0.0], [-0.5, 0, 0.5]),
    ],
)
def test_ticks_are_round_and_reach_around_the_values(values, expected):
    assert ticks(values) == expected
