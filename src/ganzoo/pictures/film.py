"""Pictures that move: an animated GIF, a WebP or an MP4, from pictures or a folder of them."""

import math
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ganzoo.files import PARTIAL_PREFIX, expanded, whole_file
from ganzoo.pictures import video
from ganzoo.pictures.picture_file import on_white

ENDINGS = (".gif", ".webp", ".mp4")
TICKS = {".gif": 10, ".webp": 1}  # milliseconds, of which a duration is a multiple
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
CAPTION_HEIGHT = 16
MARGIN = 4
GREY_LEVELS = 32
Frame = Image.Image | Path


def save_film(
    path: str | os.PathLike[str],
    frames: Iterable[Image.Image] | str | os.PathLike[str],
    captions: Sequence[str] | None = None,
    seconds: float = 0.1,
    last_seconds: float = 2.0,
    most: int = 200,
) -> int:
    """Write a film that begins anew when it ends, whole or not at all.

    A GIF has up to 256 colours in each frame, and 32 grey levels, which take a third of the room.

    Args:
        path: where to; the ending chooses between `.gif`, `.webp`, which is smaller for photos, and
            `.mp4`, which needs the extra `video`, and whose player decides whether it begins anew.
        frames: pictures, e.g. from `image_grid`; or a folder of them, such as `SampleGrid`
            writes, in the order of the numbers in their names.
        captions: a line below each frame; by default none, or for a folder what its files are
            called: `epoch-0012.png` is "epoch 12".
        seconds: how long a frame is shown. Rounding does not add up: a frame begins when it should.
        last_seconds: how long the last frame is shown.
        most: how many frames of a folder are taken at most, evenly; this bounds the memory.

    Returns:
        How many frames there are.

    Raises:
        ValueError: there is no frame, another number of captions, or an unknown ending.
        ImportError: an MP4 is asked for, and PyAV is not installed.
        OSError: the folder or a picture in it cannot be read, or the film cannot be written.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN((28, 28, 1))
        images = gan.generate(12, seed=0)
        frames = [ganzoo.pictures.image_grid(image[None], scale=4) for image in images]
        ganzoo.pictures.save_film("film.gif", frames)
        ```
    """
    path = checked_film(path)
    chosen: Sequence[Frame]
    if isinstance(frames, str | os.PathLike):
        chosen = paths = evenly(pictures_in(expanded(frames)), most)
        captions = captions or [caption_of(each) for each in paths]
    else:
        chosen = list(frames)
        if wrong := [each for each in chosen if not isinstance(each, Image.Image)]:
            raise TypeError(
                f"Frames are Pillow's pictures, e.g. of image_grid, not {type(wrong[0]).__name__}: "
                "make one of each array by PIL.Image.fromarray."
            )
    if not chosen:
        raise ValueError(f"There is no frame for {path}.")
    if captions and len(captions) != len(chosen):
        raise ValueError(f"{len(chosen)} frames need as many captions, not {len(captions)}.")
    if min(seconds, last_seconds) < 0.01:
        raise ValueError(f"A frame lasts 0.01 s at least, not {min(seconds, last_seconds)}.")
    captions = captions or [""] * len(chosen)
    size = roomy([size_of(each) for each in chosen], captions)
    shown = [framed(each, size, caption) for each, caption in zip(chosen, captions, strict=True)]
    with whole_file(path) as partial:
        if path.suffix.lower() == ".mp4":
            again = round(last_seconds / seconds) - 1  # how often the last is repeated
            video.write_video(partial, shown + shown[-1:] * again, seconds)
        else:
            animate(partial, shown, seconds, last_seconds)
    return len(chosen)


def animate(path: Path, frames: Sequence[Image.Image], seconds: float, last_seconds: float) -> None:
    """Write a GIF or WebP."""
    kind = path.suffix.lower()
    first, *others = map(coarse, frames) if kind == ".gif" else frames
    tick = TICKS[kind]
    starts = [round(1000 * seconds * index / tick) * tick for index in range(len(frames))]
    ends = [*starts[1:], starts[-1] + round(1000 * last_seconds / tick) * tick]
    durations = [end - start for start, end in zip(starts, ends, strict=True)]
    first.save(path, save_all=True, append_images=others, duration=durations, loop=0)


def checked_film(path: str | os.PathLike[str]) -> Path:
    """Return the path of a film, after looking at its ending."""
    path = expanded(path)
    if path.suffix.lower() not in ENDINGS:
        known = ", ".join(ENDINGS[:-1])
        raise ValueError(f"A film's name ends in {known} or {ENDINGS[-1]}, unlike {path.name!r}.")
    if path.suffix.lower() == ".mp4":
        video.imported()
    return path


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures in a folder, those with smaller numbers in their names first."""
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder of pictures at {folder}.")
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in PICTURES and not path.name.startswith(PARTIAL_PREFIX)
    ]
    if not found:
        raise FileNotFoundError(f"There is no picture in {folder}.")

    def natural(path: Path) -> list[tuple[int, str]]:
        return [
            (int(part), "") if part.isdecimal() else (-1, part)
            for part in re.split(r"(\d+)", path.name)
        ]

    return sorted(found, key=natural)


def evenly(paths: Sequence[Path], most: int) -> list[Path]:
    """Return at most so many of the paths: the first, the last, and others evenly between."""
    if most < 2:
        raise ValueError(f"A film has room for 2 frames at least, not {most}.")
    if len(paths) <= most:
        return list(paths)
    return [paths[round(index * (len(paths) - 1) / (most - 1))] for index in range(most)]


def caption_of(path: Path) -> str:
    """Return a file's name for people: `epoch-0012.png` is "epoch 12"."""
    return re.sub(r"[-_ ]*0*(\d+)$", r" \1", path.stem).strip()


def size_of(frame: Frame) -> tuple[int, int]:
    """Return width and height, without reading a file's pixels."""
    if isinstance(frame, Path):
        with Image.open(frame) as picture:
            return picture.size
    return frame.size


def roomy(sizes: Sequence[tuple[int, int]], captions: Sequence[str]) -> tuple[int, int]:
    """Return a size that all frames have room in, and captions below it."""
    font = ImageFont.load_default()
    widths = [width for width, _ in sizes]
    lengths = [math.ceil(font.getlength(each)) + 2 * MARGIN for each in captions if each]
    return max(widths + lengths), max(height for _, height in sizes)


def framed(frame: Frame, size: tuple[int, int], caption: str) -> Image.Image:
    """Return a frame on white, with a line of text below it."""
    if isinstance(frame, Path):
        with Image.open(frame) as opened:
            return framed(opened, size, caption)
    picture = on_white(frame)
    width, height = size
    canvas = Image.new(picture.mode, (width, height + (CAPTION_HEIGHT if caption else 0)), "white")
    canvas.paste(picture)
    if caption:
        ImageDraw.Draw(canvas).text(
            (MARGIN, height + 2), caption, "black", ImageFont.load_default()
        )
    return canvas


def coarse(picture: Image.Image) -> Image.Image:
    """Return a grey picture in fewer grey levels, black and white among them."""
    step = 255 / (GREY_LEVELS - 1)
    if picture.mode != "L":
        return picture
    return picture.point([round(round(level / step) * step) for level in range(256)])
