"""How the tests start a program on several devices, or in several processes."""

import subprocess
import sys
from pathlib import Path

import keras

from ganzoo.launched import start

FOLDER = Path(__file__).parent


def run(name, devices, *arguments, processes=1):
    """Run a program of this folder to its end.

    On torch, each device has a process of its own; otherwise each process has so many devices.
    """
    if keras.backend.backend() == "torch":
        processes, devices = devices, 1
    command = [sys.executable, str(FOLDER / name), str(devices), *map(str, arguments)]
    if processes == 1:
        subprocess.run(command, check=True)
    else:
        assert start(processes, command) == 0
