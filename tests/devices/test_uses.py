"""What one does with a model gives on several devices what it gives on one."""

import keras
import numpy as np
import pytest
from programs import run

pytestmark = pytest.mark.slow
BACKEND = keras.backend.backend()
BOUND = 1e-5


def assert_alike(expected, found):
    """Compare images to within a grey level, and other numbers relative to the largest."""
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        most = 1.0 if value.dtype == "uint8" else BOUND * np.abs(value).max()
        other, value = found[name].astype("float64"), value.astype("float64")
        np.testing.assert_allclose(other, value, rtol=0, atol=most, err_msg=name)


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """Return a function to the folder that `uses.py` leaves, and to the numbers in it."""
    known = {}

    def get(devices, processes=1):
        if (devices, processes) not in known:
            folder = known[devices, processes] = tmp_path_factory.mktemp("uses")
            run("uses.py", devices, folder, processes=processes)
        folder = known[devices, processes]
        return folder, dict(np.load(folder / "numbers.npz"))

    return get


@pytest.mark.parametrize("devices", [2, 4])
def test_any_number_of_images_is_drawn_and_judged(used, devices):
    _, expected = used(1)
    folder, found = used(devices)
    assert_alike(expected, found)
    assert sorted(each.name for each in (folder / "grids").iterdir()) == [
        "epoch-0001.png",
        "epoch-0002.png",
    ]
    assert (folder / "best.keras").exists()


def test_the_same_within_a_fit_and_outside_of_the_scope(used):
    _, found = used(2)
    for name in ("seven", "drawn", "features", "one"):
        one, *others = (
            found[f"{place}/{name}"] for place in ("within the scope", "outside of the scope")
        )
        for other in others:
            np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-5)


@pytest.mark.skipif(BACKEND != "jax", reason="on torch, each device has a process anyway")
def test_the_first_of_processes_draws_alone(used):
    _, expected = used(1)
    _, found = used(1, processes=2)
    assert_alike(expected, found)


@pytest.fixture(scope="module")
def resumed(tmp_path_factory):
    """Return a function to what a training ends with that goes on, on other devices each time."""

    def get(*parts):
        folder = tmp_path_factory.mktemp("resumed")
        for devices, epochs in parts:
            run("resuming.py", devices, folder / "checkpoints", epochs, folder / "values.npz")
        return dict(np.load(folder / "values.npz"))

    return get


def test_resumed_exactly_on_as_many_devices(resumed):
    straight, stopped = resumed((2, 4)), resumed((2, 2), (2, 4))
    for name, value in straight.items():
        np.testing.assert_array_equal(stopped[name], value)


def test_resumed_on_others(resumed):
    assert_alike(resumed((1, 4)), resumed((2, 2), (4, 3), (1, 4)))
