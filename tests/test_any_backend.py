"""What `any_backend.py` says of the suite is true."""

from pathlib import Path

import keras
import pytest

from any_backend import TESTS, WITH_ANY_BACKEND, WITHOUT_KERAS, refuse_to_compute


@pytest.mark.any_backend
@pytest.mark.parametrize("place", WITHOUT_KERAS + WITH_ANY_BACKEND)
def test_what_needs_one_backend_alone_is_there(place):
    """A file that was renamed would run on every backend again, and nobody would notice."""
    assert (TESTS / place).exists()


COMPUTING = {
    "an operation": lambda: keras.ops.ones(3),
    "a variable": lambda: keras.Variable([1.0]),
    "a layer": lambda: keras.layers.Dense(1).build((1, 1)),
}


@pytest.mark.parametrize("compute", COMPUTING.values(), ids=COMPUTING)
def test_what_computes_is_refused(compute, monkeypatch):
    compute()
    refuse_to_compute(Path("test_some.py"), monkeypatch)
    with pytest.raises(pytest.fail.Exception, match=r"test_some.py computes with Keras"):
        compute()
