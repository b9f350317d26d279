"""Any image file to one 8-bit picture in grey, RGB or RGBA."""

from typing import BinaryIO

from PIL import ExifTags, Image, ImageColor, UnidentifiedImageError

from ganzoo.datasets.folders.kinds import HEAD, readable, what_it_is
from ganzoo.datasets.folders.levels import USUAL, Levels, Seen, to_8_bits

PICTURE_MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # by number of channels
TURNS = {  # by EXIF's number, what turns a picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
    head = file.read(HEAD)
    if not head:
        raise UnusableImageError("the file is empty")
    file.seek(0)
    try:
        return Image.open(file, formats=readable())
    except UnidentifiedImageError as error:
        raise UnusableImageError(what_it_is(head)) from error
    except Image.DecompressionBombError as error:
        raise UnusableImageError("absurdly many pixels") from error
    except Exception as error:  # a stranger's file can make Pillow raise anything
        raise UnusableImageError(reason(error)) from error


def decode(
    file: BinaryIO,
    channels: int,
    background: str,
    levels: Levels = USUAL,
    least: int | None = None,
) -> tuple[Image.Image, Seen | None]:
    """Read an image file: its first frame, the right way up, whatever its mode.

    Args:
        file: a seekable binary file.
        channels: 1, 3 or 4.
        background: the colour behind transparent pixels, unless there are 4 channels.
        levels: what becomes black and white in pictures of more than 8 bits.
        least: the side that is enough: JPEG are then halved while they are decoded, once or more.

    Returns:
        A picture of mode L, RGB or RGBA, and which numbers it had if of more than 8 bits.

    Raises:
        UnusableImageError: it is no whole image.
    """
    image = open_image(file)
    try:
        if least is not None:
            image.draft(None, (least, least))  # no other format takes notice
        image.load()
        return convert(image, channels, background, levels)
    except Exception as error:
        raise UnusableImageError(reason(error)) from error


def convert(
    image: Image.Image, channels: int, background: str, levels: Levels = USUAL
) -> tuple[Image.Image, Seen | None]:
    """Do as `decode`, with a picture that is read already."""
    turn = TURNS.get(orientation(image))  # `exif_transpose` stumbles over damaged EXIF
    picture, seen = to_8_bits(image, levels)
    picture = _in_mode(picture, PICTURE_MODES[channels], background)
    return picture if turn is None else picture.transpose(turn), seen


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


def _in_mode(image: Image.Image, mode: str, background: str) -> Image.Image:
    if mode == "RGBA" or not image.has_transparency_data:
        return image if image.mode == mode else image.convert(mode)  # which would copy it
    ground = Image.new("RGBA", image.size, (*ImageColor.getrgb(background)[:3], 255))
    return Image.alpha_composite(ground, image.convert("RGBA")).convert(mode)
