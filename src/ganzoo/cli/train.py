"""`ganzoo train`."""

from pathlib import Path
from typing import Any

import click

import ganzoo
from ganzoo.cli import runs
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.options import run_options
from ganzoo.datasets.inspection.inspect import proposed_image_shape


@click.command()
@click.argument("data")
@run_options(epochs=20, batch_size=64, size="files get what `inspect` proposes")
@click.option("--base-filters", default=64, show_default=True, type=click.IntRange(1, 512),
              help="Filters next to the image: 32 is faster, 64 is the paper's.")  # fmt: skip
@plain_errors
def train(data: str, out: Path, epochs: int, strict: bool, **recipe: Any) -> None:
    """Train a DCGAN on DATA: a folder or zip archive of images, or the name of a dataset.

    The same command again goes on where it stopped.

    \b
    Examples:
      ganzoo train mnist --out runs/mnist --epochs 3
      ganzoo train my_photos/ --out runs/mine --epochs 300 --flip
    """
    data = runs.absolute(data)
    images, labels, class_names = runs.read_images(
        data, out, proposed_image_shape, strict=strict, **recipe
    )
    gan = ganzoo.DCGAN(
        images.shape[1:],
        class_names=class_names,
        base_filters=recipe["base_filters"],
        seed=recipe["seed"],
    )
    gan.compile()
    runs.remember(out, data=data, **recipe)
    runs.go_on(gan, images, labels, out, epochs, **recipe)
    runs.finish(gan, data, out, recipe | {"epochs": epochs})
