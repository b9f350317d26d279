"""One file for each trouble that a stranger's folder of images holds, and what must become of it.

Most pictures show the same scene, so that they can be judged by their pixels: four quarters of one
colour each, of which a mode with transparency hides the last one, with a dark colour beneath.
"""

import io
import os
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo import files

WIDTH, HEIGHT = 64, 32  # each quarter is a whole number of JPEG's blocks
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
GREYS = (76, 150, 29, 255)  # what ITU-R 601 makes of them
BITS = (0, 255, 0, 0)
HIDDEN = (40, 70, 10)  # beneath full transparency; must never be seen

USED, IGNORED, UNSEEN = "used", "ignored", "in a hidden folder"
NO_IMAGE = "no image, or of an unknown kind"
TRUNCATED = "truncated"
HUGE = "absurdly many pixels"


@dataclass(frozen=True)
class Trouble:
    """A file and its fate.

    `content` is the bytes or a function that makes something at a path; `fate` is one of the words
    above or a pattern of the reason for skipping it; `quarters` are the colours that it must show,
    left to right and top to bottom, each channel at most `off` from them.
    """

    name: str
    content: bytes | Callable[[Path], object]
    fate: str = USED
    quarters: tuple | None = None
    off: int = 0


def quartered(values, dtype=np.uint8):
    """Return an array whose quarters have the given values."""
    values = np.array(values, dtype)
    rows = values.reshape(2, 2, *values.shape[1:])
    return rows.repeat(HEIGHT // 2, 0).repeat(WIDTH // 2, 1)


SCENE = quartered(COLOURS)
CUT_OUT = quartered([(*colour, 255) for colour in COLOURS[:3]] + [(*HIDDEN, 0)])
GREY_CUT_OUT = quartered([(grey, 255) for grey in GREYS[:3]] + [(9, 0)])


def saved(picture, kind, **options):
    """Return an image file of a picture or an array."""
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def stored(scene, orientation):
    """Return what a camera stores that notes this orientation, by the words of EXIF's table.

    It tells which side of the scene the stored row 0 and column 0 are.
    """
    swapped = scene.swapaxes(0, 1)
    return {
        1: scene,  # top, left
        2: scene[:, ::-1],  # top, right
        3: scene[::-1, ::-1],  # bottom, right
        4: scene[::-1],  # bottom, left
        5: swapped,  # left, top
        6: swapped[::-1],  # right, top
        7: swapped[::-1, ::-1],  # right, bottom
        8: swapped[:, ::-1],  # left, bottom
    }[orientation]


def exif(orientation, *others):
    """Return EXIF data with an orientation and other (tag, type, count, value in 4 bytes)."""
    tags = sorted([(0x112, 3, 1, struct.pack("<HH", orientation, 0)), *others])
    table = b"".join(struct.pack("<HHI", *tag[:3]) + tag[3] for tag in tags)
    header = b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(tags))
    return header + table + bytes(4)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels, depth, colour_type, *chunks, interlaced=False, size=None):
    """Return a PNG file of an array, also of the kinds that Pillow does not write."""
    height, width = size or pixels.shape[:2]
    adam7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)]
    adam7 += [(2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    passes = adam7 if interlaced else [(0, 0, 1, 1)]
    big_endian = pixels.astype(pixels.dtype.newbyteorder(">"))
    rows = [row for y, x, dy, dx in passes for row in big_endian[y::dy, x::dx]]
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows if row.size))
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlaced)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def tiff_header(width, height):
    """Return a TIFF file that announces a size and holds nothing of it."""
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1)]
    tags += [(278, height), (279, width * height % 2**32)]
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + table + bytes(4)


def with_bytes(data, start, new):
    return data[:start] + new + data[start + len(new) :]


def several(kind, **options):
    """Return the scene and another picture in one file."""
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, SCENE.shape, np.uint8))
    return saved(SCENE, kind, save_all=True, append_images=[noise], **options)


def palette(**options):
    """Return a PNG file of mode P with the indices 0 to 3."""
    picture = Image.fromarray(quartered((0, 1, 2, 3)))
    picture.putpalette([*COLOURS[0], *COLOURS[1], *COLOURS[2], *HIDDEN])
    return saved(picture, "PNG", **options)


def icon():
    """Return an icon of one size."""
    square = Image.fromarray(SCENE).resize((64, 64), Image.Resampling.NEAREST)
    return saved(square, "ICO", sizes=[square.size])


def pictures():
    """Formats and modes: all of them are used."""
    cmyk = Image.fromarray(SCENE).convert("CMYK")
    clear = Image.fromarray(CUT_OUT)
    frames = several("GIF")
    yield from (
        Trouble("jpeg/plain.jpg", saved(SCENE, "JPEG"), USED, COLOURS, 3),
        Trouble("jpeg/progressive", saved(SCENE, "JPEG", progressive=True), USED, COLOURS, 3),
        Trouble("jpeg/grey.jpeg", saved(quartered(GREYS), "JPEG"), USED, GREYS, 3),
        Trouble("jpeg/cmyk.jpg", saved(cmyk, "JPEG"), USED, COLOURS, 3),
        Trouble("jpeg/frames.jpg", several("MPO"), USED, COLOURS, 3),
        Trouble("jpeg/film behind.jpg", saved(SCENE, "JPEG") + bytes(999), USED, COLOURS, 3),
        Trouble("png/plain.png", saved(SCENE, "PNG"), USED, COLOURS),
        Trouble("png/interlaced.png", png(SCENE, 8, 2, interlaced=True), USED, COLOURS),
        Trouble("png/animated.png", several("PNG"), USED, COLOURS),
        Trouble(
            "png/1.png", saved(Image.fromarray(quartered(BITS)).convert("1"), "PNG"), USED, BITS
        ),
        Trouble("png/L.png", saved(quartered(GREYS), "PNG"), USED, GREYS),
        Trouble("png/LA.png", saved(GREY_CUT_OUT, "PNG"), USED, GREYS),
        Trouble(
            "png/L one clear.png",
            saved(quartered((*GREYS[:3], 9)), "PNG", transparency=9),
            USED,
            GREYS,
        ),
        Trouble("png/P.png", palette(), USED, (*COLOURS[:3], HIDDEN)),
        Trouble("png/P one clear.png", palette(transparency=3), USED, COLOURS),
        Trouble(
            "png/P half clear.png",
            palette(transparency=bytes((255, 51, 0, 255))),
            USED,
            (COLOURS[0], (204, 255, 204), COLOURS[3], HIDDEN),
            1,
        ),
        Trouble(
            "png/RGB one clear.png",
            saved(SCENE, "PNG", transparency=(0, 0, 255)),
            USED,
            (*COLOURS[:2], COLOURS[3], COLOURS[3]),
        ),
        Trouble("png/RGBA.png", saved(CUT_OUT, "PNG"), USED, COLOURS),
        Trouble("png/RGB16.png", png(SCENE.astype(np.uint16) * 257, 16, 2), USED, COLOURS),
        Trouble("png/L16.png", png(quartered(GREYS, np.uint16) * 257, 16, 0), USED, GREYS),
        Trouble(
            "png/L16 one clear.png",
            png(quartered((*GREYS[:3], 9), np.uint16) * 257, 16, 0, (b"tRNS", b"\x09\x09")),
            USED,
            GREYS,
        ),
        Trouble("png/no end.png", saved(SCENE, "PNG")[:-12], USED, COLOURS),
        Trouble("png/wrong profile.png", saved(SCENE, "PNG", icc_profile=b"?"), USED, COLOURS),
        Trouble("gif/plain.gif", saved(SCENE, "GIF"), USED, COLOURS),
        Trouble("gif/animated.gif", frames, USED, COLOURS),
        Trouble("gif/cut in a later frame.gif", frames[:-2000], USED, COLOURS),
        Trouble("gif/clear.gif", saved(clear, "GIF"), USED, COLOURS),
        Trouble("bmp/plain.bmp", saved(SCENE, "BMP"), USED, COLOURS),
        Trouble("bmp/P.bmp", saved(Image.fromarray(SCENE).quantize(4), "BMP"), USED, COLOURS),
        Trouble("webp/lossy.webp", saved(SCENE, "WEBP"), USED, COLOURS, 6),
        Trouble("webp/clear.webp", saved(clear, "WEBP", lossless=True), USED, COLOURS),
        Trouble("webp/animated.webp", several("WEBP", lossless=True), USED, COLOURS),
        Trouble("tiff/plain.tif", saved(SCENE, "TIFF"), USED, COLOURS),
        Trouble("tiff/pages.tiff", several("TIFF"), USED, COLOURS),
        Trouble("tiff/lzw.tiff", saved(SCENE, "TIFF", compression="tiff_lzw"), USED, COLOURS),
        Trouble("tiff/cmyk.tif", saved(cmyk, "TIFF"), USED, COLOURS),
        Trouble("tiff/RGBA.tif", saved(CUT_OUT, "TIFF"), USED, COLOURS),
        Trouble("tiff/I16.tif", saved(quartered(GREYS, np.uint16) * 257, "TIFF"), USED, GREYS),
        Trouble("tiff/I.tif", saved(quartered(GREYS, np.int32) * 257, "TIFF"), USED, GREYS),
        Trouble("tiff/F.tif", saved(quartered(GREYS, np.float32) / 255, "TIFF"), USED, GREYS),
        Trouble("netpbm/plain.ppm", saved(SCENE, "PPM"), USED, COLOURS),
        Trouble("netpbm/grey.pgm", saved(quartered(GREYS), "PPM"), USED, GREYS),
        Trouble("netpbm/text.pbm", b"P1\n2 2\n0 1 1 1\n", USED, (255, 0, 0, 0)),
        Trouble("tga/plain.tga", saved(SCENE, "TGA"), USED, COLOURS),
        Trouble("tga/packed.tga", saved(clear, "TGA", compression="tga_rle"), USED, COLOURS),
        Trouble("icons/plain.ico", icon(), USED, COLOURS),
        Trouble("jpeg 2000/plain.jp2", saved(SCENE, "JPEG2000"), USED, COLOURS, 1),
        Trouble("jpeg 2000/stream.j2k", saved(SCENE, "JPEG2000", no_jp2=True), USED, COLOURS, 1),
        Trouble("sizes/1 pixel.png", saved(SCENE[:1, :1], "PNG"), USED, (COLOURS[0],) * 4),
        Trouble("sizes/wide.png", saved(Image.new("RGB", (2000, 1), "red"), "PNG")),
        Trouble("sizes/tall.png", saved(Image.new("RGB", (1, 2000), "red"), "PNG")),
    )
    for number in range(1, 9):
        photo = saved(stored(SCENE, number), "JPEG", exif=exif(number))
        yield Trouble(f"exif/{number}.jpg", photo, USED, COLOURS, 3)
    # Pillow can read the orientation, but not write the rest again.
    not_a_number = (0x11A, 11, 1, b"\0\0\xc0\x7f")
    damaged = saved(stored(SCENE, 6), "JPEG", exif=exif(6, not_a_number))
    yield Trouble("exif/damaged beside 6.jpg", damaged, USED, COLOURS, 3)
    hexadecimal = (b"tEXt", b"Raw profile type exif\0\nexif\n 4\nno hexadecimals")
    yield Trouble("exif/by ImageMagick.png", png(SCENE, 8, 2, hexadecimal), USED, COLOURS)
    for label, data in (("noise", b"Exif\0\0" + bytes(range(99))), ("77", exif(77))):
        yield Trouble(f"exif/{label}.jpg", saved(SCENE, "JPEG", exif=data), USED, COLOURS, 3)


def names():
    """Names that are no trouble, and those that tell that a file is none of the pictures."""
    plain = saved(SCENE, "PNG")
    deep = f"deep/{'d/' * 300}deep.png"
    usable = ["UPPER.PNG", "no ending", "wrong ending.jpg", "text.txt.png", "-rf.png", "%20.png"]
    usable += ["two  spaces & (brackets) 'quotes'.png", "ユニコード 🐱 é.png", "e\u0301.png", deep]
    usable += ["long " + "n" * 246 + ".png", "dots....png", "x.db/in a folder.png"]
    if os.name == "posix":
        usable += [
            "line\nbreak.png",
            "tab\t, bell\a and \x1b[31mred.png",
            "back\\slash.png",
            "q?.png",
        ]
    if sys.platform == "linux":  # others refuse such names
        usable.append(os.fsdecode(b"caf\xe9.png"))
    yield from (Trouble(name, plain, USED, COLOURS) for name in usable)
    others = ["Thumbs.db", "desktop.ini", "photo.xmp", "IMG_1.AAE", "IMG_1.THM", "labels.csv"]
    others += ["captions.txt", "README.md", "index.JSON", ".DS_Store", ".hidden.png", "png/._L.png"]
    yield from (Trouble(name, plain, IGNORED) for name in others)
    unseen = "__MACOSX/png/L.png", ".thumbnails/1.png", "png/.git/deep/er.png"
    yield from (Trouble(name, plain, UNSEEN) for name in unseen)


def broken():
    """Files that no picture can be made of, and that announce a huge one."""
    rng = np.random.default_rng(2)
    noise = rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    garbage = rng.bytes(300)
    wholes = {
        "JPEG": saved(noise, "JPEG"),
        "progressive JPEG": saved(noise, "JPEG", progressive=True),
        "PNG": saved(noise, "PNG"),
        "GIF": saved(noise, "GIF"),
        "BMP": saved(noise, "BMP"),
        "TIFF": saved(noise, "TIFF"),
        "WEBP": saved(noise, "WEBP"),
        "lzw TIFF": saved(noise, "TIFF", compression="tiff_lzw"),
    }
    garbled = {"GIF": HUGE, "BMP": TRUNCATED}
    reasons = {"WEBP": "could not create decoder object", "lzw TIFF": NO_IMAGE}
    for kind, whole in wholes.items():
        half = whole[: len(whole) // 2]
        yield Trouble(f"truncated/{kind}", half, reasons.get(kind, TRUNCATED))
        yield Trouble(f"corrupt/{kind}", whole[:8] + garbage, garbled.get(kind, NO_IMAGE))
    small_gif = saved(Image.new("L", (4, 4)), "GIF")
    frame = small_gif.index(b",")
    sixty_thousand = struct.pack("<HH", 60_000, 60_000)
    unzipped = np.zeros((1, 1, 3), np.uint8)
    corrupt = wholes["PNG"].replace(b"IDAT\x78", b"IDAT\xff")
    nan = quartered((0.1, np.nan, 0.5, 1), np.float32)
    infinite = quartered((0.1, np.inf, 0.5, 1), np.float32)
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99)
    # PostScript that writes a file where it is run.
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(was_run) (w) file closefile\n"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    text = zlib.compress(bytes(2**21))
    yield from (
        Trouble("corrupt/pixels.png", corrupt, "broken data stream when reading image file"),
        Trouble("corrupt/NaN.tif", saved(nan, "TIFF"), "has NaN or infinite pixels"),
        Trouble("corrupt/infinite.tif", saved(infinite, "TIFF"), "has NaN or infinite pixels"),
        Trouble("no image/zero.png", b"", "the file is empty"),
        Trouble("no image/one byte.jpg", b"\xff", NO_IMAGE),
        Trouble("no image/text.png", b"This is a picture, believe me.", NO_IMAGE),
        Trouble("no image/page.jpg", b"\n<!DOCTYPE html><title>404</title>", "a web page, .*"),
        Trouble("no image/denied.jpg", b'<?xml version="1.0"?><Error/>', "XML text, .*"),
        Trouble("no image/answer.jpg", b'{"error": "not found"}', "text, .*"),
        Trouble("no image/half.jpg", bytes(5000), "nothing but zeros, .*"),
        Trouble("no image/photo.jxl", b"\xff\x0a" + bytes(99), "JPEG XL: .*"),
        Trouble("no image/photo.cr3", b"\0\0\0\x18ftypcrx " + bytes(99), "raw data .*"),
        Trouble("no image/picture.psd", b"8BPS\0\x01" + bytes(99), "a Photoshop document.*"),
        Trouble("no image/scan.dcm", bytes(128) + b"DICM" + bytes(99), "DICOM, .* of 16 bits.*"),
        Trouble("no image/light.exr", b"v/1\x01" + bytes(99), "OpenEXR; export it as TIFF.*"),
        Trouble("no image/texture.dds", b"DDS " + bytes(99), "a texture of DirectX.*"),
        Trouble("no image/icons.icns", b"icns" + bytes(99), "icons of macOS.*"),
        Trouble("no image/stars.fits", b"SIMPLE  =" + bytes(99), "FITS, .*"),
        Trouble(
            "no image/pointer.png",
            b"version https://git-lfs.github.com/spec/v1\n",
            "a pointer of Git LFS.*",
        ),
        Trouble("no image/photo.heic", heic, "HEIC, .*: pip install pillow-heif .*"),
        Trouble("no image/drawing.eps", eps, "PostScript.*"),
        Trouble("no image/drawing.png", eps, "PostScript.*"),
        Trouble("no image/drawing.svg", svg, "SVG.*"),
        Trouble("no image/paper.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "PDF.*"),
        Trouble("no image/film.mp4", b"\0\0\0\x18ftypisom" + bytes(99), "a film"),
        Trouble("no image/archive.zip", b"PK\x05\x06" + bytes(18), "an empty zip archive"),
        Trouble("bomb/PNG", png(unzipped, 8, 2, size=(60_000, 60_000)), HUGE),
        Trouble("bomb/TIFF", tiff_header(60_000, 60_000), HUGE),
        Trouble("bomb/GIF", with_bytes(small_gif, 6, sixty_thousand), HUGE),
        Trouble("bomb/frame of GIF", with_bytes(small_gif, frame + 5, sixty_thousand), HUGE),
        Trouble(
            "bomb/BMP", with_bytes(wholes["BMP"], 18, struct.pack("<II", 60_000, 60_000)), HUGE
        ),
        Trouble(
            "bomb/text in PNG",
            png(SCENE, 8, 2, (b"zTXt", b"text\0\0" + text)),
            "(?i)decompressed data too large.*",
        ),
    )


def links_and_pipes():
    """Things that only a POSIX file system holds."""

    def link(target):
        return lambda path: path.symlink_to(target)

    def listen(path):
        here = os.open(path.parent, os.O_RDONLY)
        try:  # by a short name: addresses of sockets are at most 107 bytes long
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(f"/proc/self/fd/{here}/{path.name}")
        finally:
            os.close(here)

    special = "a pipe, a socket or a device"
    yield from (
        Trouble("links/to a file.png", link("../png/plain.png"), USED, COLOURS),
        Trouble("links/up", link(".."), UNSEEN),
        Trouble("links/here", link("."), UNSEEN),
        Trouble("links/png", link("../png"), UNSEEN),
        Trouble("links/broken.png", link("nowhere.png"), "no such file or directory"),
        Trouble("links/to itself.png", link("to itself.png"), "too many .*links"),
        Trouble("links/endless.png", link("/dev/zero"), special),
        Trouble("pipe.png", os.mkfifo, special),
    )
    if sys.platform == "linux":
        yield Trouble("socket.png", listen, special)


def avif():
    """AVIF, where Pillow has it; elsewhere it is unknown."""
    Image.init()
    if "AVIF" in Image.SAVE:
        whole = saved(SCENE, "AVIF")
        yield Trouble("avif/plain.avif", whole, USED, COLOURS, 6)
        yield Trouble("avif/clear.avif", saved(CUT_OUT, "AVIF"), USED, COLOURS, 6)
        yield Trouble("truncated/AVIF", whole[: len(whole) // 2], f"{TRUNCATED}|{NO_IMAGE}|AVIF.*")
    else:
        header = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(99)
        yield Trouble("avif/unknown.avif", header, "AVIF, .*")


def troubles(posix=os.name == "posix"):
    """Return every trouble that this machine can hold; without `posix`, plain files alone."""
    special = links_and_pipes() if posix else ()
    return [*pictures(), *avif(), *names(), *broken(), *special]


def write(folder, each):
    """Make a trouble below a folder."""
    path = folder / each.name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(each.content, bytes):
        path.write_bytes(each.content)
    else:
        each.content(path)


def start_alone(program, *arguments, **options):
    """Start a program that imports from `ganzoo.datasets` without the wait for Keras."""
    ganzoo = Path(files.__file__).parent
    for name, folder in (("ganzoo.datasets", ganzoo / "datasets"), ("ganzoo", ganzoo)):
        program = (
            f"import sys, types; package = sys.modules[{name!r}] = types.ModuleType({name!r})\n"
            f"package.__path__ = [{str(folder)!r}]\n"
        ) + program
    command = [sys.executable, "-W", "error", "-c", program, *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def run_alone(program, *arguments, **options):
    """Return what such a program prints."""
    with start_alone(program, *arguments, **options) as process:
        printed, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert not errors
    return printed
