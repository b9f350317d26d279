"""Pictures as files, in the format that their name ends in."""

import os
from pathlib import Path

from PIL import Image

from ganzoo.files import expanded, whole_file

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
OPAQUE = (".jpg", ".jpeg", ".bmp")  # cannot keep transparency


def save_picture(path: str | os.PathLike[str], picture: Image.Image) -> None:
    """Write a picture, whole or not at all.

    Args:
        path: where to; its ending chooses the format. In one that cannot keep transparency, the
            picture is laid on white.
        picture: of any mode.

    Raises:
        ValueError: an ending that stands for no picture.
        OSError: the file cannot be written.
        TypeError: no picture of Pillow's.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.from_preset("mnist")
        ganzoo.pictures.save_picture("digits.png", ganzoo.pictures.image_grid(gan.generate(64)))
        ```
    """
    path = checked_picture(path)
    if not isinstance(picture, Image.Image):
        raise TypeError(
            f"A picture is one of Pillow's, e.g. image_grid(images), not {type(picture).__name__}."
        )
    if path.suffix.lower() in OPAQUE:
        picture = on_white(picture)
    with whole_file(path) as partial:
        picture.save(partial)


def checked_picture(path: str | os.PathLike[str]) -> Path:
    """Return the path of a picture, after looking at its ending."""
    path = expanded(path)
    if path.suffix.lower() not in PICTURE_ENDINGS:
        raise ValueError(
            f"A picture's name ends in {', '.join(PICTURE_ENDINGS)}, unlike {path.name!r}."
        )
    return path


def on_white(picture: Image.Image) -> Image.Image:
    """Return a picture without transparency, grey or RGB."""
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    canvas = Image.new("RGB", picture.size, "white")
    picture = picture.convert("RGBA")
    canvas.paste(picture, mask=picture)
    return canvas
