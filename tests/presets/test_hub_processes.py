"""Processes of their own: their environment, their limits, their races."""

import os
import subprocess
import sys

import pytest

import ganzoo
from hub_double import OWNER

FETCH = f"""
import sys, types
sys.modules["ganzoo"] = types.ModuleType("ganzoo")  # ganzoo's own imports take long
sys.modules["ganzoo"].__path__ = {list(ganzoo.__path__)!r}
from ganzoo.presets.locate import opened
if sys.argv[1:]:
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, 2 * (int(sys.argv[1]),))
with opened("hf://me/gan", dict, ["metadata.json", "config.json", "model.safetensors"]) as folder:
    folder.checked("model.safetensors")
print("fetched")
"""


@pytest.fixture
def process(hub, files, tmp_path):
    """Return a function that starts a process which fetches me/gan, as users configure it."""
    hub.put("me/gan", dict(files))
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.address,
        "HF_HUB_CACHE": str(tmp_path / "cache"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_DEBUG": "1",  # the client then logs its requests
    }

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-c", FETCH, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def test_two_processes_at_once(hub, process, fetch):
    outputs = [each.communicate() for each in [process(), process()]]
    assert [out for out, _ in outputs] == ["fetched\n"] * 2, outputs
    assert not any(OWNER in text for pair in outputs for text in pair)
    requests = len(hub.requests)
    fetch("hf://me/gan")
    fetched = [line for line in hub.requests[requests:] if "resolve" in line]
    assert not fetched  # what they left in the cache is whole


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_full_disk(process, fetch, files):
    """A limit on the size of a file is what a full disk is to the one who writes."""
    limit = len(files["model.safetensors"]) - 100
    _, error = process(str(limit)).communicate()
    assert "could not be stored" in error
    assert "Free some space" in error
    assert process().communicate()[0] == "fetched\n"
    fetch("hf://me/gan")


def test_the_token_is_in_no_file(hub, process, fetch, animals, tmp_path):
    hub.repos["me/gan"].private = True
    animals.push_to_hub("me/gan")
    process().communicate()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 3
    assert not any(OWNER.encode() in path.read_bytes() for path in written)


@pytest.mark.filterwarnings("ignore:hf_xet:DeprecationWarning")  # of older clients
def test_by_xet(hub, folder, fetch, tmp_path, monkeypatch):
    """The Hub's own storage for large files, with a folder in place of its server."""
    hf_xet = pytest.importorskip("hf_xet")
    from huggingface_hub import constants

    if not hasattr(hf_xet, "XetSession"):
        pytest.skip("this hf_xet has no store in a folder")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    (tmp_path / "store").mkdir()
    hub.xet_store = str(tmp_path / "store")
    for name in ("model.safetensors", "samples.png"):
        content = (folder / name).read_bytes()
        hub.know(content, hf_xet.hash_files([str(folder / name)])[0].hash)
    fetch(ganzoo.upload_preset("hf://me/gan", folder))
    assert any("xet-write-token" in request for request in hub.requests)
    assert any("xet-read-token" in request for request in hub.requests)
    assert not any("GET" in line and "resolve" in line and "safet" in line for line in hub.requests)


def test_a_folder_is_read_without_the_hubs_client(folder):
    """It takes half a second to import, and `ganzoo generate mnist` has no use for it."""
    code = FETCH.replace('"hf://me/gan"', repr(str(folder)))
    code += "assert 'huggingface_hub' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
