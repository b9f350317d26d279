"""What all commands say and refuse alike."""

import signal
import subprocess
import sys
import tomllib
import zipfile

import pytest
from click.testing import CliRunner
from command_line import ran, refused, run

import ganzoo
from ganzoo.cli import main


@pytest.mark.parametrize(
    "command",
    [
        ["generate", "mnist", "-o", "a.png"],
        ["interpolate", "mnist", "-o", "a.png"],
        ["film", "photos", "-o", "a.gif"],
        ["inspect", "photos", "-o", "a.png"],
        ["evaluate", "mnist", "photos", "-o", "a.json"],
        ["export", "mnist", "-o", "a.onnx"],
        ["evaluate", "mnist", "photos", "--neighbours", "a.png"],
    ],
)
@pytest.mark.usefixtures("photos")
def test_nothing_is_replaced_without_force(command, tmp_path):
    taken = tmp_path / command[-1]
    taken.write_text("mine")
    result = run(*command)
    assert result.exit_code == 1
    assert f"{taken.name} exists" in result.output
    assert taken.read_text() == "mine"


def test_force_replaces():
    for force in ([], ["--force"]):
        ran("generate", "mnist", "-n", "2", "-o", "a.png", *force)


def test_a_traceback_is_shown_when_asked_for():
    command = ["generate", "mnits", "-o", "a.png"]
    assert "Did you mean 'mnist'" in refused(*command)
    debug = CliRunner().invoke(main, [*command, "--debug"])
    assert isinstance(debug.exception, ValueError)  # which Python prints with its traceback


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            KeyError("x"),
            "This should not happen (KeyError: 'x'). Please report what --debug shows.",
        ),
        (zipfile.BadZipFile("cut off"), "This should not happen (BadZipFile: cut off)"),
        (MemoryError(), "There is not enough memory"),
        (ValueError(""), "This should not happen (ValueError:)"),
        (OSError(28, "No space left on device", "a.png"), "No space left on device: 'a.png'"),
    ],
)
def test_no_error_is_a_traceback(error, said, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(ganzoo, "from_preset", fail)
    assert said in refused("generate", "mnist", "-o", "a.png")


RUN = """
import sys, time
from ganzoo.callbacks import LossCurves
from ganzoo.cli import main

def wait(self, epoch, logs=None):
    print("waiting", flush=True)
    time.sleep(60)

LossCurves.on_epoch_begin = wait
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.usefixtures("photos")
def test_a_request_to_end_is_taken_as_ctrl_c_is(tmp_path):
    """Batch systems send it before their time limit."""
    arguments = ["train", "photos", "--out", "run", "--base-filters", "2", "--batch-size", "4"]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert any(line.strip() == b"waiting" for line in process.stdout), process.stderr.read()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 143
    assert b"The same command goes on" in errors
    assert b"Traceback" not in errors
    assert tomllib.loads((tmp_path / "run" / "run.toml").read_text())["batch_size"] == 4
