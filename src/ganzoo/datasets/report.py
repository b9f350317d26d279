"""What became of the files of a folder, in words."""

from dataclasses import dataclass

from ganzoo.datasets.sources import printable
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
    """

    path: str
    image_shape: ImageShape
    used: int
    classes: dict[str, int]
    enlarged: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    ignored: int

    def __str__(self) -> str:
        shape = "x".join(map(str, self.image_shape))
        lines = [f"{printable(self.path)}: {self.used:,} images as {shape}"]
        if self.classes:
            counts = ", ".join(f"{printable(name)} {n:,}" for name, n in self.classes.items())
            lines.append(f"  {len(self.classes)} classes: {counts}")
        if self.enlarged:
            lines.append(f"  {len(self.enlarged):,} smaller pictures were enlarged and look soft")
        if self.skipped:
            lines.append(f"  {len(self.skipped):,} files were skipped:")
            lines += [f"    {printable(name)}: {why}" for name, why in self.skipped[:NAMED]]
        if len(self.skipped) > NAMED:
            lines.append(f"    and {len(self.skipped) - NAMED:,} more, all in `.report.skipped`")
        return "\n".join(lines)
