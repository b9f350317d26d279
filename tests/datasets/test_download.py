import dataclasses
import hashlib
import os
import random
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import ganzoo.datasets.download as download
from ganzoo.datasets.catalog import File
from ganzoo.datasets.download import fetch

BODY = random.Random(0).randbytes(200_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
NAME = "digits.gz"


def file(*urls: str) -> File:
    return File(NAME, SHA256, urls)


def names(folder: Path) -> set[str]:
    """Files in `folder`, but for the lock, which may stay."""
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def test_fresh_download(tmp_path: Path, mirror: Any, capfd: pytest.CaptureFixture[str]) -> None:
    path = fetch(tmp_path / "new" / "folder", file(mirror.serve("/a", BODY)))
    assert path == tmp_path / "new" / "folder" / NAME
    assert path.read_bytes() == BODY
    assert names(path.parent) == {NAME}
    assert mirror.requests == [("/a", None)]
    assert NAME in capfd.readouterr().err  # the progress bar


def test_second_call_asks_nobody(tmp_path: Path, mirror: Any) -> None:
    entry = file(mirror.serve("/a", BODY))
    assert fetch(tmp_path, entry) == fetch(tmp_path, entry)
    assert len(mirror.requests) == 1


def test_file_placed_by_hand_is_used(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(BODY)
    assert fetch(tmp_path, file()) == tmp_path / NAME
    assert {path.name for path in tmp_path.iterdir()} == {NAME}


def test_read_only_folder(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(BODY)
    tmp_path.chmod(0o555)
    try:
        assert fetch(tmp_path, file()) == tmp_path / NAME
        assert os.listdir(tmp_path) == [NAME]  # also proves it for root, whom no mode stops
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("wrong", [b"", BODY[:-1], BODY + b"\0", b"x" + BODY[1:]])
def test_wrong_file_placed_by_hand_is_refused_and_kept(
    tmp_path: Path, mirror: Any, wrong: bytes
) -> None:
    (tmp_path / NAME).write_bytes(wrong)
    with pytest.raises(ValueError, match="Delete it") as refusal:
        fetch(tmp_path, file(mirror.serve("/a", BODY)))
    for part in (str(tmp_path / NAME), SHA256, hashlib.sha256(wrong).hexdigest()):
        assert part in str(refusal.value)
    assert (tmp_path / NAME).read_bytes() == wrong
    assert mirror.requests == []


@pytest.mark.parametrize("cut", [0, 1, 65_536, 100_001, len(BODY) - 1])
def test_cut_connection_is_resumed(tmp_path: Path, mirror: Any, cut: int) -> None:
    entry = file(mirror.serve("/a", BODY, cut=cut))
    with pytest.raises(ConnectionError, match="missing"):
        fetch(tmp_path, entry)
    assert names(tmp_path) == {f"{NAME}.partial"}
    assert (tmp_path / f"{NAME}.partial").read_bytes() == BODY[:cut]

    mirror.pages["/a"].cut = None
    assert fetch(tmp_path, entry).read_bytes() == BODY
    assert names(tmp_path) == {NAME}
    assert mirror.requests == [("/a", None), ("/a", f"bytes={cut}-" if cut else None)]


def test_second_mirror_goes_on_where_the_first_was_cut(tmp_path: Path, mirror: Any) -> None:
    urls = mirror.serve("/a", BODY, cut=5000), mirror.serve("/b", BODY)
    assert fetch(tmp_path, file(*urls)).read_bytes() == BODY
    assert mirror.requests == [("/a", None), ("/b", "bytes=5000-")]


def test_interrupted_by_the_user(
    tmp_path: Path, mirror: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(source, target, length=0):  # type: ignore[no-untyped-def]
        target.write(source.read(3000))
        raise KeyboardInterrupt

    entry = file(mirror.serve("/a", BODY))
    with monkeypatch.context() as patch:
        patch.setattr(download.shutil, "copyfileobj", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch(tmp_path, entry)
    assert fetch(tmp_path, entry).read_bytes() == BODY
    assert mirror.requests[1] == ("/a", "bytes=3000-")


@pytest.mark.parametrize(
    ("left", "ranges", "asked"),
    [
        pytest.param(BODY[:700], False, ["bytes=700-"], id="ranges ignored"),
        pytest.param(BODY, True, ["bytes=200000-"], id="killed before the rename"),
        pytest.param(b"?" * 700, True, ["bytes=700-", None], id="wrong beginning"),
        pytest.param(BODY + b"?", True, ["bytes=200001-", None], id="too long"),
    ],
)
def test_what_an_earlier_attempt_left(
    tmp_path: Path, mirror: Any, left: bytes, ranges: bool, asked: list[str | None]
) -> None:
    (tmp_path / f"{NAME}.partial").write_bytes(left)
    entry = file(mirror.serve("/a", BODY, ranges=ranges))
    assert fetch(tmp_path, entry).read_bytes() == BODY
    assert names(tmp_path) == {NAME}
    assert [asking for _, asking in mirror.requests] == asked


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"body": BODY[::-1]}, id="wrong bytes"),
        pytest.param({"body": BODY[:-5]}, id="short file"),
        pytest.param({"body": BODY, "status": 0}, id="no HTTP"),
        pytest.param({"body": BODY, "status": 404}, id="404"),
        pytest.param({"body": BODY, "status": 503}, id="503"),
        pytest.param({"body": BODY, "status": 416}, id="416 without a range"),
    ],
)
def test_bad_mirror_falls_over_to_the_next(
    tmp_path: Path, mirror: Any, bad: dict[str, Any]
) -> None:
    urls = mirror.serve("/bad", **bad), mirror.serve("/good", BODY)
    assert fetch(tmp_path, file(*urls)).read_bytes() == BODY
    assert mirror.requests == [("/bad", None), ("/good", None)]


def test_error_gives_each_reason_and_says_what_to_do(tmp_path: Path, mirror: Any) -> None:
    wrong = mirror.serve("/wrong", b"other bytes")
    absent = mirror.address + "/absent"
    with pytest.raises(ConnectionError) as failure:
        fetch(tmp_path, file(wrong, absent))
    message = str(failure.value)
    found = hashlib.sha256(b"other bytes").hexdigest()
    for part in (NAME, wrong, found, absent, "404", str(tmp_path), SHA256, "by hand"):
        assert part in message
    assert names(tmp_path) == set()  # wrong bytes are not kept


def test_unreachable_network_fails_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    start = time.monotonic()
    with pytest.raises(ConnectionError, match="Check the network"):
        fetch(tmp_path, file(f"http://127.0.0.1:{port}/a", "http://no-such-host.invalid/a"))
    assert time.monotonic() - start < 5


def test_silent_mirror_is_given_up(
    tmp_path: Path, mirror: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.1)
    urls = mirror.serve("/silent", BODY, delay=0.5), mirror.serve("/good", BODY)
    assert fetch(tmp_path, file(*urls)).read_bytes() == BODY


def test_threads_at_once_download_once(tmp_path: Path, mirror: Any) -> None:
    entry = file(mirror.serve("/a", BODY, delay=0.2))
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: fetch(tmp_path, entry), range(4)))
    assert {path.read_bytes() for path in paths} == {BODY}
    assert len(mirror.requests) == 1


def test_processes_at_once_download_once(tmp_path: Path, mirror: Any, alone: str) -> None:
    entry = file(mirror.serve("/a", BODY, delay=1.0))
    program = (
        alone + "import pathlib\n"
        "from ganzoo.datasets.catalog import File\n"
        "from ganzoo.datasets.download import fetch\n"
        "folder, name, sha256, *urls = sys.argv[1:]\n"
        "fetch(pathlib.Path(folder), File(name, sha256, tuple(urls)))\n"
    )
    arguments = [str(tmp_path), *dataclasses.astuple(entry)[:2], *entry.urls]
    both = [subprocess.Popen([sys.executable, "-c", program, *arguments]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert (tmp_path / NAME).read_bytes() == BODY
    assert len(mirror.requests) == 1
