"""The images of a run: of a folder, a zip archive or a dataset that has a name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

import ganzoo
from ganzoo.datasets.loading import is_path
from ganzoo.datasets.resize import resize
from ganzoo.types import ImageShape


class Images(NamedTuple):
    """Images, and what they show, if that is known."""

    images: np.ndarray
    labels: np.ndarray | None = None
    class_names: Sequence[str] | None = None

    def first(self, count: int | None) -> "Images":
        """Return some of them, or all."""
        labels = None if self.labels is None else self.labels[:count]
        return Images(self.images[:count], labels, self.class_names)


def absolute(data: str) -> str:
    """Return the whole path of a folder or archive, so that a run knows it again."""
    return str(Path(data).expanduser().resolve()) if is_path(data) else data


def read_images(
    data: str,
    out: Path,
    shape_of: Callable[[Path], ImageShape],
    *,
    limit: int | None,
    **options: Any,
) -> Images:
    """Read a folder, an archive or a named dataset.

    Files are read in the size asked for, or else in that of `shape_of`, which also says how many
    channels; named datasets in their own size or the one asked for.
    """
    found = (
        of_files(Path(data), out, shape_of, **options)
        if is_path(data)
        else of_dataset(data, **options)
    )
    return found.first(limit)


def of_files(
    path: Path,
    out: Path,
    shape_of: Callable[[Path], ImageShape],
    *,
    image_size: tuple[int, int] | None,
    conditional: bool | None,
    fit: Any,
    background: str,
    strict: bool,
    **_: Any,
) -> Images:
    """Read a folder or a zip archive."""
    if out.resolve().is_relative_to(path):
        raise click.ClickException(
            f"--out {out} lies among the images in {path}: choose a folder outside."
        )
    *size, channels = shape_of(path)
    height, width = image_size or size
    folder = ganzoo.datasets.image_folder(
        path,
        (height, width, channels),
        labels="inferred" if conditional else None,
        fit=fit,
        background=background,
        strict=strict,
    )
    return Images(folder.images, folder.labels, folder.class_names)


def of_dataset(
    name: str, *, image_size: tuple[int, int] | None, conditional: bool | None, **_: Any
) -> Images:
    """Read a dataset of the catalog."""
    images, labels = ganzoo.datasets.load(name)
    if conditional and labels is None:
        raise click.ClickException(f"{name} has no classes: train it without --conditional.")
    if image_size:
        images = resize(images, *image_size)
    if labels is None or conditional is False:
        return Images(images)
    return Images(images, labels, ganzoo.datasets.DATASETS[name].class_names)


def provenance(data: str) -> dict[str, str]:
    """Return what a preset says of its images; of a folder its name alone, as cards are public."""
    if data not in ganzoo.datasets.DATASETS:
        return {"name": Path(data).name}
    dataset = ganzoo.datasets.DATASETS[data]
    return {"name": data, "source": dataset.source, "rights": dataset.licence}
