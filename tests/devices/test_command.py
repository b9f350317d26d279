"""Commands that train on several devices, each by its own way to start."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from ganzoo.runs.run_folder import read

BACKEND = keras.backend.backend()
pytestmark = pytest.mark.slow
HOW = ("--image-size", "16", "--limit", "48", "--epochs", "1", "--base-filters", "4")
HOW += ("--batch-size", "16", "--unconditional")
of_torch = pytest.mark.skipif(BACKEND != "torch", reason="of torch")


def train(folder, *options, start=(sys.executable,), **environment):
    """Run the command; return what it ended with, and printed."""
    command = [*start, "-m", "ganzoo", "train", "emoji", "--out", str(folder), *HOW, *options]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )


def check(folder, *processes):
    """Check that so many processes left one finished run behind, and that one of them spoke."""
    said = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said
    assert sum(output.count("The model is in") for output, _ in said) == 1
    assert read(folder / "run.toml")["batch_size"] == 16
    assert len((folder / "log.csv").read_text().splitlines()) == 2
    assert (folder / "model.safetensors").exists()


def test_devices_of_this_machine(tmp_path):
    check(tmp_path / "run", train(tmp_path / "run", "--devices", "2"))


@of_torch
def test_torchrun(tmp_path):
    torchrun = (str(Path(sys.executable).with_name("torchrun")), "--nproc-per-node", "2")
    check(tmp_path / "run", train(tmp_path / "run", start=torchrun))


@of_torch
def test_srun(tmp_path):
    """What Slurm tells each task of a step, on two machines that are this one."""
    step = {"SLURM_STEP_NUM_TASKS": "2", "SLURM_LOCALID": "0", "SLURM_JOB_ID": str(os.getpid())}
    step |= {"SLURM_STEP_NODELIST": "localhost"}
    tasks = [train(tmp_path / "run", **step, SLURM_PROCID=str(number)) for number in range(2)]
    check(tmp_path / "run", *tasks)


@pytest.mark.parametrize(
    ("devices", "message"),
    [("0", "no number of devices"), ("many", "no number of devices"), ("3", "multiple of 3")],
)
def test_what_cannot_be_is_said_in_a_sentence(tmp_path, devices, message):
    process = train(tmp_path / "run", "--devices", devices)
    output, errors = process.communicate(timeout=300)
    assert process.returncode in (1, 2)
    assert message in errors
    assert "Traceback" not in errors + output
