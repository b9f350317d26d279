"""Trainings of two processes that are stopped in the middle, or lose a process, go on exactly."""

import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from ganzoo.launched import start

pytestmark = [
    pytest.mark.skipif(keras.backend.backend() != "torch", reason="torch has the processes"),
    pytest.mark.slow,
]
PROGRAM = str(Path(__file__).with_name("stopped.py"))
LOST = "Another process of this training has ended"


def run(folder, how, count=2):
    return start(count, [sys.executable, PROGRAM, str(folder), how])


def state(folder, number=0):
    with np.load(folder / f"state-{number}.npz") as found:
        return dict(found)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    assert run(folder, "whole") == 0
    return state(folder)


@pytest.mark.parametrize(
    ("how", "status", "checkpoint"),
    [
        ("terminated", 143, "epoch-000001-step-000003.keras"),
        ("killed", None, "epoch-000001.keras"),
    ],
)
def test_it_goes_on_exactly(tmp_path, whole, capfd, how, status, checkpoint):
    ended = run(tmp_path, how)
    assert ended == status or (status is None and ended)
    (found,) = tmp_path.glob("*.keras")
    assert found.name == checkpoint
    assert (LOST in capfd.readouterr().err) == (how == "killed")
    assert run(tmp_path, "whole") == 0
    for number in range(2):
        for name, value in state(tmp_path, number).items():
            assert np.array_equal(value, whole[name])


def test_it_goes_on_with_another_number_of_processes(tmp_path, whole):
    run(tmp_path, "terminated")
    assert run(tmp_path, "whole", count=1) == 0
    for name, value in state(tmp_path).items():
        distance = np.linalg.norm(value - whole[name].astype(float))
        assert distance <= 1e-5 * np.linalg.norm(value)
