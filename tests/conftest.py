import subprocess

import pytest


def pytest_report_header():
    import ganzoo  # first: it chooses the backend  # noqa: F401, I001
    import keras

    return f"keras: {keras.version()} on {keras.backend.backend()}"


def pytest_runtest_setup(item):
    if item.get_closest_marker("gpu") and not has_gpu():
        pytest.skip("there is no GPU: nvidia-smi -L fails")


def has_gpu():
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True).returncode == 0
    except OSError:
        return False
