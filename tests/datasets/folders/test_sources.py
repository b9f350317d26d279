"""Which files of a folder or an archive are looked at, and that nothing can lead astray."""

import contextlib
import io
import os
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from troubles import SCENE, run_alone, saved

from ganzoo.datasets.folders import sources
from ganzoo.datasets.folders.pixels import decode_all
from ganzoo.datasets.folders.prepare import Preparation
from ganzoo.datasets.folders.sources import find, top_folder
from ganzoo.names import printable

GREY = Preparation((2, 2, 1))
PICTURE = saved(SCENE[::8, ::8], "PNG")

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


def archive(path, members):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def names(source):
    return [entry.name for entry in source.entries]


def contents(source):
    """Return the bytes of each entry, read as decoding reads them: seekable, closed at the end."""
    read = {}
    for entry in source.entries:
        with entry.open() as file:
            read[entry.name] = file.read(3), file.seek(0), file.read()
    return {name: (start == whole[:3] and whole) for name, (start, _, whole) in read.items()}


def test_everything_is_found_in_the_order_of_names(tmp_path):
    wanted = ["b/1.png", "a/z/deep/2.JPG", "a/10.gif", "a/9.gif", "Z", "ä.png", "a.b/3.webp"]
    passed_over = ["a/.DS_Store", "Thumbs.db", "b/x.TXT", "z.jpeg.xmp", ".git/config", "a/._9.gif"]
    make(tmp_path, *wanted, *passed_over)
    source = find(tmp_path)
    assert names(source) == sorted(wanted)
    assert contents(source) == {name: name.encode() for name in wanted}
    assert source.ignored == 5  # .git is not entered
    assert source.unusable == ()


def test_an_archive_is_as_its_folder(tmp_path):
    files = ["b/1.png", "a/z/2.jpg", "3", "x.png/4.png", "x.txt/5.png", "n.txt", "__MACOSX/._3"]
    folder = find(make(tmp_path / "folder", *files))
    members = {"b/": b"", **{name: name.encode() for name in files}}
    zipped = find(archive(tmp_path / "a.zip", members))
    assert names(zipped) == names(folder) == sorted(files[:5])
    assert contents(zipped) == contents(folder)
    assert zipped.ignored == 2


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["photos/2023/1.png", "photos/2023/2.png"], ["1.png", "2.png"]),
        (["photos/a/1.png", "photos/b/1.png"], ["a/1.png", "b/1.png"]),
        (["photos/a/1.png", "photos/2.png"], ["2.png", "a/1.png"]),
        (["photos/1.png", "notes.txt", "__MACOSX/photos/1.png"], ["1.png"]),
        (["a/1.png", "ab/1.png"], ["a/1.png", "ab/1.png"]),
        (["a/a/1.png"], ["1.png"]),
        (["1.png"], ["1.png"]),
    ],
)
def test_a_folder_that_holds_everything_is_left_out_of_names(tmp_path, files, found):
    assert names(find(make(tmp_path / "folder", *files))) == found
    members = {name: name.encode() for name in files}
    zipped = find(archive(tmp_path / "a.zip", members))
    assert names(zipped) == found
    assert all(whole.decode().endswith(name) for name, whole in contents(zipped).items())


def test_members_are_named_as_if_unpacked_in_an_empty_folder(tmp_path):
    members = {
        "./a/1.png": "a/1.png",
        "../../etc/2.png": "etc/2.png",
        "/root/3.png": "root/3.png",
        "//root/4.png": "root/4.png",
        "b/../5.png": "5.png",
        "b//6.png": "b/6.png",
        "win\\7.png": "win/7.png",
    }
    path = archive(tmp_path / "a.zip", {name: name for name in members})
    before = sorted(tmp_path.parent.rglob("*"))
    source = find(path)
    assert contents(source) == {new: old.encode() for old, new in members.items()}
    assert sorted(tmp_path.parent.rglob("*")) == before
    assert source.unusable == ()


@posix
def test_links_are_followed_once_and_pipes_never(tmp_path):
    root = make(tmp_path / "root", "a/1.png", "b/2.png")
    make(tmp_path / "elsewhere", "3.png")
    (root / "a/up").symlink_to("..")
    (root / "b/a again").symlink_to("../a")
    (root / "c").symlink_to(tmp_path / "elsewhere")
    (root / "d").symlink_to(tmp_path / "elsewhere")
    (root / "one.png").symlink_to("a/1.png")
    (root / "to itself").symlink_to("to itself")
    (root / "to nothing.png").symlink_to("nothing")
    (root / "to nothing.txt").symlink_to("nothing")
    os.mkfifo(root / "pipe.png")
    os.mkfifo(root / ".pipe")
    source = find(root)
    assert names(source) == ["a/1.png", "b/2.png", "c/3.png", "one.png"]
    assert dict(source.unusable).keys() == {"pipe.png", "to itself", "to nothing.png"}
    assert source.ignored == 2
    with pytest.raises(FileNotFoundError, match=r"no folder or zip archive at '.*pipe\.png'"):
        find(root / "pipe.png")  # would wait for ever
    assert names(find(root / "c")) == ["3.png"]


@posix
def test_what_may_not_be_read_is_named(tmp_path):
    """Another user looks: root may read everything."""
    root = make(tmp_path / "root", "closed/1.png", "closed.png", "open.png")
    (root / "closed").chmod(0)
    (root / "closed.png").chmod(0)
    root.chmod(0o755)
    program = (
        "import os, sys\n"
        "from ganzoo.datasets.folders.sources import find\n"
        "os.chdir(sys.argv[1])\n"
        "if os.getuid() == 0: os.setgroups([]), os.setgid(65534), os.setuid(65534)\n"
        "source = find('.')\n"
        "print([entry.name for entry in source.entries], source.unusable)\n"
        "try: source.entries[0].open()\n"
        "except PermissionError as error: print(error.filename)\n"
    )
    try:
        printed = run_alone(program, root).splitlines()
    finally:
        (root / "closed").chmod(0o755)
    assert printed == [
        "['closed.png', 'open.png'] (('closed/', 'permission denied'),)",
        "closed.png",
    ]


def test_a_mark_changes_with_the_content(tmp_path):
    def mark(source):
        (entry,) = source.entries
        return entry.mark

    path = make(tmp_path / "folder", "1.png") / "1.png"
    first = mark(find(path.parent))
    assert mark(find(path.parent)) == first
    status = path.stat()
    path.write_bytes(b"2.png")  # as long, and made to look as old
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    if os.name == "posix":  # Windows keeps no such time
        assert mark(find(path.parent)) != first
    os.utime(path, ns=(1, 1))
    assert mark(find(path.parent)) != first

    zips = [archive(tmp_path / f"{word}.zip", {"1.png": word}) for word in ("one", "two", "three")]
    os.utime(zips[1], ns=(zips[0].stat().st_atime_ns, zips[0].stat().st_mtime_ns))
    assert len({mark(find(each)) for each in zips}) == 3
    moved = zips[0].rename(tmp_path / "moved.zip")
    again = archive(tmp_path / "again.zip", {"1.png": "one"})
    assert mark(find(moved)) == mark(find(again))


def test_what_is_neither_folder_nor_archive(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder or zip archive at '.*nowhere'"):
        find(tmp_path / "nowhere")
    picture = tmp_path / "a.png"
    picture.write_bytes(PICTURE)
    whole = archive(tmp_path / "a.zip", {"1.png": b"1" * 999}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-30])
    (tmp_path / "empty.zip").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "newer.zip", "w") as file:
        file.writestr("1.png", PICTURE)
        file.getinfo("1.png").extract_version = 99
    for name in ("a.png", "cut.zip", "empty.zip", "newer.zip"):
        with pytest.raises(ValueError, match=f"{name}' is neither a folder nor a whole zip"):
            find(tmp_path / name)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_archive_is_refused_or_read(changes):
    """Never another error, whatever byte is wrong: what cannot be used has a reason."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as writer:
        for name in ("a/1.png", "b/2.png", "ü.png"):
            writer.writestr(name, PICTURE)
    data = bytearray(file.getvalue())
    for position, value in changes:
        data[position % len(data)] = value
    found = []
    with contextlib.suppress(ValueError):
        found = list(sources._in_archive(_Path(data)))
    entries = [each for each in found if isinstance(each, sources.Entry)]
    unusable = [each for each in found if not isinstance(each, sources.Entry)]
    images, index = decode_all(entries, GREY, memory_budget=2**20, progress=False)
    assert len(images) == len(index.names) == len(entries) - len(index.unusable)
    assert all(why for _, why in (*unusable, *index.unusable))


class _Path(io.BytesIO):
    """A file in memory where the module takes a path."""

    def __fspath__(self):
        return "in memory"

    def open(self, mode):
        return io.BytesIO(self.getvalue())


def test_absurd_and_encrypted_members_are_not_unpacked(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("closed.png", "huge.png", "small.png"):
            file.writestr(name, b"1")
        file.getinfo("closed.png").flag_bits |= 1
        file.getinfo("huge.png").file_size = 2**31
    source = find(path)
    assert names(source) == ["small.png"]
    assert source.unusable == (
        ("closed.png", "encrypted"),
        ("huge.png", "unpacks to 2,147,483,648 bytes, absurdly large"),
    )


def test_members_are_read_by_many_threads_at_once(tmp_path):
    rng = np.random.default_rng(0)
    members = {f"{number:03}.png": rng.bytes(5000) for number in range(100)}
    source = find(archive(tmp_path / "a.zip", members))
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda entry: entry.open().read(), source.entries))
    assert read == list(members.values())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=())))
def test_printable_names_show_on_one_line_of_any_terminal(name):
    shown = printable(name)
    assert shown.isprintable()
    if name.isprintable():
        assert shown == name


def test_printable_names_suit_a_narrow_terminal(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert printable("caf\xe9\n\udcff.png") == r"caf\xe9\n\udcff.png"
    monkeypatch.setattr(sys, "stdout", None)  # as without a console
    assert printable("caf\xe9") == "caf\xe9"


def test_top_folder():
    assert [top_folder(name) for name in ("a/b/1.png", "a/1.png", "1.png")] == ["a", "a", ""]
