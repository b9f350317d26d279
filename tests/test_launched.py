"""What a launcher says is understood, and processes are started, waited for and ended."""

import os
import signal
import sys
import threading
import time

import pytest

from ganzoo.launched import Place, first_of, place, start

TORCHRUN = {
    "RANK": "3",
    "WORLD_SIZE": "4",
    "LOCAL_RANK": "1",
    "MASTER_ADDR": "gpu7",
    "MASTER_PORT": "29400",
}
SRUN = {
    "SLURM_STEP_NUM_TASKS": "4",
    "SLURM_PROCID": "3",
    "SLURM_LOCALID": "1",
    "SLURM_STEP_NODELIST": "gpu[07-08]",
    "SLURM_JOB_ID": "1234567",
}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, None),
        ({"WORLD_SIZE": "1", "RANK": "0"}, None),
        (TORCHRUN, Place(3, 4, 1, "gpu7", 29400)),
        (SRUN, Place(3, 4, 1, "gpu07", 24567)),
        ({**SRUN, "SLURM_STEP_NUM_TASKS": "1"}, None),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, None),  # in a batch script, outside of srun
        ({**SRUN, "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "5"}, Place(3, 4, 1, "10.0.0.1", 5)),
    ],
)
def test_the_place_of_a_process(monkeypatch, said, expected):
    for name in [*TORCHRUN, *SRUN]:
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert place() == expected


@pytest.mark.parametrize(
    ("machines", "first"),
    [
        ("gpu1", "gpu1"),
        ("gpu1,gpu2", "gpu1"),
        ("gpu[07-09,12],cpu3", "gpu07"),
        ("a-b[1,3]", "a-b1"),
        ("rack2-node[001-004]", "rack2-node001"),
    ],
)
def test_the_first_machine_of_a_list(machines, first):
    assert first_of(machines) == first


def run(code, count=2):
    return start(count, [sys.executable, "-c", f"import os, signal, sys, time\n{code}"])


def test_each_knows_its_place(tmp_path):
    code = (
        f"open({str(tmp_path)!r} + '/' + os.environ['RANK'], 'w').write(os.environ['WORLD_SIZE'])"
    )
    assert run(code, 3) == 0
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == dict.fromkeys("012", "3")


@pytest.mark.parametrize(
    ("end", "status"),
    [("sys.exit(7)", 7), ("os.kill(os.getpid(), signal.SIGKILL)", 137)],
)
def test_the_first_failure_is_the_status_and_nobody_is_left(monkeypatch, end, status):
    monkeypatch.setattr("ganzoo.launched.PATIENCE", 0.5)
    begun = time.monotonic()
    assert run(f"if os.environ['RANK'] == '1': {end}\ntime.sleep(60)") == status
    assert time.monotonic() - begun < 30


def test_a_request_to_end_is_passed_on():
    before = signal.getsignal(signal.SIGTERM)
    code = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))\ntime.sleep(60)"
    timer = threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    assert run(code) == 143
    assert signal.getsignal(signal.SIGTERM) == before
