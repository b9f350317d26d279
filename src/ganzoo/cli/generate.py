"""`ganzoo generate`."""

from pathlib import Path

import click

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.output import check_free, force_option
from ganzoo.files import whole_file
from ganzoo.pictures import image_grid


@click.command()
@click.argument("model")
@click.option("-n", "count", default=64, show_default=True, type=click.IntRange(1))
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write; its ending chooses the format.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="The same seed draws the same images.")
@click.option("--label", help="Number or name of the class to draw; all by default.")
@force_option
@plain_errors
def generate(
    model: str, count: int, out: Path, seed: int | None, label: str | None, force: bool
) -> None:
    """Draw images with MODEL into one picture.

    MODEL is a preset: the folder of a run, the name of one that comes with ganzoo, or
    hf://user/repo on the Hugging Face Hub.

    \b
    Example:
      ganzoo generate runs/mnist -n 64 -o digits.png
    """
    check_free(out, force)
    gan = ganzoo.from_preset(model, compile=False)
    draw(gan, count, seed, out, label)
    click.echo(f"{count} images are in {out}")


def draw(
    gan: ganzoo.GAN, count: int, seed: int | None, out: Path, label: str | None = None
) -> None:
    """Write a grid of generated images, a column for each class if all are drawn."""
    images = gan.generate(count, labels=asked(gan, label), seed=seed)
    columns = gan.num_classes if label is None else None
    with whole_file(out) as partial:
        image_grid(images, columns).save(partial)


def asked(gan: ganzoo.GAN, label: str | None) -> int | str | None:
    """Return the class that is asked for by name or number."""
    known = gan.class_names or []
    return int(label) if label and label.isdigit() and label not in known else label
