"""Any image file to one 8-bit picture in grey, RGB or RGBA."""

from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageColor, UnidentifiedImageError

# Not everything that Pillow knows: some of its readers start other programs (EPS).
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF")
PICTURE_MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # by number of channels
TOPS = {"F": (1, 255), "I": (255, 65535)}  # what white may be in such files
TURNS = {  # by EXIF's number, what turns a picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1")


class UnusableImageError(Exception):
    """A file is no usable image; the message says why, in a few words."""


def open_image(file: BinaryIO) -> Image.Image:
    """Read the header of an image file.

    Args:
        file: a seekable binary file.

    Returns:
        The image, whose size, mode and format are known, and whose pixels are not read yet.

    Raises:
        UnusableImageError: it is no image, or an absurdly large one.
    """
    start = file.read(12)
    if not start:
        raise UnusableImageError("the file is empty")
    file.seek(0)
    Image.init()
    try:
        return Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN])
    except UnidentifiedImageError as error:
        if start[4:] in HEIC:
            raise UnusableImageError(
                "HEIC, which Pillow does not read; export it as JPEG"
            ) from error
        raise UnusableImageError("no image, or of an unknown kind") from error
    except Image.DecompressionBombError as error:
        raise UnusableImageError("absurdly many pixels") from error
    except Exception as error:  # a stranger's file can make Pillow raise anything
        raise UnusableImageError(reason(error)) from error


def decode(file: BinaryIO, channels: int, background: str) -> Image.Image:
    """Read an image file: its first frame, the right way up, whatever its mode.

    Args:
        file: a seekable binary file.
        channels: 1, 3 or 4.
        background: the colour behind transparent pixels, unless there are 4 channels.

    Returns:
        A picture of mode L, RGB or RGBA.

    Raises:
        UnusableImageError: it is no whole image.
    """
    image = open_image(file)
    try:
        image.load()
        turn = TURNS.get(orientation(image))  # `exif_transpose` stumbles over damaged EXIF
        picture = _convert(_eight_bits(image), PICTURE_MODES[channels], background)
        return picture if turn is None else picture.transpose(turn)
    except UnusableImageError:
        raise
    except Exception as error:
        raise UnusableImageError(reason(error)) from error


def orientation(image: Image.Image) -> int:
    """Return EXIF's number of how the image lies; 1 is upright. No pixels are read for it."""
    try:
        # A PNG file's own getexif would read its pixels.
        return Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged metadata is no reason to lose the picture
        return 1


def reason(error: Exception) -> str:
    """Say in a few words what an error of Pillow's or of the operating system means."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if "truncated" in text.lower():
        return "truncated"
    return text.splitlines()[0][:100]


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale numbers of 16 or 32 bits to [0, 255]; their range is guessed where nothing tells it."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.asarray(image).astype(np.float64)
    if not np.isfinite(values).all():
        raise UnusableImageError("has NaN or infinite pixels")
    lowest, highest = values.min(), values.max()
    tops = [top for top in TOPS.get(image.mode, (65535,)) if highest <= top]
    if lowest >= 0 and tops:
        lowest, highest = 0, tops[0]
    scale = 255 / ((highest - lowest) or 1)
    scaled = Image.fromarray(np.rint((values - lowest) * scale).astype(np.uint8))
    if "transparency" in image.info:
        opaque = values != image.info["transparency"]
        scaled.putalpha(Image.fromarray(opaque.astype(np.uint8) * 255))
    return scaled


def _convert(image: Image.Image, mode: str, background: str) -> Image.Image:
    if mode == "RGBA" or not image.has_transparency_data:
        return image if image.mode == mode else image.convert(mode)  # which would copy it
    ground = Image.new("RGBA", image.size, (*ImageColor.getrgb(background)[:3], 255))
    return Image.alpha_composite(ground, image.convert("RGBA")).convert(mode)
