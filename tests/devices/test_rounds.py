"""20 rounds on several devices end where 20 rounds on one device do."""

import keras
import numpy as np
import pytest
from cases import CASES
from programs import run

pytestmark = pytest.mark.slow
BACKEND = keras.backend.backend()
FEW = ["conditional", "R1, adaptive"]
# What has to be compiled takes long: there, cases that touch each other's code stand for all.
MANY = list(CASES) if BACKEND == "torch" else [
    "spectral", "conditional", "R1, adaptive", "drawing penalties", "two updates", "schedules",
    "dense",
]  # fmt: skip
TABLE = [(case, 2) for case in MANY] + [(case, 4) for case in (MANY if BACKEND == "torch" else FEW)]
BOUNDS = {
    "dense": 1e-5,  # which ends in float32, as its page has it
    "LeCam, noise": 1e-6,  # whose averages are float32
    "float16": 1e-2,  # as other rounding leaves the networks after 20 rounds
}
MOMENTS = ("momentum", "velocity")


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Return a function to the values that cases end with on some devices, by case and tensor."""
    known = {}

    def get(cases, devices, processes=1):
        key = tuple(cases), devices, processes
        if key not in known:
            folder = tmp_path_factory.mktemp("rounds")
            run("rounds.py", devices, folder / "RANK.npz", *cases, processes=processes)
            known[key] = [dict(np.load(path)) for path in sorted(folder.iterdir())]
        return known[key]

    return get


def assert_alike(case, expected, others):
    """Compare every tensor of every process, relative to its length."""
    bound = BOUNDS.get(case, 1e-9)
    names = [name for name in expected if name.startswith(f"{case}/")]
    if case == "float16":  # whose moments are rounding for the most part
        names = [name for name in names if not name.endswith(MOMENTS)]
    assert len(names) > 20
    for found in others:
        for name in names:
            value = expected[name].astype("float64")
            distance = np.linalg.norm(value - found[name])
            assert distance <= bound * np.linalg.norm(value), (name, distance)


@pytest.mark.parametrize(("case", "devices"), TABLE)
def test_devices_train_as_one(ended, case, devices):
    (expected,) = ended(MANY, 1)
    cases = [each for each, count in TABLE if count == devices]
    assert_alike(case, expected, ended(cases, devices))


@pytest.mark.skipif(BACKEND != "jax", reason="on torch, each device has a process anyway")
@pytest.mark.parametrize("case", FEW)
def test_processes_of_two_devices_train_as_one(ended, case):
    (expected,) = ended(MANY, 1)
    both = ended(FEW, 2, processes=2)
    assert len(both) == 2
    assert_alike(case, expected, both)


def test_less_than_that_would_be_noticed(ended):
    """One part in a hundred million is more than rounding."""
    (expected,) = ended(MANY, 1)
    moved = {name: value * (1 + 1e-8) for name, value in expected.items()}
    with pytest.raises(AssertionError):
        assert_alike(FEW[0], expected, [moved])
