"""Some of many: spread over classes, the same each time, none lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzoo.datasets.choosing import first_of, split, spread

property_test = settings(max_examples=60, deadline=None, derandomize=True)
groups = st.lists(st.integers(0, 5), min_size=1, max_size=80).map(np.array)


@property_test
@given(groups, st.integers(0, 9))
def test_every_beginning_holds_every_group_in_proportion(groups, seed):
    order = spread(groups, seed)
    assert sorted(order) == list(range(len(groups)))
    names, counts = np.unique(groups, return_counts=True)
    for length in range(len(names), len(groups) + 1):
        kept = np.array([(groups[order[:length]] == name).sum() for name in names])
        assert (kept >= 1).all()
        # Shares differ by what one image is worth, in the smaller of two groups.
        shares = kept / counts
        assert np.ptp(shares) <= 1 / counts.min() + 1e-9


@property_test
@given(groups, st.floats(0.05, 0.95), st.integers(0, 9))
def test_a_split_keeps_every_class_on_both_sides(groups, share, seed):
    try:
        kept, held_out = split(len(groups), groups, share, seed)
    except ValueError:
        assert np.bincount(groups).max() == 1  # no class has one to spare
        return
    assert sorted([*kept, *held_out]) == list(range(len(groups)))
    for name, count in zip(*np.unique(groups, return_counts=True), strict=True):
        there = int((groups[held_out] == name).sum())
        assert there == (min(max(round(count * share), 1), count - 1) if count > 1 else 0)


def test_a_split_is_drawn_from_the_seed():
    one, same, other = (split(100, None, 0.25, seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert len(one) == len(other) == 25
    assert (one != other).any()
    assert not np.array_equal(one, np.arange(75, 100))


@pytest.mark.parametrize("share", [0.001, 0.9999, 1.5, -1.0])
def test_a_split_leaves_images_on_both_sides(share):
    if 0 < share < 1:  # one image, at the least
        assert len(split(4, None, share, 0)[1]) in (1, 3)
        assert split(1000, None, share, 0)[1].size in (1, 999)
    with pytest.raises(ValueError, match=f"validation_split={share} of 1 images"):
        split(1, None, share, 0)


def test_a_limit_keeps_the_order_and_every_class():
    labels = np.array([0] * 50 + [1] * 5)
    rows = first_of(55, labels, 11)
    assert list(rows) == sorted(rows)
    assert np.bincount(labels[rows]).tolist() == [10, 1]
    np.testing.assert_array_equal(first_of(55, labels, 11), rows)
    assert first_of(55, labels, None) is first_of(55, labels, 55) is None
    for limit, least in ((1, "2 classes with one image each"), (0, "2 classes")):
        with pytest.raises(ValueError, match=f"limit must leave {least}"):
            first_of(55, labels, limit)
    with pytest.raises(ValueError, match="limit must leave one image at least, not 0"):
        first_of(55, None, 0)
