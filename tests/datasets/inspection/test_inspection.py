"""`inspect` and what it is made of, on folders whose content the tests know."""

import io
import os
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from troubles import troubles
from troubles import write as write_trouble

from ganzoo.cli import main
from ganzoo.datasets import image_folder, inspect
from ganzoo.datasets.folders.decode import decode
from ganzoo.datasets.folders.sources import find
from ganzoo.datasets.inspection import duplicates, inspection
from ganzoo.datasets.inspection.advice import advise
from ganzoo.datasets.inspection.duplicates import evenly_spread, near_duplicates
from ganzoo.datasets.inspection.findings import Inspection
from ganzoo.datasets.inspection.survey import (
    Header,
    propose_shape,
    proposed_image_shape,
    read_header,
)

REAL_DATA = Path(
    os.environ.get("GANZOO_TEST_DATA") or Path(__file__).parents[4] / "shared" / "data"
)


def picture(seed: int, size: tuple[int, int] = (64, 64), mode: str = "RGB") -> Image.Image:
    """Return a picture with large and small structures, like no other."""
    random = np.random.default_rng(seed)
    large = random.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    fine = random.integers(-20, 21, (size[1], size[0], 3))
    smooth = np.asarray(Image.fromarray(large).resize(size, Image.Resampling.BICUBIC))
    return Image.fromarray(np.clip(smooth + fine, 0, 255).astype(np.uint8)).convert(mode)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def state(folder: Path) -> dict[str, tuple[int, int]]:
    stats = {path: path.stat() for path in sorted(folder.rglob("*"))}
    return {str(path): (each.st_size, each.st_mtime_ns) for path, each in stats.items()}


def bomb() -> bytes:
    """Return a PNG whose header promises 40,000 x 40,000 pixels."""
    data = bytearray(saved(Image.new("L", (8, 8))))
    data[16:24] = (40_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    clear = picture(5, mode="RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    files = {
        "cats/one.png": saved(picture(1)),
        "cats/one again.png": saved(picture(1)),
        "cats/TWO.JPG": saved(picture(2, (80, 60)), "JPEG"),
        "cats/is a gif.png": saved(picture(3, (30, 20), "P"), "GIF"),
        "dogs/grey.bmp": saved(picture(4, mode="L"), "BMP"),
        "dogs/clear.webp": saved(clear, "WEBP", lossless=True),
        "dogs/opaque.png": saved(picture(6, mode="RGBA")),
        "top.tif": saved(picture(7, (200, 100)), "TIFF"),
        "empty.png": b"",
        "text.jpg": b"no image at all",
        "truncated.png": saved(picture(8))[:3000],
        "bomb.png": bomb(),
        "new\nline.jpg": b"\xff\xd8\xff\xe0 broken",
        "Thumbs.db": b"x",
        ".hidden.png": saved(picture(9)),
    }
    os.mkfifo(write(tmp_path / "photos", files) / "pipe.png")
    (tmp_path / "photos" / "loop").symlink_to(tmp_path / "photos")
    return tmp_path / "photos"


@pytest.fixture
def found(tmp_path: Path) -> Inspection:
    """Return an inspection that gives no reason for advice."""
    path = write(tmp_path / "found", {f"{seed}.png": saved(picture(seed)) for seed in range(2)})
    return replace(inspect(path), images=1000, compared=1000)


def test_every_fact_about_a_known_folder(folder: Path) -> None:
    before = state(folder)
    found = inspect(folder)
    assert state(folder) == before

    assert found.images == 8
    assert found.kinds == {"PNG": 3, "JPEG": 1, "GIF": 1, "BMP": 1, "WEBP": 1, "TIFF": 1}
    assert found.modes == {"RGB": 4, "RGBA": 2, "P": 1, "L": 1}
    assert (found.smallest, found.median, found.largest) == ((30, 20), (64, 64), (200, 100))
    assert found.aspect == 1
    assert found.transparent == 1  # not the one whose alpha is 255 everywhere
    reasons = dict(found.unusable)
    assert {"empty.png", "text.jpg", "truncated.png", "bomb.png", "new\nline.jpg"} <= set(reasons)
    assert reasons["empty.png"] == "the file is empty"
    assert found.ignored == 2
    assert found.exact_duplicates == (("cats/one.png", "cats/one again.png"),)
    assert found.near_duplicates == ()
    assert found.compared == 7
    assert found.classes == {"cats": 4, "dogs": 3}
    assert found.image_shape == (64, 64, 3)
    assert found.enlarged == 2
    assert found.cut == 0
    assert found.contact_sheet.size == (3 * 66 + 2, 3 * 66 + 2)


def test_table(folder: Path) -> None:
    table = str(inspect(folder))
    assert repr(inspect(folder)) == table
    assert "photos: 8 images" in table
    assert "PNG 3, " in table
    assert "cats/one.png = cats/one again.png" in table
    assert "new\\nline.jpg: " in table
    assert "sub-folders       cats 4, dogs 3" in table


def test_archive_is_seen_as_its_folder(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    one, other = inspect(folder), inspect(tmp_path / "photos.zip")
    assert other.kinds == one.kinds
    assert other.exact_duplicates == one.exact_duplicates
    assert other.contact_sheet.tobytes() == one.contact_sheet.tobytes()


def test_every_trouble_is_seen_as_image_folder_sees_it(tmp_path: Path) -> None:
    for trouble in troubles():
        write_trouble(tmp_path, trouble)
    found = inspect(tmp_path)
    folder = image_folder(tmp_path, (8, 8, 3), verbose=False)
    assert found.images == len(folder.names)
    assert found.unusable == folder.report.skipped
    assert found.ignored == folder.report.ignored
    for entry in find(tmp_path).entries:
        if entry.name in folder.names:
            with entry.open() as header, entry.open() as pixels:
                read = read_header(header)
                assert (read.width, read.height) == decode(pixels, 3, "white")[0].size


def test_nothing_usable_is_image_folders_error(tmp_path: Path) -> None:
    write(tmp_path, {"a.jpg": b"", "b.jpg": b"nonsense"})
    with pytest.raises(ValueError, match="no usable image") as expected:
        image_folder(tmp_path, (8, 8, 3))
    for function in (inspect, proposed_image_shape):
        with pytest.raises(ValueError, match="no usable image") as error:
            function(tmp_path)
        assert str(error.value) == str(expected.value)
        with pytest.raises(FileNotFoundError):
            function(tmp_path / "nowhere")


def test_contact_sheet_spreads_over_the_set_on_white(tmp_path: Path) -> None:
    files = {f"{n:03}.png": saved(Image.new("L", (40, 40), n)) for n in range(200)}
    files["200.png"] = saved(Image.new("RGBA", (40, 40), (0, 0, 0, 0)))
    sheet = inspect(write(tmp_path, files)).contact_sheet
    assert sheet.size == (10 * 42 + 2, 10 * 42 + 2)
    middles = np.asarray(sheet)[22::42, 22::42, 0].ravel()
    assert middles.tolist() == [n * 201 // 100 for n in range(100)]
    assert evenly_spread(3, 100) == [0, 1, 2]

    only = inspect(write(tmp_path / "one", {"a.png": files["200.png"]}))
    assert only.transparent == 1
    assert np.asarray(only.contact_sheet).min() == 255


def brighter(image: Image.Image) -> Image.Image:
    return image.point(lambda value: min(value + 2, 255))


def smaller(image: Image.Image) -> Image.Image:
    return image.resize((round(image.width * 0.7), round(image.height * 0.7)))


@pytest.mark.parametrize(
    "copy",
    [
        lambda image: saved(image, "JPEG", quality=60),
        lambda image: saved(smaller(image)),
        lambda image: saved(brighter(image)),
    ],
)
def test_near_duplicates_are_found(copy: Any, tmp_path: Path) -> None:
    files = {f"{seed}": saved(picture(seed)) for seed in range(40)}
    copies = {f"{seed} copy": copy(picture(seed)) for seed in range(0, 40, 3)}
    found = inspect(write(tmp_path, files | copies))
    assert found.exact_duplicates == ()
    pairs = {tuple(sorted(pair)) for pair in found.near_duplicates}
    assert pairs == {(name.removesuffix(" copy"), name) for name in copies}


def test_near_duplicates_agree_with_plain_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "ROWS", 7)
    random = np.random.default_rng(0)
    base = random.integers(10, 246, (12, 768))
    pixels = base[random.integers(0, 12, 60)] + random.integers(-4, 5, (60, 768))
    pairs = near_duplicates([row.astype(np.uint8).tobytes() for row in pixels])

    distance = np.sqrt(((pixels[:, None] - pixels[None]) ** 2).mean(-1))
    alike = distance <= duplicates.MOST_DIFFERENT
    assert all(alike[pair] for pair in pairs)
    kept = sorted(set(range(60)) - {first for first, _ in pairs})
    assert alike[np.ix_(kept, kept)].sum() == len(kept)  # each like itself alone
    assert len(kept) == len({tuple(row) for row in alike})  # one of each group


def test_pale_textures_are_no_near_duplicates() -> None:
    random = np.random.default_rng(0)
    pages = random.integers(197, 204, (50, 768), dtype=np.uint8)
    distance = np.sqrt(((pages[0].astype(float) - pages[1]) ** 2).mean())
    assert distance < duplicates.MOST_DIFFERENT
    assert near_duplicates([page.tobytes() for page in pages]) == []
    assert near_duplicates([bytes([value]) * 768 for value in (9, 90, 91, 200)]) == [(1, 2)]


def test_near_duplicates_of_very_many_are_sampled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "MOST_COMPARED", 4)
    files = {f"{seed}.png": saved(picture(seed // 2)) for seed in range(16)}
    found = inspect(write(tmp_path, files))
    assert len(found.exact_duplicates) == 8
    assert found.compared == 4
    assert "0 among 4 images spread evenly" in str(found)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_header_tells_the_size_of_the_decoded_picture(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    data = saved(picture(0, (30, 20)), kind, exif=exif)
    header = read_header(io.BytesIO(data))
    assert (header.width, header.height) == decode(io.BytesIO(data), 3, "white")[0].size
    assert (header.width, header.height) == ((20, 30) if orientation > 4 else (30, 20))
    assert header.kind == kind


def test_header_needs_no_pixels() -> None:
    data = saved(picture(0))
    assert read_header(io.BytesIO(data[:100])) == Header("PNG", 64, 64, "RGB", False)
    transparent = saved(picture(0, mode="P"), transparency=3)
    assert read_header(io.BytesIO(transparent)) == Header("PNG", 64, 64, "P", True)


def test_photographs_with_a_preview_inside_are_jpeg() -> None:
    data = saved(picture(0), "MPO", save_all=True, append_images=[picture(1)])
    assert read_header(io.BytesIO(data)).kind == "JPEG"


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ({(64, 64): 4}, (64, 64)),
        ({(4000, 4000): 4}, (64, 64)),
        ({(63, 64): 4}, (48, 48)),
        ({(96, 96): 3, (20, 20): 1}, (64, 64)),
        ({(96, 96): 2, (30, 30): 2}, (28, 28)),
        ({(5, 5): 4}, (16, 16)),
        ({(4000, 3000): 3, (500, 500): 1}, (48, 64)),
        ({(3000, 4000): 4}, (64, 48)),
        ({(1920, 1080): 4}, (36, 64)),
        ({(4000, 3000): 2, (3000, 4000): 2}, (64, 64)),
        ({(110, 100): 4}, (64, 64)),
        ({(40, 30): 4}, (24, 32)),
        ({(2000, 100): 4}, (8, 64)),
        ({(100, 2000): 4}, (64, 8)),
    ],
)
def test_proposed_shape(sizes: dict[tuple[int, int], int], shape: tuple[int, int]) -> None:
    headers = [
        Header("PNG", *size, "RGB", False) for size, count in sizes.items() for _ in range(count)
    ]
    assert propose_shape(headers, largest=64) == (*shape, 3)


@pytest.mark.parametrize(
    ("size", "largest", "shape"),
    [
        ((4000, 4000), 256, (256, 256)),
        ((4000, 4000), 128, (128, 128)),
        ((4000, 4000), 8, (16, 16)),  # the least that there is
        ((255, 300), 256, (128, 128)),
        ((1920, 1080), 256, (144, 256)),
        ((127, 127), 256, (64, 64)),
    ],
)
def test_larger_shapes_are_proposed_up_to_a_limit(size, largest, shape) -> None:
    headers = [Header("PNG", *size, "RGB", False)] * 4
    assert propose_shape(headers, largest) == (*shape, 3)
    assert largest < 256 or propose_shape(headers) == (*shape, 3)


def test_a_dcgan_is_told_its_own_size(found: Inspection) -> None:
    advised = advise(replace(found, image_shape=(144, 256, 3)))
    assert any("image_shape=(36, 64, 3)" in each for each in advised)
    assert not any("DCGAN" in each for each in advise(replace(found, image_shape=(64, 64, 3))))


def test_a_set_that_is_nearly_black_is_told_of(tmp_path: Path) -> None:
    """Masks that hold the numbers of classes look like this."""
    masks = np.random.default_rng(0).integers(0, 2, (16, 16), dtype=np.uint8)
    found = inspect(write(tmp_path, {"mask.png": saved(Image.fromarray(masks))}))
    assert found.brightest == 1
    assert any("brighter than 1 of 255" in each and "masks" in each for each in found.advice)


@pytest.mark.parametrize(
    ("modes", "channels"),
    [("L", 1), (("1", "LA", "I;16", "F"), 1), (("L", "RGB"), 3), ("P", 3), (("RGBA",), 3)],
)
def test_proposed_channels(modes: tuple[str, ...], channels: int) -> None:
    headers = [Header("PNG", 64, 64, mode, mode.endswith("A")) for mode in modes]
    assert propose_shape(headers) == (64, 64, channels)


def test_shape_is_proposed_from_the_headers_alone(folder: Path, tmp_path: Path) -> None:
    assert proposed_image_shape(folder) == inspect(folder).image_shape
    truncated = {f"{n}.png": saved(picture(n, (80, 60), "L"))[:200] for n in range(3)}
    assert proposed_image_shape(write(tmp_path / "cut", truncated)) == (48, 64, 1)


def test_no_advice_where_there_is_nothing_to_do(found: Inspection) -> None:
    assert advise(found) == ("Nothing stands in the way of training.",)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"unusable": (("a", "b"),)}, ["1 file cannot be used"]),
        ({"images": 499}, ["flip=True (--flip)"]),
        ({"images": 40}, ["are few", "batch_size=20"]),
        ({"images": 501, "exact_duplicates": (("a", "b"),) * 2}, ["499 different images"]),
        ({"images": 1}, ["are few", "batch_size=1 "]),
        ({"enlarged": 60}, ["60 of 1,000 images have fewer than 64x64 pixels"]),
        ({"median": (4000, 3000)}, ["image_shape=(128, 128, 3) (--image-size 128x128)"]),
        ({"cut": 0.25}, ['cuts 25% off the median image. fit="pad"']),
        ({"exact_duplicates": (("a", "b"),) * 20}, ["20 of 1,000 images (2.0%) repeat others"]),
        ({"near_duplicates": (("a", "b"),) * 20}, ["20 of 1,000 images (2.0%) look the same"]),
        ({"classes": {"a": 900, "b": 100}}, []),
        ({"classes": {"a": 920, "b": 80}}, ["from 80 (b) to 920 (a) images"]),
        ({"classes": {"a": 500, "b": 460, "c": 40}}, ["from 40 (c) to 500 (a)"]),
        ({"classes": {"a": 500, "b": 490}}, ["10 files outside them will be left out"]),
        ({"columns": ("kind", "n")}, ["as in labels='kind' (--labels)"]),
        ({"transparent": 3}, ["image_shape=(64, 64, 4)"]),
        ({"image_shape": (64, 64, 1)}, ["grey"]),
    ],
)
def test_advice(facts: dict[str, Any], expected: list[str], found: Inspection) -> None:
    sentences = advise(replace(found, **facts))
    if expected:
        assert len(sentences) == len(expected)
        assert all(text in each for text, each in zip(expected, sentences, strict=True))
    else:
        assert "Nothing" in sentences[0]


def test_real_sprites() -> None:
    path = REAL_DATA / "pokemon" / "pokemon_front.zip"
    if not path.is_file():
        pytest.skip(f"no {path}; set GANZOO_TEST_DATA to a folder that holds pokemon/")
    found = inspect(path)
    assert found.images == found.transparent == 1294
    assert found.unusable == found.exact_duplicates == ()
    assert found.image_shape == proposed_image_shape(path) == (64, 64, 3)
    assert found.median == (96, 96)
    # Forms of one creature that differ in a few pixels, or in the colour of a few.
    assert len(found.near_duplicates) == 39
    assert ("10131.png", "10130.png") in found.near_duplicates


def test_command(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = state(folder)
    result = CliRunner().invoke(main, ["inspect", "photos"])
    assert result.exit_code == 0, result.output
    found = inspect(folder)
    assert str(found) in result.output
    assert all(sentence in result.output for sentence in found.advice)
    assert "The contact sheet is in photos-contact-sheet.png" in result.output
    with Image.open("photos-contact-sheet.png") as sheet:
        assert sheet.tobytes() == found.contact_sheet.tobytes()

    monkeypatch.chdir(folder / "cats")
    (tmp_path / "photos-contact-sheet.png").unlink()
    assert CliRunner().invoke(main, ["inspect", ".."]).exit_code == 0
    assert (tmp_path / "photos-contact-sheet.png").is_file()
    result = CliRunner().invoke(main, ["inspect", str(folder), "-o", "sheet.png"])
    assert result.exit_code == 1
    assert "choose a place outside" in result.output
    assert state(folder) == before


@pytest.mark.parametrize(
    ("path", "message"), [("nowhere", "no folder or zip"), ("empty", "no usable image")]
)
def test_command_says_what_is_wrong(
    path: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(main, ["inspect", path])
    assert result.exit_code == 1
    assert message in result.output
    assert not list(tmp_path.rglob("*.png"))


def test_columns_of_label_files_are_shown(tmp_path: Path) -> None:
    """A file of labels that cannot be read is no reason to stop."""
    write(tmp_path, {f"{n}.png": saved(picture(n, (20, 20)), "PNG") for n in range(3)})
    (tmp_path / "metadata.csv").write_text("file_name,kind,age\n0.png,cat,3\n")
    (tmp_path / "dataset.json").write_text("{")
    found = inspect(tmp_path)
    assert found.columns == ("kind", "age")
    assert "columns           kind, age" in str(found)


def test_folders_called_like_splits_are_no_classes(tmp_path):
    for part in ("test", "train"):
        (tmp_path / part).mkdir()
        Image.new("RGB", (8, 8), "teal").save(tmp_path / part / "a.png")
    said = " ".join(inspect(tmp_path).advice)
    assert "The sub-folders test, train look like splits, and no classes" in said
