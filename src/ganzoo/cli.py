"""The command line: a thin layer over the public API."""

import json
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
import numpy as np

import ganzoo
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.folders.prepare import FITS
from ganzoo.datasets.folders.sources import printable
from ganzoo.datasets.inspection.inspect import proposed_image_shape
from ganzoo.datasets.loading import is_path
from ganzoo.datasets.resize import resize
from ganzoo.files import whole_file
from ganzoo.pictures import image_grid

RUN = "run.json"
Images = tuple[np.ndarray, np.ndarray | None, Sequence[str] | None]
"""Images, labels and names of the classes."""


def plain_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show the errors that a user can do something about without a traceback."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (ValueError, TypeError, OSError, FloatingPointError, ImportError) as error:
            raise click.ClickException(str(error)) from error

    return run


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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(ganzoo.__version__)
def main() -> None:
    """Train GANs and draw with them."""


@main.command()
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


@main.command()
@click.argument("model")
@click.option("-n", "count", default=64, show_default=True, type=click.IntRange(1))
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write; its ending chooses the format.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="The same seed draws the same images.")
@click.option("--label", help="Number or name of the class to draw; all by default.")
@plain_errors
def generate(model: str, count: int, out: Path, seed: int | None, label: str | None) -> None:
    """Draw images with MODEL into one picture.

    MODEL is a preset: the folder of a run, the name of one that comes with ganzoo, or
    hf://user/repo on the Hugging Face Hub.

    \b
    Example:
      ganzoo generate runs/mnist -n 64 -o digits.png
    """
    gan = ganzoo.DCGAN.from_preset(model, compile=False)
    draw(gan, count, seed, out, label)
    click.echo(f"{count} images are in {out}")


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write; by default PATH's name with -contact-sheet.png, "
              "in the current folder.")  # fmt: skip
@plain_errors
def inspect(path: Path, out: Path | None) -> None:
    """Look at PATH, a folder or zip archive of images, before training.

    Prints a table and advice, and writes a contact sheet; PATH stays as it is.

    \b
    Example:
      ganzoo inspect my_photos/
    """
    path = path.expanduser().resolve()
    outside = path.parent if Path.cwd().is_relative_to(path) else Path()
    out = out or outside / f"{path.name.removesuffix('.zip')}-contact-sheet.png"
    if out.resolve().is_relative_to(path):
        raise click.ClickException(f"--out {out} lies in {path}: choose a place outside.")
    found = ganzoo.datasets.inspect(path)
    with whole_file(out) as partial:
        found.contact_sheet.save(partial)
    lines = [str(found), "", *(f"- {sentence}" for sentence in found.advice), ""]
    click.echo("\n".join([*lines, f"The contact sheet is in {printable(str(out))}"]))


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


def draw(
    gan: ganzoo.DCGAN, count: int, seed: int | None, out: Path, label: str | None = None
) -> None:
    """Write a grid of generated images, a column for each class if all are drawn."""
    known = gan.class_names or []
    chosen = int(label) if label and label.isdigit() and label not in known else label
    images = gan.generate(count, labels=chosen, seed=seed)
    columns = gan.num_classes if label is None else None
    with whole_file(out) as partial:
        image_grid(images, columns).save(partial)


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
