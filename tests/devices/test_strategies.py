"""A strategy of TensorFlow: a model is compiled beside it, and what cannot be is said."""

import json

import keras
import pytest
from programs import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="of TensorFlow"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    file = tmp_path_factory.mktemp("strategies") / "found.json"
    run("strategies.py", 2, file)
    return json.loads(file.read_text())


def test_compiled_outside_of_the_scope_it_trains_as_within(found):
    assert found["outside"] == found["inside"]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("xla", "leave out jit_compile=True"),
        ("accumulating", "compile has accumulate"),
        ("overwriting", "ema_overwrite_frequency: leave them out"),
        ("optimizer", "make it within, or give its name or config"),
        ("beside", "build it, or load it, within"),
    ],
)
def test_what_cannot_be_is_refused(found, what, said):
    assert said in found[what]
