"""Pictures of more than 8 bits: one range of numbers for all of a set."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image

from ganzoo.pixel_range import white_of

Range = tuple[float, float]
"""What becomes black, and what becomes white."""


class Seen(NamedTuple):
    """The numbers in a picture: whether they are floats, the lowest and the highest."""

    floats: bool
    lowest: float
    highest: float


@dataclass(frozen=True)
class Levels:
    """Which numbers become 0 and 255; at first, what most such files use.

    Attributes:
        integers: of pictures of 16 or 32 bits.
        floats: of pictures of floating-point numbers.
    """

    integers: Range = (0.0, 65535.0)
    floats: Range = (0.0, 1.0)


USUAL = Levels()


def levels_of(seen: Iterable[Seen]) -> Levels:
    """Return the levels that suit all pictures of a set, none of which is stretched by itself.

    Numbers from 0 on keep their proportions: white is the highest number of as many bits as the
    set uses, or 1 where no float is higher. With negative numbers, all are stretched alike.
    """
    groups: dict[bool, list[Seen]] = {}
    for each in seen:
        groups.setdefault(each.floats, []).append(each)
    found = {floats: _range(floats, group) for floats, group in groups.items()}
    return Levels(found.get(False, USUAL.integers), found.get(True, USUAL.floats))


def _range(floats: bool, group: list[Seen]) -> Range:
    lowest, highest = min(each.lowest for each in group), max(each.highest for each in group)
    if lowest < 0:
        return lowest, highest
    return 0.0, 1.0 if floats and highest <= 1 else float(white_of(highest))


def to_8_bits(image: Image.Image, levels: Levels) -> tuple[Image.Image, Seen | None]:
    """Return a picture in 8 bits, and which numbers it had where they were others.

    Raises:
        ValueError: it has NaN or infinite pixels.
    """
    if not image.mode.startswith(("I", "F")):
        return image, None
    values = np.asarray(image).astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("has NaN or infinite pixels")
    seen = Seen(image.mode == "F", float(values.min()), float(values.max()))
    black, white = levels.floats if seen.floats else levels.integers
    scaled = np.clip((values - black) * (255 / ((white - black) or 1)), 0, 255)
    picture = Image.fromarray(np.rint(scaled).astype(np.uint8))
    if "transparency" in image.info:
        opaque = values != image.info["transparency"]
        picture.putalpha(Image.fromarray(opaque.astype(np.uint8) * 255))
    return picture, seen
