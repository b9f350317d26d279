import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ganzoo import files


@pytest.mark.parametrize(
    "error", [RuntimeError(), KeyboardInterrupt(), OSError(28, "no space")], ids=repr
)
@pytest.mark.parametrize("old", [None, b"old"])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error, old):
    path = tmp_path / "model.bin"
    if old:
        path.write_bytes(old)

    def write():
        with files.whole_file(path) as partial:
            partial.write_bytes(b"half")
            raise error

    with pytest.raises(type(error)):
        write()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([old] if old else [])


def test_a_block_that_writes_nothing_leaves_the_old_file(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"old")
    with pytest.raises(FileNotFoundError), files.whole_file(path):
        pass
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_file_appears_only_at_the_end(tmp_path):
    path = tmp_path / "new" / "folder" / "picture.png"
    with files.whole_file(path) as partial:
        partial.write_bytes(b"new")
        assert not path.exists()
        assert partial.parent == path.parent
        assert partial.suffix == ".png"
        assert partial.name.startswith(files.PARTIAL_PREFIX)
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_bytes_are_synced_before_the_name_appears(tmp_path, monkeypatch):
    """After a power cut a name without its bytes would be a damaged file."""
    events = []
    real = {"fsync": os.fsync, "replace": os.replace}
    for name in real:
        monkeypatch.setattr(
            files.os, name, lambda *a, name=name: (events.append(name), real[name](*a))
        )
    with files.whole_file(tmp_path / "model.bin") as partial:
        partial.write_bytes(b"new")
    assert events == ["fsync", "replace", "fsync"]  # the file, its name, the folder


@pytest.mark.parametrize("relative", [True, False])
def test_a_path_may_be_relative_and_a_string(tmp_path, monkeypatch, relative):
    monkeypatch.chdir(tmp_path)
    with files.whole_file("a.txt" if relative else str(tmp_path / "a.txt")) as partial:
        partial.write_text("a")
    assert (tmp_path / "a.txt").read_text() == "a"


def test_concurrent_writers_leave_one_whole_file(tmp_path):
    """Every reader sees the whole file of one writer, at any moment."""
    path, count, torn = tmp_path / "model.bin", 8, []
    start = threading.Barrier(count + 1)

    def write(number):
        start.wait()
        for _ in range(5):
            with files.whole_file(path) as partial, partial.open("wb") as file:
                for _ in range(100):
                    file.write(bytes([number]) * 1000)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(count)]
    for writer in writers:
        writer.start()
    start.wait()
    while any(writer.is_alive() for writer in writers):
        if path.exists():
            data = path.read_bytes()
            if len(data) != 100_000 or len(set(data)) != 1:
                torn.append(data)
    assert not torn
    assert list(tmp_path.iterdir()) == [path]


def contents(folder):
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*.*")}


@pytest.mark.parametrize("old", [None, {}, {"a.pb": b"old", "more/b.bin": b"old"}])
def test_a_folder_appears_at_the_end_and_replaces_the_old_one(tmp_path, old):
    path = tmp_path / "new" / "model"
    for name, data in (old or {}).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    if old is not None:
        path.mkdir(parents=True, exist_ok=True)
    with files.whole_folder(path) as partial:
        (partial / "inner").mkdir()
        (partial / "inner" / "c.pb").write_bytes(b"new")
        assert (contents(path) if path.exists() else None) == old
    assert contents(path) == {"inner/c.pb": b"new"}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("moment", ["while filling", "while renaming"])
def test_an_error_leaves_the_old_folder_and_nothing_else(tmp_path, monkeypatch, moment):
    path = tmp_path / "model"
    path.mkdir()
    (path / "a.pb").write_bytes(b"old")
    replace = os.replace

    def fail(source, target):
        if target == path and not (source / "a.pb").exists():
            raise PermissionError(13, "in use")
        replace(source, target)

    def write():
        with files.whole_folder(path) as partial:
            (partial / "b.pb").write_bytes(b"half")
            if moment == "while filling":
                raise OSError(28, "no space")

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(OSError, match=r"no space|in use"):
        write()
    assert contents(tmp_path) == {"model/a.pb": b"old"}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"old")
    code = (
        "import importlib.util, os, signal, sys\n"
        f"spec = importlib.util.spec_from_file_location('files', {files.__file__!r})\n"
        "files = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(files)\n"
        "with files.whole_file(sys.argv[1]) as partial:\n"
        "    partial.write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, path]).returncode == -9
    assert path.read_bytes() == b"old"


def picky(monkeypatch, number, refused):
    """Let `fsync` fail for what `refused` says, given its mode."""
    fsync = os.fsync

    def flush(descriptor):
        if refused(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(descriptor)

    monkeypatch.setattr(files.os, "fsync", flush)


def write(whole, path):
    with whole(path) as partial:
        target = partial if whole is files.whole_file else partial / "inner.bin"
        target.write_bytes(b"new")


BOTH = pytest.mark.parametrize("whole", [files.whole_file, files.whole_folder])


@BOTH
@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EIO, errno.EACCES])
def test_a_drive_that_cannot_flush_a_folder_serves(tmp_path, monkeypatch, whole, number):
    """Network drives, shared folders of virtual machines: the bytes are safe, the name is there."""
    picky(monkeypatch, number, stat.S_ISDIR)
    write(whole, tmp_path / "new" / "model")
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["model"]


@BOTH
def test_a_folder_that_may_not_be_opened_serves(tmp_path, monkeypatch, whole):
    real = os.open

    def refuse(path, *rest):
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *rest)

    monkeypatch.setattr(files.os, "open", refuse)
    write(whole, tmp_path / "model")
    monkeypatch.undo()
    assert [each.name for each in tmp_path.iterdir()] == ["model"]


@BOTH
def test_a_drive_without_any_flushing_serves_but_a_broken_one_is_told(tmp_path, monkeypatch, whole):
    picky(monkeypatch, errno.EINVAL, lambda mode: True)
    write(whole, tmp_path / "model")
    monkeypatch.undo()
    picky(monkeypatch, errno.EIO, stat.S_ISREG)  # the bytes themselves may be lost
    with pytest.raises(OSError, match="other could not be written: Input/output error"):
        write(whole, tmp_path / "other")
    assert [each.name for each in tmp_path.iterdir()] == ["model"]


@BOTH
def test_the_home_folder_is_found(tmp_path, monkeypatch, whole):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "me"))
    monkeypatch.chdir(tmp_path)
    write(whole, "~/runs/model")
    write(whole, "~nobody_is_called_so")  # the name of a file like any other
    assert (tmp_path / "me" / "runs" / "model").exists()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["me", "~nobody_is_called_so"]


@pytest.fixture
def homeless(monkeypatch, tmp_path):
    """Take the home folder away, as in some containers."""
    monkeypatch.setattr(os.path, "expanduser", os.fspath)
    for name in ("GANZOO_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@BOTH
def test_without_a_home_a_sentence_says_so(homeless, tmp_path, whole):
    with pytest.raises(FileNotFoundError, match=r"~/a begins with the home folder, and this acc"):
        write(whole, "~/a")
    with pytest.raises(FileNotFoundError, match=r"no home folder .* set GANZOO_HOME to a folder"):
        files.home()
    assert not list(tmp_path.iterdir())


@BOTH
@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EROFS, "Choose a folder that you may write to."),
        (errno.EACCES, "Choose a folder that you may write to."),
        (errno.ENOSPC, "Free some space, or choose another folder."),
        (errno.EDQUOT, "Your quota is used up: free some space, or choose another folder."),
    ],
)
def test_a_place_that_takes_nothing_is_told_in_a_sentence(
    tmp_path, monkeypatch, whole, number, remedy
):
    """The user's path, not the temporary one beside it."""
    path, reason = tmp_path / "model", os.strerror(number)

    def refuse(source, target):
        raise OSError(number, reason, str(source), None, str(target))

    monkeypatch.setattr(files.os, "replace", refuse)
    with pytest.raises(OSError, match="could not be written") as raised:
        write(whole, path)
    assert str(raised.value) == f"{path} could not be written: {reason}. {remedy}"
    assert raised.value.errno == number
    assert isinstance(raised.value, PermissionError) == (number == errno.EACCES)
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_place_of_a_folder_is_told_in_a_sentence(tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(OSError, match=r"notes.run.model could not be written: "):
        write(files.whole_file, tmp_path / "notes" / "run" / "model")


def test_errors_about_something_else_stay_as_they_are(tmp_path):
    with (
        pytest.raises(FileNotFoundError) as raised,
        files.whole_file(tmp_path / "copy"),
        (tmp_path / "source").open(),
    ):
        pass
    assert raised.value.filename == str(tmp_path / "source")
    refused = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    with pytest.raises(ConnectionRefusedError) as other, files.whole_file(tmp_path / "download"):
        raise refused
    assert other.value is refused


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"GANZOO_HOME": "/a/b", "XDG_CACHE_HOME": "/x"}, "/a/b"),
        ({"GANZOO_HOME": "~/zoo"}, "/home/me/zoo"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/ganzoo"),
        ({"XDG_CACHE_HOME": "", "GANZOO_HOME": ""}, "/home/me/.cache/ganzoo"),
    ],
)
def test_home(monkeypatch, environment, expected):
    monkeypatch.setenv("HOME", "/home/me")
    for name in ("GANZOO_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert files.home() == Path(expected)
