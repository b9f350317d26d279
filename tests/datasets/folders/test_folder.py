"""A stranger's folder and archive: read, reported file by file, and trained on."""

import collections
import io
import os
import re
import shutil
import sys
import zipfile

import keras
import numpy as np
import pytest
from PIL import Image, ImageFile
from troubles import IGNORED, SCENE, TRUNCATED, UNSEEN, USED, saved, troubles, write

import ganzoo
from ganzoo.datasets import image_folder
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.folders import picture_files, sources
from ganzoo.datasets.folders.decode import UnusableImageError, open_image
from ganzoo.datasets.folders.picture_files import read_folder
from ganzoo.datasets.folders.prepare import Preparation
from ganzoo.datasets.folders.sub_folders import in_natural_order

SHAPE = (8, 8, 3)
ALL = troubles()
PLAIN = saved(SCENE, "PNG")


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    """Keep the user's cache out of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANZOO_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def torture(tmp_path_factory):
    root = tmp_path_factory.mktemp("torture")
    for each in ALL:
        write(root, each)
    return root


@pytest.fixture(scope="module")
def tortured(torture):
    """The folder, shrunk so that each pixel is the mean of a box of the scene."""
    return read(torture)


def read(path, **options):
    options = {"fit": "stretch", "resample": "area", "verbose": False, **options}
    return image_folder(path, SHAPE, **options)


def fill(folder, **counts):
    """Make sub-folders of so many images; the same colour for those of one name."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        colour = {"red": "red", "blue": "blue"}.get(name, "teal")
        picture = saved(Image.new("RGB", (8, 8), colour), "PNG")
        for number in range(count):
            (folder / name / f"{number}.png").write_bytes(picture)
    return folder


def numbered(folder, count):
    """Make images that tell their number on the left and whether they are mirrored."""
    folder.mkdir()
    for number in range(count):
        pixels = np.full((8, 8), 255, np.uint8)
        pixels[:, :4] = number
        Image.fromarray(pixels).save(folder / f"{number:03}.png")
    return folder


def numbers(images):
    return images[:, 0, 0, 0].astype(int)


def check_report(folder, expected, ignored):
    """Every file has the fate that was written down for it, and no other file is named."""
    report = folder.report
    assert folder.names == sorted(each.name for each in expected if each.fate == USED)
    assert report.used == len(folder.images) == len(folder.names)
    skipped = dict(report.skipped)
    assert len(skipped) == len(report.skipped)
    assert skipped.keys() == {
        each.name for each in expected if each.fate not in (USED, IGNORED, UNSEEN)
    }
    for each in expected:
        if each.name in skipped:
            assert re.fullmatch(each.fate, skipped[each.name]), each.name
    assert report.ignored == sum(each.fate in ignored for each in expected)


def check_pixels(folder, expected):
    """Every used picture shows its scene, but for the middle, where the loss of JPEG is large."""
    shown = dict(zip(folder.names, folder.images, strict=True))
    away = [0, 1, 2, 5, 6, 7]
    compared = 0
    for each in expected:
        if each.fate == USED and each.quarters:
            colours = np.stack([np.broadcast_to(colour, 3) for colour in each.quarters])
            scene = colours.reshape(2, 2, 3).repeat(4, 0).repeat(4, 1).astype(int)
            error = np.abs(shown[each.name] - scene)[away][:, away]
            assert error.max() <= each.off, each.name
            compared += 1
    assert compared > 60


def test_the_torture_is_complete():
    assert len(ALL) == len({each.name for each in ALL}) > 130
    assert sum(each.fate == USED for each in ALL) > 75
    assert sum(each.fate not in (USED, IGNORED, UNSEEN) for each in ALL) > 35


def test_every_file_of_the_torture_has_its_fate(tortured):
    check_report(tortured, ALL, [IGNORED])
    check_pixels(tortured, ALL)
    assert tortured.report.enlarged == (
        "netpbm/text.pbm",
        *("sizes/1 pixel.png", "sizes/tall.png", "sizes/wide.png"),
    )
    lines = str(tortured.report).splitlines()
    assert all(line.isprintable() for line in lines)
    assert lines[0].endswith(f": {tortured.report.used} images as 8x8x3")
    assert "  enlarged, and so a little soft: 4" in lines


def test_the_torture_on_disk_is_the_same(torture, tortured):
    for _ in range(2):
        on_disk = read(torture, memory_budget=0)
        assert isinstance(on_disk.images, np.memmap)
        np.testing.assert_array_equal(on_disk.images, tortured.images)
        assert on_disk.names == tortured.names
        assert on_disk.report == tortured.report


def test_the_torture_as_an_archive(torture, tortured, tmp_path):
    """Nothing is written anywhere, and what is wrong with a member costs that member alone."""
    members = [
        each
        for each in ALL
        if isinstance(each.content, bytes) and "\\" not in each.name and each.name.isascii()
    ]
    path = tmp_path / "deep" / "torture.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in members:
            archive.writestr(each.name, each.content)
        for name in ("encrypted", "wrong sum", "unknown method", "huge", "../../up", "/root/abs"):
            archive.writestr(f"{name}.png", PLAIN)
        archive.getinfo("encrypted.png").flag_bits |= 1
        archive.getinfo("wrong sum.png").CRC ^= 1
        archive.getinfo("unknown method.png").compress_type = 99
        archive.getinfo("huge.png").file_size = 2**31
    before = sorted(tmp_path.parent.rglob("*"))
    zipped = read(path)
    assert sorted(tmp_path.parent.rglob("*")) == before
    assert not os.path.exists("/root/abs.png")

    skipped = dict(zipped.report.skipped)
    for name, why in {
        "encrypted.png": "encrypted",
        "wrong sum.png": "Bad CRC-32",
        "unknown method.png": "That compression method is not supported",
        "huge.png": "unpacks to 2,147,483,648 bytes",
    }.items():
        assert skipped.pop(name).startswith(why)
    names = {each.name for each in members}
    expected = {name: why for name, why in tortured.report.skipped if name in names}
    assert skipped == expected
    of_folder = dict(zip(tortured.names, tortured.images, strict=True))
    of_folder |= {"up.png": of_folder["png/plain.png"], "root/abs.png": of_folder["png/plain.png"]}
    assert set(zipped.names) == (of_folder.keys() & names) | {"up.png", "root/abs.png"}
    for name, image in zip(zipped.names, zipped.images, strict=True):
        np.testing.assert_array_equal(image, of_folder[name])
    assert zipped.report.ignored == sum(each.fate in (IGNORED, UNSEEN) for each in members)


def test_a_gan_trains_on_the_torture(torture):
    gan = ganzoo.DCGAN(SHAPE, base_filters=2, seed=0)
    gan.compile()
    folder = image_folder(torture, SHAPE, batch_size=16, flip=True, verbose=False)
    history = gan.fit(folder, epochs=1, steps_per_epoch=2, verbose=0)
    assert len(history.epoch) == 1
    assert all(np.isfinite(values).all() for values in history.history.values())


def test_a_plain_keras_model_learns_the_classes(tmp_path):
    """Labels stay with their images, on the way through Keras as well."""
    folder = image_folder(
        fill(tmp_path, red=5, blue=12), SHAPE, labels="inferred", batch_size=8, verbose=False
    )
    assert folder.class_names == ["blue", "red"]
    model = keras.Sequential(
        [
            keras.layers.Rescaling(1 / 255),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(0.3)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(folder, epochs=8, verbose=0)
    assert history.history["accuracy"][-1] == 1
    colours = np.zeros((2, *SHAPE), "uint8")
    colours[0, ..., 2] = colours[1, ..., 0] = 255  # blue, red
    answers = model(colours)
    assert keras.ops.convert_to_numpy(answers).argmax(-1).tolist() == [0, 1]


def test_strict_stops_at_the_first_bad_file(torture, tmp_path):
    with pytest.raises(ValueError, match=r"cannot be used: .*pass strict=False"):
        read(torture, strict=True)
    fill(tmp_path, a=2)
    assert read(tmp_path, strict=True).report.used == 2
    (tmp_path / "a" / "notes.txt").write_text("ignored")
    assert read(tmp_path, strict=True).report.used == 2
    (tmp_path / "a" / "z\n.png").write_bytes(PLAIN[:60])
    with pytest.raises(ValueError, match=rf"^z\\n\.png cannot be used: {TRUNCATED}\."):
        read(tmp_path, strict=True)


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_strict_looks_for_unreadable_files_before_it_decodes(tmp_path, monkeypatch):
    fill(tmp_path, a=2)
    (tmp_path / "z.png").symlink_to("nowhere")
    monkeypatch.setattr(picture_files, "decode_all", None)
    with pytest.raises(ValueError, match=r"^z\.png cannot be used: no such file"):
        read(tmp_path, strict=True)


def test_without_a_usable_image_the_error_says_what_was_found(tmp_path):
    with pytest.raises(ValueError, match=r"no usable image\. Found: 0 other files, 0 hidden files"):
        read(tmp_path)
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("text")
    with pytest.raises(ValueError, match="0 other files, 3 hidden files and sidecars"):
        read(tmp_path)
    for number in range(12):
        (tmp_path / f"paper {number:02}\n.PDF").write_bytes(b"%PDF-1.4")
    (tmp_path / "script").write_text("#!/bin/sh")
    with pytest.raises(ValueError, match="no usable image") as refusal:
        read(tmp_path)
    first, *files, last = str(refusal.value).splitlines()
    assert first.endswith(
        "Found: 13 other files (12 .pdf, 1 no ending), 3 hidden files and sidecars."
    )
    assert files == [
        rf"  paper {number:02}\n.PDF: PDF; export its pages as PNG" for number in range(10)
    ]
    assert last.startswith("Expected JPEG, PNG, GIF, BMP, WebP, TIFF, AVIF, PPM")


def test_the_report_says_what_became_of_the_files(tmp_path, capsys):
    fill(tmp_path, cats=2, dogs=1001)
    Image.new("RGB", (7, 9)).save(tmp_path / "cats" / "small.png")
    for number in range(12):
        (tmp_path / "dogs" / f"bad {number:02}\t.png").write_bytes(b"")
    (tmp_path / "Thumbs.db").write_bytes(b"")
    folder = read(tmp_path, labels="inferred", verbose=True)
    assert str(folder.report).splitlines() == [
        f"{tmp_path}: 1,004 images as 8x8x3",
        "  2 classes: cats 3, dogs 1,001",
        "  enlarged, and so a little soft: 1",
        "  skipped files: 12",
        *(rf"    dogs/bad {number:02}\t.png: the file is empty" for number in range(10)),
        "    and 2 more, all in `.report.skipped`",
    ]
    assert capsys.readouterr().out == f"{folder.report}\n"
    assert (folder.report.enlarged, folder.report.ignored) == (("cats/small.png",), 1)
    read(tmp_path)
    assert capsys.readouterr().out == ""


def test_the_report_prints_on_a_narrow_terminal(tmp_path, monkeypatch):
    """As Windows has it, where the output goes to a file."""
    fill(tmp_path, **{"katzen_ä": 1, "猫": 1})
    (tmp_path / "猫" / "bad ä.png").write_bytes(b"")
    narrow = io.TextIOWrapper(io.BytesIO(), "cp1252")
    monkeypatch.setattr(sys, "stdout", narrow)
    read(tmp_path, labels="inferred", verbose=True)
    narrow.seek(0)
    assert "katzen_ä 1, \\u732b 1" in narrow.read()


def test_classes_are_the_sub_folders(tmp_path):
    """In any depth below, in alphabetical order; other images are skipped."""
    fill(tmp_path, b=2, a=1, captions=0, **{"b b": 1})  # whose files come before those of "b"
    fill(tmp_path / "b", deeper=1, empty=0)
    (tmp_path / "captions" / "a.txt").write_text("a sidecar makes no class")
    (tmp_path / "b" / "broken.png").write_bytes(b"")
    (tmp_path / "outside.png").write_bytes(PLAIN)
    folder = read(tmp_path, labels="inferred")
    assert folder.class_names == ["a", "b", "b b"]
    assert folder.names == ["a/0.png", "b b/0.png", "b/0.png", "b/1.png", "b/deeper/0.png"]
    assert folder.labels.tolist() == [0, 2, 1, 1, 1]
    assert folder.labels.dtype == np.int32
    assert folder.report.classes == {"a": 1, "b": 3, "b b": 1}
    assert dict(folder.report.skipped) == {
        "outside.png": "lies in no class's sub-folder",
        "b/broken.png": "the file is empty",
    }
    without = read(tmp_path)
    assert (without.labels, without.class_names, without.report.classes) == (None, None, {})
    assert without.report.used == 6


@pytest.mark.parametrize("zipped", [False, True])
def test_a_class_without_images_is_refused(tmp_path, zipped):
    """Whether its folder is empty, holds hidden files alone, or no usable image."""

    def refused(folder, message):
        path = shutil.make_archive(folder, "zip", folder) if zipped else folder
        with pytest.raises(ValueError, match=message):
            read(path, labels="inferred")

    empty = fill(tmp_path / "empty", cats=2, dogs=0)
    refused(empty, "sub-folders without a file: dogs.*fill or remove")
    (empty / "dogs" / ".DS_Store").write_bytes(b"")
    refused(empty, "sub-folders without a file: dogs")
    broken = fill(tmp_path / "broken", cats=2, dogs=0)
    (broken / "dogs" / "a.png").write_bytes(PLAIN[:60])
    refused(broken, r"no usable image of the class dogs: dogs.a\.png: truncated.*remove")
    refused(fill(tmp_path / "one", cats=2), "one sub-folder alone, 'cats'")
    assert read(empty).report.used == 2  # without classes, it is no trouble


def test_numbered_classes_are_in_the_order_of_their_numbers(tmp_path):
    fill(tmp_path, **{str(number): 1 for number in range(1, 12)})
    folder = read(tmp_path, labels="inferred")
    assert folder.class_names == [str(number) for number in range(1, 12)]
    assert folder.class_names[folder.labels[folder.names.index("10/0.png")]] == "10"
    assert in_natural_order(["10", "2", "-1", "0.5"]) == ["-1", "0.5", "2", "10"]
    assert in_natural_order(["b10", "b2", "a", "b", "02", "2"]) == [
        "02",
        "2",
        "a",
        "b",
        "b2",
        "b10",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="others refuse such names")
def test_a_name_that_is_no_text_names_no_class(tmp_path):
    fill(tmp_path, cats=2)
    odd = tmp_path / os.fsdecode(b"caf\xe9")
    odd.mkdir()
    (odd / "1.png").write_bytes(PLAIN)
    with pytest.raises(ValueError, match=r"sub-folder caf\\udce9 .* no Unicode text.*rename"):
        read(tmp_path, labels="inferred")
    assert read(tmp_path).report.used == 3


@pytest.mark.parametrize("budget", [0, 2**30])
def test_a_limit_keeps_every_class_and_opens_no_more_files(tmp_path, monkeypatch, budget):
    fill(tmp_path / "pets", a=60, b=30, rare=1)
    (tmp_path / "pets" / "b" / "0.png").write_bytes(b"")  # may need another in its place
    opened = []
    real = sources._open
    monkeypatch.setattr(sources, "_open", lambda path: opened.append(path) or real(path))
    options = {"labels": "inferred", "memory_budget": budget}
    prepare = Preparation(SHAPE)
    found = read_folder(tmp_path / "pets", prepare, limit=12, **options)
    assert len(found) == 12
    assert np.bincount(found.labels).tolist() == [7, 4, 1]
    assert len(opened) <= 13
    again = read_folder(tmp_path / "pets", prepare, limit=12, **options)
    assert again.files == found.files
    whole = read_folder(tmp_path / "pets", prepare, limit=999, **options)
    assert len(whole) == 90
    with pytest.raises(ValueError, match="limit must leave 3 classes with one image each"):
        read_folder(tmp_path / "pets", prepare, limit=2, **options)


def test_a_registered_opener_is_used(monkeypatch):
    """As pillow-heif and pillow-jxl-plugin register theirs."""
    data = b"\0\0\0\x18ftypheic" + bytes(500)

    class Opener(ImageFile.ImageFile):
        format = "HEIF"

        def _open(self):
            self._size, self._mode = (4, 4), "RGB"

        def load(self):
            return Image.new("RGB", (4, 4), "teal").load()

    with pytest.raises(UnusableImageError, match="pip install pillow-heif"):
        open_image(io.BytesIO(data))
    for registry in ("ID", "OPEN", "EXTENSION"):
        monkeypatch.setattr(Image, registry, getattr(Image, registry).copy())
    Image.register_open("HEIF", Opener, lambda prefix: prefix[4:12] == b"ftypheic")
    Image.register_extension("HEIF", ".heic")
    assert open_image(io.BytesIO(data)).format == "HEIF"


def test_given_classes_have_the_given_order(tmp_path):
    fill(tmp_path, a=1, b=2)
    folder = read(tmp_path, class_names=["c", "b", "a"])
    assert folder.class_names == ["c", "b", "a"]
    assert folder.labels.tolist() == [2, 1, 1]
    assert folder.report.classes == {"c": 0, "b": 2, "a": 1}
    with pytest.raises(ValueError, match=r"has the sub-folders b, which are none of .*'a'"):
        read(tmp_path, class_names=["a"])


def test_classes_below_one_common_folder(tmp_path):
    fill(tmp_path / "photos" / "all", a=1, b=1)
    (tmp_path / "photos" / "read me.txt").write_text("ignored")
    assert read(tmp_path, labels="inferred").class_names == ["a", "b"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "inferred"}, "has no sub-folders"),
        ({"class_names": ["a", "b"]}, "has no sub-folders"),
        ({"labels": "infered"}, "has no column 'infered': there is no metadata.csv"),
        ({"labels": [0, 1]}, r"labels must be .* not \[0, 1\]"),
        ({"fit": "cover"}, "Unknown fit 'cover'"),
        ({"background": "whit"}, "background='whit' is no colour: give a name"),
        ({"batch_size": 0}, "batch_size"),
        ({"steps": 0}, "steps"),
    ],
)
def test_wrong_arguments_are_refused(options, message, tmp_path):
    (tmp_path / "1.png").write_bytes(PLAIN)
    with pytest.raises((ValueError, TypeError), match=message):
        read(tmp_path, **options)


def epochs(dataset, count):
    """Return the batches of some epochs, as Keras asks for them."""
    found = []
    for _ in range(count):
        dataset.on_epoch_begin()
        found.append([dataset[index] for index in range(dataset.num_batches)])
        dataset.on_epoch_end()
    return found


@pytest.mark.parametrize("budget", [0, 2**30])
@pytest.mark.parametrize("labels", [None, "inferred"])
def test_the_order_is_that_of_an_array(budget, labels, tmp_path):
    fill(tmp_path, a=6, b=5)
    fill(tmp_path / "b", red=4)
    options = {"batch_size": 4, "seed": 3, "flip": True}
    folder = read(tmp_path, labels=labels, memory_budget=budget, **options)
    array = ImageArrays(np.array(folder.images), folder.labels, **options)
    np.random.seed(1)
    of_folder = epochs(folder, 3)
    np.random.seed(2)
    of_array = epochs(array, 3)
    assert len(of_folder[0]) == 4
    keras.tree.map_structure(np.testing.assert_array_equal, of_folder, of_array)
    orders = {np.concatenate([batch[0] for batch in each]).tobytes() for each in of_folder}
    assert len(orders) == 3
    kept = read(tmp_path, labels=labels, shuffle=False, batch_size=15)
    np.testing.assert_array_equal(kept[0][0], folder.images)


@pytest.mark.parametrize("budget", [0, 2**30])
def test_flips_mirror_half_of_the_images_and_change_no_other(budget, tmp_path):
    path = numbered(tmp_path / "images", 100)
    options = {"batch_size": 50, "memory_budget": budget}
    plain, same = read(path, seed=1, **options), read(path, seed=1, flip=True, **options)
    before = np.array(same.images)
    seen = []
    first = epochs(same, 6)
    for batches, of_plain in zip(first, epochs(plain, 6), strict=True):
        images = np.concatenate([batch[0] for batch in batches])
        upright = np.concatenate([batch[0] for batch in of_plain])
        mirrored = (images == upright[:, :, ::-1]).all((1, 2, 3))
        np.testing.assert_array_equal(images[~mirrored], upright[~mirrored])
        assert sorted(numbers(upright)) == list(range(100))
        seen.append(mirrored[np.argsort(numbers(upright))])
    seen = np.array(seen)
    # 600 coins: four standard deviations from a half.
    assert abs(seen.mean() - 0.5) < 4 * 0.5 / np.sqrt(seen.size)
    assert (seen.any(0) & ~seen.all(0)).mean() > 0.9  # drawn anew for each epoch
    np.testing.assert_array_equal(same.images, before)
    again = epochs(read(path, seed=1, flip=True, **options), 6)
    keras.tree.map_structure(np.testing.assert_array_equal, first, again)
    other = epochs(read(path, seed=2, flip=True, **options), 1)
    assert not np.array_equal(other[0][0][0], first[0][0][0])


def test_fewer_images_than_a_batch_repeat_within_it(tmp_path):
    path = numbered(tmp_path / "images", 3)
    folder = read(path, batch_size=8)
    (((images,),),) = epochs(folder, 1)
    counts = collections.Counter(numbers(images))
    assert sorted(counts.values()) == [2, 3, 3]
    assert len(epochs(read(path, batch_size=8, steps=5), 1)[0]) == 5


def test_the_folder_is_left_as_it_was(tmp_path):
    fill(tmp_path, a=2)
    (tmp_path / "a" / "bad.png").write_bytes(b"")
    before = {path: path.stat() for path in tmp_path.rglob("*")}
    read(tmp_path, memory_budget=0)
    after = {path: path.stat() for path in tmp_path.rglob("*")}
    assert after.keys() == before.keys()
    assert all(after[path].st_ctime_ns == before[path].st_ctime_ns for path in before)
