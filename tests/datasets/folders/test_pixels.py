"""Decoded once, whatever happens meanwhile: kills, full disks, other processes."""

import dataclasses
import io
import json
import os
import shutil
import signal
import sys
import time

import numpy as np
import PIL
import pytest
from PIL import Image
from troubles import run_alone, saved, start_alone

from ganzoo.datasets.folders.entries import Entry
from ganzoo.datasets.folders.pixels import decode_all
from ganzoo.datasets.folders.prepare import Preparation
from ganzoo.datasets.folders.sources import find

SHAPE = (4, 4, 3)
PREPARATION = Preparation(SHAPE)
BAD = {5: b"no image", 11: b""}  # files among the images
posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")

# What the programs of the tests below begin with: read a folder, in the cache, in its own way.
PROGRAM = """
import hashlib, os, pathlib, sys, time
from ganzoo.datasets.folders.pixels import decode_all
from ganzoo.datasets.folders.prepare import Preparation
from ganzoo.datasets.folders.entries import Entry
from ganzoo.datasets.folders.sources import find

def read(folder, before_open=lambda name: None):
    def watched(entry):
        def open_it():
            before_open(entry.name)
            return entry.open()
        return Entry(entry.name, entry.mark, open_it)
    entries = [watched(entry) for entry in find(folder).entries]
    return decode_all(entries, Preparation((4, 4, 3)), memory_budget=0, progress=False)
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "folders"


@pytest.fixture(scope="module")
def colours():
    """A colour for each of 30 images, in the order of their names."""
    return np.random.default_rng(0).integers(0, 256, (30, 3), np.uint8)


@pytest.fixture
def folder(tmp_path, colours):
    """Images of one colour each, written in another order; two files are none."""
    root = tmp_path / "images"
    root.mkdir()
    for number in np.random.default_rng(1).permutation(len(colours)):
        picture = Image.new("RGB", (6, 5), tuple(map(int, colours[number])))
        (root / f"{number:03}.png").write_bytes(BAD.get(int(number)) or saved(picture, "PNG"))
    for number in BAD:
        (root / f"{number:03}.png").write_bytes(BAD[number])
    return root


def check(result, colours):
    """The rows are the usable files in the order of their names."""
    images, index = result
    usable = [number for number in range(len(colours)) if number not in BAD]
    assert index.names == [f"{number:03}.png" for number in usable]
    assert [name for name, _ in index.unusable] == [f"{number:03}.png" for number in BAD]
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(
        images, np.broadcast_to(colours[usable][:, None, None], (len(usable), *SHAPE))
    )


def read(folder, preparation=PREPARATION, budget=0, **options):
    """Read a folder, and return what comes of it and how many files were opened."""
    opened = []

    def watched(entry):
        def open_it():
            opened.append(entry.name)
            return entry.open()

        return Entry(entry.name, entry.mark, open_it)

    entries = [watched(entry) for entry in find(folder).entries]
    options = {"progress": False, **options}
    return decode_all(entries, preparation, memory_budget=budget, **options), len(opened)


def files(cache):
    """Return the names of all files in the cache but locks."""
    return sorted(
        path.name for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"
    )


def test_the_second_run_opens_nothing(folder, cache, colours):
    first, opened = read(folder)
    assert opened == len(colours)
    assert files(cache) == ["index.json", "pixels.bin"]
    second, opened = read(folder)
    assert opened == 0
    for result in (first, second):
        check(result, colours)
        assert isinstance(result[0], np.memmap)
    assert second[1] == first[1]
    assert type(second[0][[0, 3]]) is np.ndarray  # a batch is plain memory


def test_memory_and_disk_hold_the_same(folder, cache, colours):
    size = len(colours) * 4 * 4 * 3
    in_memory, _ = read(folder, budget=size)
    assert not cache.exists()
    assert not isinstance(in_memory[0], np.memmap)
    check(in_memory, colours)
    on_disk, _ = read(folder, budget=size - 1)
    assert files(cache) == ["index.json", "pixels.bin"]
    check(on_disk, colours)
    assert on_disk[1] == in_memory[1]


def test_rows_keep_the_order_of_the_files_however_long_each_takes(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    waits = np.random.default_rng(0).exponential(0.001, 250)

    def entry(number):
        def open_it():
            time.sleep(waits[number])
            return io.BytesIO(saved(Image.new("L", (1, 1), number), "PNG"))

        return Entry(str(number), (), open_it)

    images, index = decode_all(
        [entry(number) for number in range(250)],
        Preparation((1, 1, 1)),
        memory_budget=250,
        progress=False,
    )
    assert images.ravel().tolist() == list(range(250))
    assert index.names == [str(number) for number in range(250)]


CHANGES = {
    "another shape": lambda folder: {"image_shape": (4, 5, 3)},
    "other channels": lambda folder: {"image_shape": (4, 4, 1)},
    "another fit": lambda folder: {"fit": "pad"},
    "another background": lambda folder: {"background": "black"},
    "another filter": lambda folder: {"resample": "area"},
    "a new file": lambda folder: shutil.copy(folder / "000.png", folder / "new.png"),
    "a file less": lambda folder: (folder / "000.png").unlink(),
    "another name": lambda folder: (folder / "000.png").rename(folder / "0.png"),
    "other content": lambda folder: (folder / "000.png").write_bytes(b"none"),
    "another time": lambda folder: os.utime(folder / "000.png", ns=(1, 1)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(change, folder, cache):
    read(folder)
    options = CHANGES[change](folder)
    options = options if isinstance(options, dict) else {}
    changed = dataclasses.replace(PREPARATION, **options)
    count = len(list(folder.iterdir()))
    result, opened = read(folder, changed)
    assert opened == count
    fresh, _ = read(folder, changed, budget=2**20)
    np.testing.assert_array_equal(result[0], fresh[0])
    assert result[1] == fresh[1]
    assert read(folder, changed)[1] == 0


def test_files_of_the_same_mark_differ_by_name(cache):
    """As equal members of archives do."""
    data = saved(Image.new("RGB", (4, 4)), "PNG")
    for name in ("a.png", "b.png"):
        entries = [Entry(name, (1,), lambda: io.BytesIO(data))]
        _, index = decode_all(entries, PREPARATION, memory_budget=0, progress=False)
        assert index.names == [name]


def test_another_pillow_decodes_anew(folder, cache, colours, monkeypatch):
    """Its pixels may differ."""
    read(folder)
    monkeypatch.setattr(PIL, "__version__", "99.0")
    result, opened = read(folder)
    assert opened == len(colours)
    check(result, colours)


def test_equal_names_sizes_and_times_elsewhere_are_another_folder(tmp_path, cache):
    """As of archives with one date for all, unpacked side by side: each holds its own pixels."""
    for name, level in (("a", 10), ("b", 200)):
        path = tmp_path / name / "1.bmp"
        path.parent.mkdir()
        Image.new("L", (8, 8), level).save(path)
        os.utime(path, ns=(0, 0))
    for name, level in (("a", 10), ("b", 200)):
        assert (read(tmp_path / name)[0][0] == level).all()


@pytest.mark.parametrize("damage", ["pixels cut", "pixels gone", "index cut", "index gone"])
def test_a_damaged_cache_is_made_anew(damage, folder, cache, colours):
    read(folder)
    file, how = damage.split()
    (path,) = cache.glob(f"*/{file}.*")
    if how == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    result, opened = read(folder)
    assert opened == len(colours)
    check(result, colours)
    assert files(cache) == ["index.json", "pixels.bin"]
    assert read(folder)[1] == 0


@pytest.mark.parametrize("budget", [0, 2**20])
def test_strict_stops_at_the_first_bad_file(budget, folder, cache):
    with pytest.raises(ValueError, match=r"^005\.png cannot be used: no image.*strict=False"):
        read(folder, budget=budget, strict=True)
    assert files(cache) == []
    read(folder, budget=budget)
    with pytest.raises(ValueError, match=r"^005\.png cannot be used"):  # found again
        read(folder, budget=budget, strict=True)
    for number in BAD:
        (folder / f"{number:03}.png").unlink()
    read(folder, budget=budget, strict=True)


@pytest.mark.parametrize("budget", [0, 2**20])
def test_nothing_usable_is_an_empty_array(budget, tmp_path, cache):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "1.png").write_bytes(b"none")
    for _ in range(2):
        (images, index), _ = read(tmp_path / "images", budget=budget)
        assert images.shape == (0, *SHAPE)
        assert len(index.unusable) == 1


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), EOFError(), MemoryError()])
def test_a_file_that_fails_to_open_is_skipped_with_a_reason(error):
    def fail():
        raise error

    good = saved(Image.new("RGB", (4, 4)), "PNG")
    entries = [Entry("a", (), fail), Entry("b", (), lambda: io.BytesIO(good))]
    images, index = decode_all(entries, PREPARATION, memory_budget=2**20, progress=False)
    assert (len(images), index.names) == (1, ["b"])
    ((name, why),) = index.unusable
    assert (name, why) == (
        "a",
        error.strerror if isinstance(error, OSError) else type(error).__name__,
    )


def test_every_opened_file_is_closed():
    """Bad ones as well: two hundred thousand open files are not allowed."""
    opened = []

    def open_it(data):
        opened.append(io.BytesIO(data))
        return opened[-1]

    whole = {kind: saved(Image.new("RGB", (9, 9)), kind) for kind in ("GIF", "PNG", "TIFF", "WEBP")}
    contents = [*whole.values(), *(data[:50] for data in whole.values()), b"none", b""]
    entries = [
        Entry(str(i), (), lambda data=data: open_it(data)) for i, data in enumerate(contents)
    ]
    decode_all(entries, PREPARATION, memory_budget=2**20, progress=False)
    assert len(opened) == len(contents)
    assert all(file.closed for file in opened)


def test_an_interrupted_run_leaves_nothing(folder, cache, colours):
    def stop():
        raise KeyboardInterrupt

    entries = find(folder).entries
    entries = [*entries[:20], Entry(entries[20].name, entries[20].mark, stop), *entries[21:]]
    with pytest.raises(KeyboardInterrupt):
        decode_all(entries, PREPARATION, memory_budget=0, progress=False)
    assert files(cache) == []
    check(read(folder)[0], colours)


@posix
def test_two_processes_at_once_decode_once(folder, cache, tmp_path, colours):
    """Neither opens a file before both are about to decode."""
    program = (
        PROGRAM
        + """
here, folder = map(pathlib.Path, sys.argv[1:3])
def log(name):
    while len(list(here.glob("ready-*"))) < 2:
        time.sleep(0.001)
    time.sleep(0.005)
    with (here / "opened").open("a") as file:
        file.write(name + "\\n")
(here / f"ready-{os.getpid()}").touch()
images, index = read(folder, log)
print(hashlib.sha256(images).hexdigest(), len(index.names))
"""
    )
    here = tmp_path / "here"
    here.mkdir()
    both = [start_alone(program, here, folder) for _ in range(2)]
    printed = [process.communicate(timeout=60) for process in both]
    assert printed[0] == printed[1]
    assert printed[0][1] == ""
    names = (here / "opened").read_text().splitlines()
    assert sorted(names) == [f"{number:03}.png" for number in range(len(colours))]
    result, opened = read(folder)
    assert opened == 0
    check(result, colours)


@posix
def test_a_killed_run_leaves_nothing_behind(folder, cache, colours):
    """It is killed while it decodes, by a signal that lets nothing be cleaned up."""
    program = (
        PROGRAM
        + """
def stand_still(name):
    if name == "025.png":
        print("standing still", flush=True)
        time.sleep(600)
read(sys.argv[1], stand_still)
"""
    )
    with start_alone(program, folder) as process:
        assert process.stdout.readline() == "standing still\n"
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    (litter,) = files(cache)
    assert litter.startswith(".partial-")
    result, opened = read(folder)
    assert opened == len(colours)
    check(result, colours)
    assert files(cache) == ["index.json", "pixels.bin"]


@posix
def test_a_full_disk_is_a_clear_error(folder, cache):
    """A limit of the file size stands for it, in a process of its own: it would hit the tests."""
    program = (
        PROGRAM
        + """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (500, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    read(sys.argv[1])
except OSError as error:
    print(error)
"""
    )
    printed = run_alone(program, folder)
    assert printed.startswith(f"The decoded images could not be kept in {cache}: ")
    assert "GANZOO_HOME" in printed
    assert "memory_budget" in printed
    assert files(cache) == []


def test_names_of_any_bytes_survive_the_index(folder, cache):
    strange = ["line\nbreak.png", "\udce9.png", "ü🐱.png", '"quoted".png']
    data = (folder / "000.png").read_bytes()
    entries = [Entry(name, (1,), lambda: io.BytesIO(data)) for name in strange]
    entries += [Entry(f"bad {name}", (1,), lambda: io.BytesIO(b"none")) for name in strange]
    for _ in range(2):
        _, index = decode_all(entries, PREPARATION, memory_budget=0, progress=False)
        assert index.names == strange
        assert [name for name, _ in index.unusable] == [f"bad {name}" for name in strange]
    (path,) = cache.glob("*/index.json")
    assert json.loads(path.read_text())[0] == strange


def test_progress_shows_only_when_asked_for(folder, capfd, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    for progress in (False, True):
        read(folder, budget=2**20, progress=progress)
        assert ("30/30" in capfd.readouterr().err) == progress
