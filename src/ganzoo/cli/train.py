"""`ganzoo train`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.folders.prepare import FITS
from ganzoo.datasets.inspection.inspect import proposed_image_shape
from ganzoo.datasets.loading import is_path
from ganzoo.datasets.resize import resize
from ganzoo.files import whole_file

RUN = "run.json"
Images = tuple[np.ndarray, np.ndarray | None, Sequence[str] | None]
"""Images, labels and names of the classes."""


def height_and_width(
    context: click.Context, option: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """Read `64`, or `96x64` for height x width."""
    if value is None:
        return None
    parts = value.split("x")
    if len(parts) > 2 or not all(part.isdigit() for part in parts):
        raise click.BadParameter(f"{value!r} is no size: give 64, or 96x64 for height x width.")
    return int(parts[0]), int(parts[-1])


@click.command()
@click.argument("data")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="Folder of the run.")  # fmt: skip
@click.option("--epochs", default=20, show_default=True, type=click.IntRange(1))
@click.option("--batch-size", default=64, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--limit", type=click.IntRange(1), help="Use the first N images only.")
@click.option(
    "--image-size",
    callback=height_and_width,
    metavar="HEIGHT[xWIDTH]",
    help="Resize the images, e.g. 32 or 48x64; for files, by default what `inspect` proposes.",
)
@click.option("--base-filters", default=64, show_default=True, type=click.IntRange(1, 512),
              help="Filters next to the image: 32 is faster, 64 is the paper's.")  # fmt: skip
@click.option("--conditional/--unconditional", default=None,
              help="Whether the model can be asked for a class: by default for named datasets that "
              "have classes. The classes of a folder are its sub-folders.")  # fmt: skip
@click.option("--fit", default="crop", show_default=True, type=click.Choice(FITS),
              help="What happens to image files of another aspect.")  # fmt: skip
@click.option("--background", default="white", show_default=True,
              help="Colour behind transparent pixels of image files.")  # fmt: skip
@click.option("--flip", is_flag=True, help="Mirror half of the images, anew in each epoch.")
@click.option("--strict", is_flag=True, help="Stop at the first file that is no usable image.")
@plain_errors
def train(data: str, out: Path, epochs: int, strict: bool, **recipe: Any) -> None:
    """Train a DCGAN on DATA: a folder or zip archive of images, or the name of a dataset.

    The same command again goes on where it stopped.

    \b
    Examples:
      ganzoo train mnist --out runs/mnist --epochs 3
      ganzoo train my_photos/ --out runs/mine --epochs 300 --flip
    """
    if is_path(data):
        data = str(Path(data).expanduser().resolve())
        images, labels, class_names = file_images(Path(data), out, strict=strict, **recipe)
    else:
        images, labels, class_names = named_images(data, **recipe)
    gan = ganzoo.DCGAN(
        images.shape[1:],
        class_names=class_names,
        base_filters=recipe["base_filters"],
        seed=recipe["seed"],
    )
    gan.compile()
    remember(out, data=data, **recipe)
    first = slice(recipe["limit"])
    gan.fit(
        ImageArrays(
            images[first],
            None if labels is None else labels[first],
            batch_size=recipe["batch_size"],
            flip=recipe["flip"],
            seed=recipe["seed"],
        ),
        epochs=epochs,
        verbose="auto" if sys.stdout.isatty() else 2,
        callbacks=[
            ganzoo.callbacks.SampleGrid(out / "samples"),
            ganzoo.callbacks.ExactResume(out / "checkpoints"),
        ],
    )
    recipe["epochs"] = epochs
    gan.save_to_preset(out, metadata={"data": provenance(data), "recipe": recipe})
    click.echo(f"The model is in {out}; draw with: ganzoo generate {out} -n 64 -o samples.png")


def file_images(
    path: Path,
    out: Path,
    *,
    image_size: tuple[int, int] | None,
    conditional: bool | None,
    fit: Any,
    background: str,
    strict: bool,
    **_: Any,
) -> Images:
    """Read a folder or a zip archive in the size asked for, or else in the one proposed."""
    if out.resolve().is_relative_to(path):
        raise click.ClickException(
            f"--out {out} lies among the images in {path}: choose a folder outside."
        )
    *size, channels = proposed_image_shape(path)
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
    """Read a dataset of the catalog, in its own size or in the one asked for."""
    images, labels = ganzoo.datasets.load(name)
    if conditional and labels is None:
        raise click.ClickException(f"{name} has no classes: train it without --conditional.")
    if image_size:
        images = resize(images, *image_size)
    if labels is None or conditional is False:
        return images, None, None
    return images, labels, ganzoo.datasets.DATASETS[name].class_names


def provenance(data: str) -> dict[str, str]:
    """Return what a preset says of its images; of a folder its name alone, as cards are public."""
    if data not in ganzoo.datasets.DATASETS:
        return {"name": Path(data).name}
    dataset = ganzoo.datasets.DATASETS[data]
    return {"name": data, "source": dataset.source, "rights": dataset.licence}


def remember(out: Path, **recipe: Any) -> None:
    """Write down what the run was started with, or check that it is the same."""
    recipe = json.loads(json.dumps(recipe))
    path = out / RUN
    if not path.exists():
        with whole_file(path) as partial:
            partial.write_text(json.dumps(recipe, indent=2) + "\n", encoding="utf-8")
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    if changed := sorted(key for key in recipe if recipe[key] != before.get(key)):
        details = ", ".join(f"{k} {before.get(k)!r}, now {recipe[k]!r}" for k in changed)
        raise click.ClickException(
            f"{out} holds a run that was started otherwise ({details}). "
            "Give the same options to go on with it, or another --out for a new run."
        )
