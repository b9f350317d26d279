"""What `ganzoo train` and `ganzoo finetune` share: their images, and the folder of a run."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

import ganzoo
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.loading import is_path
from ganzoo.datasets.resize import resize
from ganzoo.files import whole_file
from ganzoo.types import ImageShape

RUN = "run.json"
Images = tuple[np.ndarray, np.ndarray | None, Sequence[str] | None]
"""Images, labels and names of the classes."""


def absolute(data: str) -> str:
    """Return the whole path of a folder or archive, so that a run knows it again."""
    return str(Path(data).expanduser().resolve()) if is_path(data) else data


def read_images(
    data: str, out: Path, shape_of: Callable[[Path], ImageShape], **options: Any
) -> Images:
    """Read a folder, an archive or a named dataset.

    Files are read in the size asked for, or else in that of `shape_of`, which also says how many
    channels; named datasets in their own size or the one asked for.
    """
    return (
        file_images(Path(data), out, shape_of, **options)
        if is_path(data)
        else named_images(data, **options)
    )


def file_images(
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
    return folder.images, folder.labels, folder.class_names


def named_images(
    name: str, *, image_size: tuple[int, int] | None, conditional: bool | None, **_: Any
) -> Images:
    """Read a dataset of the catalog."""
    images, labels = ganzoo.datasets.load(name)
    if conditional and labels is None:
        raise click.ClickException(f"{name} has no classes: train it without --conditional.")
    if image_size:
        images = resize(images, *image_size)
    if labels is None or conditional is False:
        return images, None, None
    return images, labels, ganzoo.datasets.DATASETS[name].class_names


def remember(out: Path, **recipe: Any) -> None:
    """Write down what the run was started with, or check that it is the same."""
    recipe = json.loads(json.dumps(recipe))
    path = out / RUN
    if not path.exists():
        with whole_file(path) as partial:
            partial.write_text(json.dumps(recipe, indent=2) + "\n", encoding="utf-8")
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    changed = sorted(key for key in recipe | before if recipe.get(key) != before.get(key))
    if changed:
        details = ", ".join(f"{k} {before.get(k)!r}, now {recipe.get(k)!r}" for k in changed)
        raise click.ClickException(
            f"{out} holds a run that was started otherwise ({details}). "
            "Give the same options to go on with it, or another --out for a new run."
        )


def go_on(
    gan: ganzoo.DCGAN,
    images: np.ndarray,
    labels: np.ndarray | None,
    out: Path,
    epochs: int,
    *,
    limit: int | None,
    batch_size: int,
    flip: bool,
    seed: int,
    **_: Any,
) -> None:
    """Train from where the run's folder stands."""
    first = slice(limit)
    gan.fit(
        ImageArrays(
            images[first],
            None if labels is None else labels[first],
            batch_size=batch_size,
            flip=flip,
            seed=seed,
        ),
        epochs=epochs,
        verbose="auto" if sys.stdout.isatty() else 2,
        callbacks=[
            ganzoo.callbacks.SampleGrid(out / "samples"),
            ganzoo.callbacks.ExactResume(out / "checkpoints"),
        ],
    )


def finish(gan: ganzoo.DCGAN, data: str, out: Path, recipe: dict[str, Any]) -> None:
    """Write the model, and what it was trained on, into the run's folder."""
    gan.save_to_preset(out, metadata={"data": provenance(data), "recipe": recipe})
    click.echo(f"The model is in {out}; draw with: ganzoo generate {out} -n 64 -o samples.png")


def provenance(data: str) -> dict[str, str]:
    """Return what a preset says of its images; of a folder its name alone, as cards are public."""
    if data not in ganzoo.datasets.DATASETS:
        return {"name": Path(data).name}
    dataset = ganzoo.datasets.DATASETS[data]
    return {"name": data, "source": dataset.source, "rights": dataset.licence}
