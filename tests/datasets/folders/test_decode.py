"""Pixels of any format and mode, against plain arithmetic in NumPy."""

import io
import os
import re
import subprocess

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor
from troubles import IGNORED, UNSEEN, USED, exif, png, saved, stored, troubles

from ganzoo.datasets.folders.decode import UnusableImageError, decode, open_image, reason

property_test = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32)
sides = st.integers(1, 12)
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def pixels(data, channels=3, background="white"):
    picture, _ = decode(io.BytesIO(data), channels, background)
    assert picture.mode == MODES[channels]
    array = np.asarray(picture)
    return array.reshape(*array.shape[:2], channels)


def random(seed, *shape, high=256, dtype=np.uint8):
    return np.random.default_rng(seed).integers(0, high, shape, dtype)


def grey(rgb):
    """Return ITU-R 601 luma of an array of colours, unrounded."""
    return rgb.astype(float) @ [0.299, 0.587, 0.114]


def composited(rgba, background):
    """Return colours over a ground, unrounded: the definition, in float64."""
    alpha = rgba[..., 3:] / 255
    return rgba[..., :3] * alpha + np.array(ImageColor.getrgb(background)) * (1 - alpha)


def with_alpha(kind, height, width, seed):
    """Return a file with transparency, and the RGBA array that it means."""
    colours = random(seed, height, width, 3)
    alphas = random([seed, 1], height, width)
    if kind in ("PNG", "TIFF", "WEBP"):
        rgba = np.dstack([colours, alphas])
        options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
        return saved(rgba, kind, **options), rgba
    if kind == "LA":
        rgba = np.dstack([colours[..., :1]] * 3 + [alphas])
        return saved(rgba[..., 2:], "PNG"), rgba
    if kind == "L, one grey clear":
        level = int(colours[0, 0, 0])
        rgba = np.dstack([colours[..., 0]] * 3 + [255 * (colours[..., 0] != level)])
        return saved(colours[..., 0], "PNG", transparency=level), rgba
    if kind == "RGB, one colour clear":
        clear = colours[0, 0]
        rgba = np.dstack([colours, 255 * (colours != clear).any(-1)])
        return saved(colours, "PNG", transparency=tuple(map(int, clear))), rgba
    indices = random(seed, height, width, high=7)
    table = random([seed, 2], 7, 4)
    if kind != "P":  # one index clear
        table[:, 3] = 255
        table[indices[0, 0], 3] = 0
    picture = Image.fromarray(indices)
    picture.putpalette(table[:, :3].tobytes())
    if kind == "P":
        return saved(picture, "PNG", transparency=table[:, 3].tobytes()), table[indices]
    kind, clear = kind.removeprefix("P as "), int(indices[0, 0])
    return saved(picture, kind, transparency=clear, optimize=False), table[indices]


TRANSPARENT = ["PNG", "TIFF", "WEBP", "LA", "L, one grey clear", "RGB, one colour clear", "P"]
TRANSPARENT += ["P as PNG", "P as GIF"]


@pytest.mark.parametrize("kind", TRANSPARENT)
@property_test
@given(sides, sides, seeds, st.sampled_from(["white", "black", "teal", "#c08020"]))
def test_transparency_is_laid_over_the_background(kind, height, width, seed, background):
    data, rgba = with_alpha(kind, height, width, seed)
    expected = composited(rgba, background)
    assert np.abs(pixels(data, 3, background) - expected).max() <= 1
    # Grey has the rounding of the colours, and its own.
    assert np.abs(pixels(data, 1, background)[..., 0] - grey(expected)).max() <= 1.5
    kept = pixels(data, 4, background)
    np.testing.assert_array_equal(kept[..., 3], rgba[..., 3])
    seen = rgba[..., 3] > 0
    np.testing.assert_array_equal(kept[seen], rgba[seen])
    for colour, alpha in ((expected, 0), (rgba[..., :3], 255)):  # exact where nothing is mixed
        exact = rgba[..., 3] == alpha
        np.testing.assert_array_equal(pixels(data, 3, background)[exact], colour[exact])


OPAQUE = {
    "L": lambda rgb: (saved(rgb[..., 0], "PNG"), rgb[..., :1].repeat(3, -1)),
    "RGB": lambda rgb: (saved(rgb, "PNG"), rgb),
    "RGB, interlaced": lambda rgb: (png(rgb, 8, 2, interlaced=True), rgb),
    "BMP": lambda rgb: (saved(rgb, "BMP"), rgb),
    "TIFF": lambda rgb: (saved(rgb, "TIFF"), rgb),
    "RGB of 16 bits": lambda rgb: (png(rgb.astype(np.uint16) * 257, 16, 2), rgb),
    "CMYK": lambda rgb: (
        saved(Image.fromarray(np.dstack([255 - rgb, rgb[..., 0] * 0]), "CMYK"), "TIFF"),
        rgb,
    ),
    "1": lambda rgb: (
        saved(Image.fromarray(rgb[..., 0] // 128 * 255).convert("1"), "PNG"),
        (rgb[..., :1] // 128 * 255).repeat(3, -1),
    ),
}


@pytest.mark.parametrize("kind", OPAQUE)
@property_test
@given(sides, sides, seeds)
def test_opaque_pixels_are_kept(kind, height, width, seed):
    data, rgb = OPAQUE[kind](random(seed, height, width, 3))
    np.testing.assert_array_equal(pixels(data, 3, "teal"), rgb)
    kept = pixels(data, 4, "teal")
    np.testing.assert_array_equal(kept[..., :3], rgb)
    assert (kept[..., 3] == 255).all()
    assert np.abs(pixels(data, 1, "teal")[..., 0] - grey(rgb)).max() <= 0.51
    greyish = OPAQUE[kind](rgb[..., :1].repeat(3, -1))[0]
    np.testing.assert_array_equal(pixels(greyish, 1), rgb[..., :1])


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
@pytest.mark.parametrize("number", range(1, 9))
def test_exif_turns_the_picture_upright(kind, number):
    """With JPEG, the same loss befalls both."""
    scene = random(0, 24, 40, 3)
    turned = stored(scene, number)
    options = {"lossless": True} if kind == "WEBP" else {}
    upright = pixels(saved(turned, kind, **options, exif=exif(number)))
    plain = pixels(saved(turned, kind, **options))
    np.testing.assert_array_equal(stored(upright, number), plain)
    if kind != "JPEG":
        np.testing.assert_array_equal(upright, scene)


def test_exif_turns_every_mode():
    scene = random(0, 6, 4, 4)
    for channels in (1, 3, 4):
        for each in (scene, scene[..., :3], scene[..., :2], scene[..., 0]):
            turned = pixels(saved(stored(each, 6), "PNG", exif=exif(6)), channels)
            np.testing.assert_array_equal(turned, pixels(saved(each, "PNG"), channels))
    deep = random(0, 6, 4, high=2**16, dtype=np.uint16)
    turned = pixels(saved(stored(deep, 6), "TIFF", exif=exif(6)), 1)
    np.testing.assert_array_equal(turned, pixels(saved(deep, "TIFF"), 1))


@property_test
@given(sides, sides, seeds, st.sampled_from([1, 255, 4095, 65535]))
@example(1, 1, 0, 1)
def test_16_bits_become_8(height, width, seed, highest):
    """255 of 65535 stays as dark as it is, whatever else is in the picture."""
    deep = random(seed, height, width, high=highest + 1, dtype=np.uint16)
    expected = np.rint(deep / 257)[..., np.newaxis]
    for data in (saved(deep, "TIFF"), png(deep, 16, 0)):
        np.testing.assert_array_equal(pixels(data, 1), expected)
        np.testing.assert_array_equal(pixels(data, 3), expected.repeat(3, -1))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "MPO"])
def test_the_first_frame_is_used(kind):
    levels = Image.new("L", (16, 16), 200), Image.new("L", (16, 16), 20)
    frames = [level.convert("RGB") for level in levels]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 2
    assert np.abs(pixels(data, 1).astype(int) - 200).max() <= 1


def test_the_header_is_read_before_the_pixels():
    data = png(np.zeros((1, 1), np.uint8), 8, 0, size=(9000, 9000))
    image = open_image(io.BytesIO(data))
    assert (image.size, image.mode, image.format) == ((9000, 9000), "L", "PNG")
    with pytest.raises(UnusableImageError, match="truncated"):
        decode(io.BytesIO(data), 1, "white")


BROKEN = [each for each in troubles(posix=False) if each.fate not in (USED, IGNORED, UNSEEN)]


@pytest.mark.parametrize("each", BROKEN, ids=lambda each: each.name)
@pytest.mark.filterwarnings("ignore")  # Pillow's remarks, as in a run
def test_what_is_no_picture_is_unusable_for_a_reason(each):
    with pytest.raises(UnusableImageError) as refusal:
        decode(io.BytesIO(each.content), 3, "white")
    assert re.fullmatch(each.fate, str(refusal.value))


def test_a_reason_is_one_short_line():
    assert reason(ValueError("first\nsecond")) == "first"
    assert reason(ValueError("x" * 999)) == "x" * 100
    assert reason(EOFError()) == "EOFError"
    assert reason(PermissionError(13, "Permission denied", "a file")) == "Permission denied"
    assert reason(OSError("image file is truncated (3 bytes not processed)")) == "truncated"


WHOLE = [each for each in troubles(posix=False) if each.quarters and "/" in each.name]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.sampled_from([each.content for each in WHOLE]),
    st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 255)), min_size=1, max_size=6),
    st.none() | st.integers(0, 3000),
    st.sampled_from([1, 3, 4]),
)
@example(png(np.zeros((2, 2), np.uint8), 8, 3), [], None, 3)  # Pillow misses the palette badly
@pytest.mark.filterwarnings("ignore")  # Pillow's remarks, as in a run
def test_a_damaged_file_is_a_picture_or_unusable(whole, changes, length, channels):
    data = bytearray(whole[:length])
    for position, value in changes:
        if data:
            data[position % min(len(data), 400)] = value  # where the headers are
    try:
        picture, _ = decode(io.BytesIO(data), channels, "white")
    except UnusableImageError as error:
        why = str(error)
    else:
        why = picture.mode
        assert why == MODES[channels]
    assert 0 < len(why) <= 100
    assert len(why.splitlines()) == 1


@pytest.mark.filterwarnings("ignore")
def test_no_other_program_is_started(monkeypatch):
    """Pillow would give PostScript to Ghostscript."""
    (drawing,) = {each.content for each in troubles(posix=False) if "/drawing.p" in each.name}
    assert Image.open(io.BytesIO(drawing)).format == "EPS"
    started = []
    for module, name in ((os, "system"), (os, "posix_spawn"), (subprocess, "Popen")):
        monkeypatch.setattr(module, name, lambda *arguments, **_: started.append(arguments))
    with pytest.raises(UnusableImageError, match=r"^PostScript"):
        decode(io.BytesIO(drawing), 3, "white")
    assert started == []
