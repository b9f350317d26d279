"""What `inspect` finds in a folder of images, and how it reads as a table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PIL import Image

from ganzoo.datasets.folders.entries import Unusable
from ganzoo.datasets.folders.levels import Seen
from ganzoo.datasets.folders.report import deep_lines
from ganzoo.names import printable
from ganzoo.types import ImageShape

NAMED = 5  # files, pairs or classes that the table names

Size = tuple[int, int]
"""Width and height."""


@dataclass(frozen=True, repr=False)
class Inspection:
    """What lies in a folder or an archive; `print` it for a table.

    Attributes:
        path: the folder or archive.
        images: how many usable images there are.
        kinds: how many of each format, such as `"JPEG"`, whatever the files are called.
        modes: how many of each of Pillow's modes, such as `"RGB"`.
        smallest: `(width, height)` of the smallest image.
        median: `(width, height)` of the image in the middle.
        largest: `(width, height)` of the largest image.
        aspect: median of width / height.
        transparent: how many images have pixels that are transparent.
        unusable: `(name, reason)` of every file that cannot be used.
        ignored: how many hidden files and sidecars were passed over.
        exact_duplicates: pairs of names with the same bytes; without the first of each pair, every
            content is there once.
        near_duplicates: pairs of names that look the same; without the first of each pair, no two
            images do.
        compared: among how many images, spread evenly, near duplicates were looked for.
        classes: how many images each sub-folder has; empty without sub-folders.
        columns: the names of columns that may hold classes, of label files and shards.
        image_shape: `(height, width, channels)` that suits most images.
        enlarged: how many images have fewer pixels than that.
        cut: share of its area that the median image loses where `image_shape` has another aspect.
        brightest: the brightest number in all images, of 255.
        deep: which numbers there were in each file of more than 8 bits.
        contact_sheet: a `PIL.Image.Image` of up to 100 images, spread evenly.
        advice: what to do before training, in plain words.
    """

    path: str
    images: int
    kinds: Mapping[str, int]
    modes: Mapping[str, int]
    smallest: Size
    median: Size
    largest: Size
    aspect: float
    transparent: int
    unusable: tuple[Unusable, ...]
    ignored: int
    exact_duplicates: tuple[tuple[str, str], ...]
    near_duplicates: tuple[tuple[str, str], ...]
    compared: int
    classes: Mapping[str, int]
    image_shape: ImageShape
    enlarged: int
    cut: float
    brightest: int
    deep: tuple[Seen, ...]
    contact_sheet: Image.Image
    columns: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    def __str__(self) -> str:
        near = f"{len(self.near_duplicates):,}"
        if self.compared < self.images - len(self.exact_duplicates):
            near += f" among {self.compared:,} images spread evenly"
        sizes = zip((self.smallest, self.median, self.largest), _SIZES, strict=True)
        rows = {
            "kinds": _counts(self.kinds),
            "width x height": ", ".join(f"{w} x {h} {which}" for (w, h), which in sizes),
            "width / height": f"{self.aspect:.2f}",
            "modes": _counts(self.modes),
            "transparent": f"{self.transparent:,}",
            "brightest": f"{self.brightest} of 255",
            "unusable": _listed(self.unusable, ": "),
            "ignored": f"{self.ignored:,} hidden files and sidecars",
            "exact duplicates": _listed(self.exact_duplicates, " = "),
            "near duplicates": _listed(self.near_duplicates, " ~ ", near),
            "sub-folders": _counts(self.classes, NAMED) or "none",
            **({"columns": ", ".join(map(printable, self.columns))} if self.columns else {}),
            "image_shape": f"{self.image_shape} is proposed: height, width, channels",
        }
        table = [f"  {name:<18}{text}" for name, text in rows.items()]
        first = f"{printable(self.path)}: {self.images:,} images"
        return "\n".join([first, *table, *deep_lines(self.deep)])

    __repr__ = __str__  # thousands of names help nobody


_SIZES = ("smallest", "median", "largest")


def _counts(counts: Mapping[str, int], most: int | None = None) -> str:
    """Write counts, the highest first; with more than `most`, the last of them too."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    shown = [f"{printable(name)} {count:,}" for name, count in ordered]
    if most and len(shown) > most + 1:
        shown = [f"{len(shown):,}:", *shown[:most], "...", shown[-1]]
        return f"{shown[0]} {', '.join(shown[1:])}"
    return ", ".join(shown)


def _listed(pairs: tuple[tuple[str, str], ...], between: str, count: str | None = None) -> str:
    """Write how many pairs there are, and the first of them below."""
    lines: Iterable[str] = (between.join(map(printable, pair)) for pair in pairs[:NAMED])
    more = [f"and {len(pairs) - NAMED:,} more"] if len(pairs) > NAMED else []
    return "\n      ".join([count or f"{len(pairs):,}", *lines, *more])
