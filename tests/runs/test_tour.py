"""What may befall a run of 200 photos: it loses nothing, and ends as one that was left alone."""

import resource
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

OPTIONS = ["--conditional", "--epochs", "2", "--batch-size", "8"]
OPTIONS += ["--image-size", "16", "--base-filters", "2"]
OPTIONS += ["--precision", "float32"]  # or a clock chooses, and not always alike
SOON = ("--checkpoint-minutes", "1e-6")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits and signals as Linux has them"),
]


@pytest.fixture
def photos(tmp_path):
    for number in range(200):
        pixels = np.random.default_rng(number).integers(0, 256, (18, 24, 3), dtype="uint8")
        path = tmp_path / "photos" / ("sea", "hills")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return tmp_path / "photos"


def start(data, out, *options, **limits):
    command = [sys.executable, "-m", "ganzoo", "train", data, "--out", out, *OPTIONS, *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen([str(each) for each in command], **pipes, **limits)


def finish(process):
    said, _ = process.communicate(timeout=300)
    assert "Traceback" not in said, said
    return process.returncode, said


def within_an_epoch(process, out):
    """Wait for a checkpoint of the middle of an epoch that was not there before."""
    before = set(out.glob("checkpoints/*-step-*"))
    while process.poll() is None:
        if set(out.glob("checkpoints/*-step-*")) - before:
            return
        time.sleep(0.01)
    raise AssertionError(f"no checkpoint was made: {process.communicate()[0]}")


def full_disk():
    """No file may grow beyond 8 KB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


def test_a_run_that_everything_befalls_ends_as_one_that_nothing_befell(photos, tmp_path):
    whole, out = tmp_path / "whole", tmp_path / "run"
    assert finish(start(photos, whole))[0] == 0

    killed = start(photos, out, *SOON)
    within_an_epoch(killed, out)
    killed.kill()
    killed.communicate()

    stopped = start(photos, out, *SOON)
    within_an_epoch(stopped, out)
    stopped.terminate()
    code, said = finish(stopped)
    assert (code, "The same command goes on" in said) == (128 + signal.SIGTERM, True)

    kept = sorted(out.glob("checkpoints/*.keras"))
    code, said = finish(start(photos, out, preexec_fn=full_disk))
    assert code == 1
    assert "could not be written" in said, said
    assert sorted(out.glob("checkpoints/*.keras")) == kept

    moved = photos.rename(tmp_path / "moved")
    renamed = (moved / "sea").rename(moved / "ocean")
    code, said = finish(start(moved, out))
    assert code == 1
    assert "began with the classes hills, sea, and these images have hills, ocean" in said
    renamed.rename(moved / "sea")
    assert sorted(out.glob("checkpoints/*.keras")) == kept

    shutil.copy(kept[0], out / "checkpoints" / "epoch-000009 (1).keras")  # as Drive names copies
    code, said = finish(start(moved, out))
    assert code == 0, said
    for name in ("model.safetensors", "log.csv"):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name
