"""What became of the files of a folder, in words."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ganzoo.datasets.folders.entries import Unusable
from ganzoo.datasets.folders.kinds import READ
from ganzoo.datasets.folders.levels import Seen, levels_of
from ganzoo.names import printable
from ganzoo.types import ImageShape

NAMED = 10  # skipped files that a report names


@dataclass(frozen=True)
class FolderReport:
    """What became of the files of a folder; `print` it.

    Attributes:
        path: the folder or archive.
        image_shape: `(height, width, channels)` of every image.
        used: how many images there are.
        classes: how many images each class has; empty without classes.
        enlarged: names of pictures with fewer pixels than `image_shape` asks for.
        skipped: `(name, reason)` of every file that could not be used.
        ignored: how many hidden files and sidecars were passed over.
        deep: which numbers there were in each file of more than 8 bits.
        attributes: how many images have each attribute; empty without.
    """

    path: str
    image_shape: ImageShape
    used: int
    classes: dict[str, int]
    enlarged: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    ignored: int
    deep: tuple[Seen, ...] = ()
    attributes: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        shape = "x".join(map(str, self.image_shape))
        lines = [f"{printable(self.path)}: {self.used:,} images as {shape}"]
        if self.classes:
            counts = ", ".join(f"{printable(name)} {n:,}" for name, n in self.classes.items())
            lines.append(f"  {len(self.classes)} classes: {counts}")
        if self.attributes:
            counts = ", ".join(f"{printable(name)} {n:,}" for name, n in self.attributes.items())
            lines.append(f"  {len(self.attributes)} attributes: {counts}")
        if self.enlarged:
            lines.append(f"  enlarged, and so a little soft: {len(self.enlarged):,}")
        lines += deep_lines(self.deep)
        if self.skipped:
            lines.append(f"  skipped files: {len(self.skipped):,}")
            lines += [f"    {printable(name)}: {why}" for name, why in self.skipped[:NAMED]]
        if len(self.skipped) > NAMED:
            lines.append(f"    and {len(self.skipped) - NAMED:,} more, all in `.report.skipped`")
        return "\n".join(lines)


def deep_lines(deep: Sequence[Seen]) -> list[str]:
    """Say which numbers became black and white in files of more than 8 bits."""
    levels, lines = levels_of(deep), []
    for floats, (black, white) in ((False, levels.integers), (True, levels.floats)):
        if count := sum(each.floats == floats for each in deep):
            kind = "of floating-point numbers" if floats else "of more than 8 bits"
            lines.append(f"  {kind}: {count:,}, whose {black:,g} to {white:,g} became 0 to 255")
    return lines


def nothing_usable(path: str | os.PathLike[str], ignored: int, unusable: Sequence[Unusable]) -> str:
    """Say what was found where an image was looked for."""
    endings = Counter(PurePosixPath(name).suffix.lower() or "no ending" for name, _ in unusable)
    kinds = ", ".join(f"{count:,} {printable(ending)}" for ending, count in endings.most_common())
    lines = [
        f"{printable(os.fspath(path))} has no usable image. Found: {len(unusable):,} other files"
        f"{f' ({kinds})' if kinds else ''}, {ignored:,} hidden files and sidecars."
    ]
    lines += [f"  {printable(name)}: {why}" for name, why in unusable[:NAMED]]
    return "\n".join([*lines, f"Expected {READ} files."])
