"""Resizing against Pillow's own result and against plain arithmetic."""

import io
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor, ImageOps
from troubles import exif, saved

from ganzoo.datasets.folders.prepare import Preparation

property_test = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32)
sizes = st.tuples(st.integers(1, 40), st.integers(1, 40))  # width, height
targets = st.tuples(st.integers(1, 16), st.integers(1, 16))  # height, width
fits = st.sampled_from(["crop", "pad", "stretch"])
resamples = st.sampled_from(["lanczos", "area"])
FILTERS = {"lanczos": Image.Resampling.LANCZOS, "area": Image.Resampling.BOX}
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def random(seed, size, channels):
    width, height = size
    array = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    return array[..., 0] if channels == 1 else array


def prepared(data, *preparation):
    if not isinstance(data, bytes):
        data = saved(data, "PNG")
    pixels, enlarged, _ = Preparation(*preparation)(io.BytesIO(data))
    assert pixels.dtype == np.uint8
    assert pixels.shape == preparation[0]
    return pixels, enlarged


def by_pillow(picture, target, fit, resample, padding):
    """Return Pillow's own result; None where it makes nothing of a very narrow picture."""
    size = target[::-1]
    if fit == "crop":
        return ImageOps.fit(picture, size, FILTERS[resample])
    if fit == "stretch":
        return picture.resize(size, FILTERS[resample])
    try:
        inner = ImageOps.contain(picture, size).size
    except ValueError:  # older versions
        inner = (0, 0)
    return ImageOps.pad(picture, size, FILTERS[resample], padding) if all(inner) else None


@pytest.mark.parametrize("channels", [1, 3, 4])
@property_test
@given(sizes, targets, fits, resamples, seeds)
def test_equal_to_pillows_own_result(channels, size, target, fit, resample, seed):
    picture = Image.fromarray(random(seed, size, channels))
    padding = {1: 113, 3: (0, 128, 192), 4: (0, 128, 192, 0)}[channels]
    background = "#717171" if channels == 1 else "#0080c0"
    expected = by_pillow(picture, target, fit, resample, padding)
    pixels, _ = prepared(picture, (*target, channels), fit, background, resample)
    if expected is None:  # the test of padding looks at these
        assert min(target[1] / size[0], target[0] / size[1]) * min(size) <= 0.5
    else:
        np.testing.assert_array_equal(pixels, np.asarray(expected).reshape(pixels.shape))


@property_test
@given(sizes, targets, fits, resamples, seeds, st.sampled_from(["L", "1", "P", "CMYK"]))
def test_other_modes_are_converted_before(size, target, fit, resample, seed, mode):
    """Resized palettes or bits would be no picture."""
    picture = Image.fromarray(random(seed, size, 3)).convert(mode)
    data = saved(picture, "TIFF")
    colours = Image.open(io.BytesIO(data)).convert("RGB")
    expected, _ = prepared(colours, (*target, 3), fit, "white", resample)
    np.testing.assert_array_equal(prepared(data, (*target, 3), fit, "white", resample)[0], expected)


@property_test
@given(sizes, targets, fits, resamples, seeds, st.sampled_from(["white", "black", "#0080c0"]))
def test_cut_out_sprites_have_no_fringe(size, target, fit, resample, seed, background):
    """They look like the same sprites drawn on the background, to the last pixel."""
    rgba = random(seed, size, 4)
    rgba[..., 3] = rgba[..., 3] // 128 * 255
    drawn = np.where(rgba[..., 3:] > 0, rgba[..., :3], ImageColor.getrgb(background))
    for channels in (1, 3):
        preparation = (*target, channels), fit, background, resample
        expected, _ = prepared(drawn.astype(np.uint8), *preparation)
        np.testing.assert_array_equal(prepared(rgba, *preparation)[0], expected)


@property_test
@given(sizes, targets, fits, seeds)
def test_one_colour_over_white_stays_between_them(size, target, fit, seed):
    rgba = random(seed, size, 4)
    colour = rgba[0, 0, :3].copy()
    rgba[rgba[..., 3] > 0, :3] = colour  # beneath the rest lies garbage
    pixels, _ = prepared(rgba, (*target, 3), fit, "white", "area")
    assert (pixels >= colour).all()


@pytest.mark.parametrize("channels", [1, 3, 4])
@property_test
@given(sizes, targets, fits, resamples, seeds)
def test_what_lies_beneath_transparency_is_never_seen(channels, size, target, fit, resample, seed):
    rgba = random(seed, size, 4)
    rgba[rgba[..., 3] < 128, 3] = 0
    other = np.where(rgba[..., 3:] > 0, rgba, random([seed, 1], size, 4) * [1, 1, 1, 0])
    preparation = (*target, channels), fit, "white", resample
    pixels, _ = prepared(rgba, *preparation)
    others, _ = prepared(other.astype(np.uint8), *preparation)
    if channels == 4:
        np.testing.assert_array_equal(pixels[..., 3], others[..., 3])
        pixels, others = pixels[pixels[..., 3] > 0], others[pixels[..., 3] > 0]
    np.testing.assert_array_equal(pixels, others)


@property_test
@given(targets, st.integers(1, 5), st.integers(1, 5), seeds)
def test_kept_transparency_is_averaged_by_what_is_seen(target, rows, columns, seed):
    """Means of colours weighted with alpha, in float64.

    In premultiplied bytes each of four roundings is off by a half at most: before the mean, after
    it, back to plain colours, and that of the alpha that they are multiplied with here.
    """
    height, width = target
    rgba = random(seed, (width * columns, height * rows), 4)
    blocks = rgba.reshape(height, rows, width, columns, 4).astype(float)
    alpha = blocks[..., 3:].mean((1, 3))
    seen = (blocks[..., :3] * blocks[..., 3:] / 255).mean((1, 3))
    pixels = prepared(rgba, (*target, 4), "stretch", "white", "area")[0].astype(float)
    assert np.abs(pixels[..., 3:] - alpha).max() <= 1  # rounded along rows, then columns
    shown = pixels[..., :3] * pixels[..., 3:] / 255
    assert np.abs(shown - seen).max() <= 2.5


@property_test
@given(targets, st.sampled_from([1, 3, 5, 7]), st.sampled_from([1, 3, 5, 7]), seeds)
def test_area_is_the_mean_of_each_box(target, rows, columns, seed):
    """Exactly, with odd factors: no mean lies half-way. Pillow rounds after each direction."""
    height, width = target
    rgb = random(seed, (width * columns, height * rows), 3)
    boxes = rgb.reshape(height, rows, width, columns, 3)
    either = [np.rint(np.rint(boxes.mean(first, keepdims=True)).mean((1, 3))) for first in (1, 3)]
    for fit in ("stretch", "crop", "pad") if rows == columns else ("stretch",):
        pixels, enlarged = prepared(rgb, (*target, 3), fit, "white", "area")
        assert any(np.array_equal(pixels, means) for means in either)
        assert not enlarged


@property_test
@given(sizes, targets, resamples)
@example((2000, 1), (8, 8), "lanczos")
@example((1, 2000), (8, 8), "area")
def test_padding_keeps_the_aspect_and_all_of_the_picture(size, target, resample):
    picture = Image.new("RGB", size, "black")
    pixels, _ = prepared(picture, (*target, 3), "pad", "white", resample)
    dark = (pixels == 0).all(-1)
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    assert dark.sum() == len(rows) * len(columns)  # a rectangle
    assert (pixels[~dark] == 255).all()
    scale = min(target[1] / size[0], target[0] / size[1])
    for found, side, room in ((columns, size[0], target[1]), (rows, size[1], target[0])):
        assert len(found) == np.ptp(found) + 1
        assert abs(len(found) - max(side * scale, 1)) <= 0.5
        assert abs(found[0] - (room - 1 - found[-1])) <= 1  # in the middle
    assert len(rows) == target[0] or len(columns) == target[1]


def test_padding_has_the_colour_of_the_background():
    """As grey, too; and none where transparency is kept."""
    grey = round(0.587 * 128 + 0.114 * 192)
    for channels, expected in ((1, grey), (3, (0, 128, 192)), (4, (0, 128, 192, 0))):
        pixels, _ = prepared(Image.new("RGB", (9, 3)), (9, 9, channels), "pad", "#0080c0")
        assert (pixels[[0, 1, 2, 6, 7, 8]] == expected).all()


@property_test
@given(sizes, targets, fits)
@example((8, 8), (8, 8), "crop")
@example((9, 7), (8, 8), "crop")
@example((9, 7), (8, 8), "pad")
@example((7, 7), (8, 8), "pad")
@example((16, 8), (8, 8), "stretch")
def test_enlarging_is_noticed_exactly_when_pillow_does_it(size, target, fit):
    resize = Image.Image.resize
    scales = []

    def watched(self, size, resample=None, box=None, *rest):
        left, top, right, bottom = box or (0, 0, *self.size)
        scales.extend([size[0] / (right - left), size[1] / (bottom - top)])
        return resize(self, size, resample, box, *rest)

    with mock.patch.object(Image.Image, "resize", watched):
        _, enlarged = prepared(Image.new("L", size), (*target, 1), fit)
    # A line thinner than a pixel is drawn as one: that alone is no enlarging.
    narrow = fit == "pad" and min(target[1] / size[0], target[0] / size[1]) * min(size) < 1
    assert enlarged == (not narrow and max(scales) > 1 + 1e-9)


def test_turned_pictures_count_as_they_are_seen():
    turned = saved(
        Image.new("L", (4, 16)),
        "PNG",
        exif=exif(6),
    )
    assert not prepared(turned, (4, 16, 1))[1]
    assert prepared(turned, (16, 4, 1))[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((8, 8),), r"image_shape=\(height, width, channels\).*not \(8, 8\)"),
        (((8, 8, 2),), "1 .grey., 3 .RGB. or 4"),
        (((0, 8, 3),), r"not \(0, 8, 3\)"),
        (((8, 8, 3), "cover"), "Unknown fit 'cover'. Known: crop, pad, stretch"),
        (((8, 8, 3), "crop", "whit"), "background='whit' is no colour: give a name"),
        (((8, 8, 3), "crop", "white", "lanczso"), "Did you mean 'lanczos'"),
    ],
)
def test_wrong_options_are_refused_at_once(arguments, message):
    with pytest.raises(ValueError, match=message):
        Preparation(*arguments)


def scene(width, height):
    """Return a picture with soft and hard edges, its halves unlike each other."""
    y, x = np.mgrid[:height, :width]
    soft = 127 + 100 * np.sin(x / width * 9) * np.cos(y / height * 7)
    hard = np.where((x // (width // 6) + y // (height // 5)) % 2, 220, 40)
    return Image.fromarray(np.stack([soft, hard, 255 * x / width], -1).astype("uint8"))


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_fast_decoding_changes_little_and_never_enlarges(fit, orientation):
    data = saved(scene(1600, 1000), "JPEG", quality=95, exif=exif(orientation))
    read = {
        decode: Preparation((48, 32, 3), fit, decode=decode)(io.BytesIO(data))
        for decode in ("whole", "fast")
    }
    assert not read["fast"].enlarged
    off = np.abs(read["fast"].pixels.astype(int) - read["whole"].pixels)
    assert off.mean() < 1
    assert off.max() < 12  # at the hard edges


def test_fast_decoding_leaves_small_and_other_pictures_as_they_are():
    for picture, kind in (((70, 60), "JPEG"), ((900, 700), "PNG")):
        data = saved(scene(*picture), kind)
        whole, fast = (
            Preparation((32, 48, 3), decode=each)(io.BytesIO(data)) for each in ("whole", "fast")
        )
        np.testing.assert_array_equal(fast.pixels, whole.pixels)


def test_fast_decoding_decodes_less():
    """The picture that is resized has an eighth of the side, and so 64th of the pixels."""
    data = saved(scene(3200, 2400), "JPEG")
    seen = []
    real = ImageOps.fit
    with mock.patch.object(
        ImageOps, "fit", lambda picture, *rest: seen.append(picture.size) or real(picture, *rest)
    ):
        Preparation((64, 64, 3), decode="fast")(io.BytesIO(data))
    assert seen == [(400, 300)]
