"""The images of a run: of a folder, a zip archive or a dataset that has a name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

import ganzoo
from ganzoo.datasets.loading import is_path
from ganzoo.types import ImageShape


class Images(NamedTuple):
    """Images, and what they show, if that is known."""

    images: np.ndarray
    labels: np.ndarray | None = None
    class_names: Sequence[str] | None = None


def absolute(data: str) -> str:
    """Return the whole path of a folder or archive, so that a run knows it again."""
    return str(Path(data).expanduser().resolve()) if is_path(data) else data


def read_images(
    data: str,
    out: Path,
    shape_of: Callable[[Path], ImageShape],
    *,
    image_size: tuple[int, int] | None,
    conditional: bool | None,
    limit: int | None,
    fit: Any,
    background: str,
    strict: bool,
    **_: Any,
) -> Images:
    """Read a folder, an archive or a named dataset.

    Files are read in the size asked for, or else in that of `shape_of`, which also says how many
    channels; named datasets in their own size or the one asked for.
    """
    if is_path(data):
        shape = shape_of(Path(data))
        if out.resolve().is_relative_to(data):
            raise click.ClickException(
                f"--out {out} lies among the images in {data}: choose a folder outside."
            )
    else:
        shape = ganzoo.datasets.DATASETS[data].image_shape
        if conditional and not ganzoo.datasets.DATASETS[data].class_names:
            raise click.ClickException(f"{data} has no classes: train it without --conditional.")
    found = ganzoo.datasets.read(
        data,
        (*image_size, shape[2]) if image_size else shape,
        labels="inferred" if conditional else None if conditional is None else False,
        fit=fit,
        background=background,
        limit=limit,
        strict=strict,
        verbose=True,
    )
    return Images(found.images, found.labels, found.class_names)


def provenance(data: str) -> dict[str, str]:
    """Return what a preset says of its images; of a folder its name alone, as cards are public."""
    if data not in ganzoo.datasets.DATASETS:
        return {"name": Path(data).name}
    dataset = ganzoo.datasets.DATASETS[data]
    return {"name": data, "source": dataset.source, "rights": dataset.licence}
