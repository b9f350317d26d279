"""What the page does with what its fields hold, without a browser."""

import gc

import numpy as np
import pytest

pytest.importorskip("gradio", reason="gradio is not installed")
from ganzoo.demo.page import build
from ganzoo.demo.studio import IN_TURN, Studio

pytestmark = [  # gradio's own, and an event loop that it leaves open
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@pytest.fixture(scope="module")
def functions():
    """Return the page's functions by their names."""
    found = {each.name: each.fn for each in build(["mnist"]).fns.values()}
    gc.collect()
    return found


def test_an_emptied_field_counts_as_0(functions):
    expected = Studio(["mnist"])
    for function, arguments, picture in (
        ("draw", [5], expected.grid("mnist", 0, 5, IN_TURN)),
        ("explore", [None, *[None] * 6], expected.varied("mnist", 0, 1, IN_TURN, [0] * 6)),
        ("between", [None, None], expected.between("mnist", 0, 1, 1, IN_TURN)),
    ):
        drawn = functions[function]("mnist", None, IN_TURN, *arguments)
        np.testing.assert_array_equal(np.asarray(drawn), np.asarray(picture))
    assert (
        functions["follow"]("mnist", None, IN_TURN) == "?model=mnist&seed=0&class=each%20in%20turn"
    )


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ({}, ("mnist", 0, IN_TURN)),
        ({"seed": "5", "class": "7"}, ("mnist", 5, "7")),
        ({"seed": "9" * 5000, "class": "cat"}, ("mnist", 2**31 - 1, IN_TURN)),
        ({"seed": "\u00b2", "model": "/etc"}, ("mnist", 0, IN_TURN)),
    ],
)
def test_a_link_of_anybody_is_understood(functions, link, expected):
    class Request:
        query_params = link

    model, seed, label = functions["arrive"](Request())
    assert (model, seed, label["value"]) == expected
