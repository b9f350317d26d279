import subprocess

import pytest

from hub_double import OWNER, serving


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


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Return a Hub of one's own, with its client's cache and token."""
    from huggingface_hub import constants

    with serving() as hub:
        settings = {
            "ENDPOINT": hub.address,
            "HUGGINGFACE_CO_URL_TEMPLATE": hub.address + "/{repo_id}/resolve/{revision}/{filename}",
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_TOKEN_PATH": str(tmp_path / "no-token"),
            "HF_HUB_DISABLE_XET": True,
        }
        for name, value in settings.items():
            monkeypatch.setattr(constants, name, value)
        monkeypatch.setenv("HF_TOKEN", OWNER)
        yield hub
