"""The command line: a thin layer over the public API."""

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

import ganzoo
from ganzoo.datasets.resize import resize
from ganzoo.files import whole_file
from ganzoo.pictures import image_grid

RUN = "run.json"


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
@click.argument("dataset", type=click.Choice(sorted(ganzoo.datasets.DATASETS)))
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
    help="Resize the images, e.g. 32 or 48x64.",
)
@click.option("--base-filters", default=64, show_default=True, type=click.IntRange(1, 512),
              help="Filters next to the image: 32 is faster, 64 is the paper's.")  # fmt: skip
@click.option("--conditional/--unconditional", default=True, show_default=True,
              help="Whether the model can be asked for a class.")  # fmt: skip
@plain_errors
def train(
    dataset: str,
    out: Path,
    epochs: int,
    limit: int | None,
    image_size: tuple[int, int] | None,
    **recipe: Any,
) -> None:
    """Train a DCGAN on DATASET; the same command again goes on where it stopped.

    \b
    Example:
      ganzoo train mnist --out runs/mnist --epochs 3
    """
    images, labels = ganzoo.datasets.load(dataset)
    images, labels = images[:limit], labels[:limit]
    if image_size:
        images = resize(images, *image_size)
    class_names = ganzoo.datasets.DATASETS[dataset].class_names if recipe["conditional"] else None
    gan = ganzoo.DCGAN(
        images.shape[1:],
        class_names=class_names,
        base_filters=recipe["base_filters"],
        seed=recipe["seed"],
    )
    gan.compile()
    remember(out, dataset=dataset, limit=limit, image_size=image_size, **recipe)
    gan.fit(
        images,
        labels if class_names else None,
        batch_size=recipe["batch_size"],
        epochs=epochs,
        verbose="auto" if sys.stdout.isatty() else 2,
        callbacks=[
            ganzoo.callbacks.SampleGrid(out / "samples"),
            ganzoo.callbacks.ExactResume(out / "checkpoints"),
        ],
    )
    gan.save_to_preset(out)
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
