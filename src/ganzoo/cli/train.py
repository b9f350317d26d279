"""`ganzoo train`."""

from functools import partial
from pathlib import Path
from typing import Any

import click

import ganzoo
from ganzoo.cli import run_folder, runs
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.images import absolute, read_images
from ganzoo.cli.options import run_options
from ganzoo.datasets.inspection.survey import proposed_image_shape

LARGEST = 64  # pixels along a side, up to which a DCGAN is at its best


@click.command()
@click.argument("data")
@run_options(epochs=20, batch_size=64, size="files get what `inspect` proposes")
@click.option("--base-filters", default=64, show_default=True, type=click.IntRange(1, 512),
              help="Filters next to the image: 32 is faster, 64 is the paper's.")  # fmt: skip
@plain_errors
def train(data: str, out: Path, dry_run: bool, strict: bool, **options: Any) -> None:
    """Train a DCGAN on DATA: a folder or zip archive of images, or the name of a dataset.

    The same command again goes on where it stopped. The run's folder gets pictures after each
    epoch, a film, curves, and at the end the model of the best epoch.

    \b
    Examples:
      ganzoo train mnist --out runs/mnist --epochs 3
      ganzoo train my_photos/ --out runs/mine --epochs 300 --flip
      ganzoo train my_photos/ --out runs/mine --dry-run
      ganzoo train --config runs/mine/run.toml --out runs/again --seed 1
    """
    options = {"data": absolute(data), **options}
    run_folder.check(out, options)
    shape_of = partial(proposed_image_shape, largest=LARGEST)
    images = read_images(out=out, shape_of=shape_of, strict=strict, **options)
    gan = ganzoo.DCGAN(
        images.images.shape[1:],
        class_names=images.class_names,
        base_filters=options["base_filters"],
        seed=options["seed"],
    )
    gan.compile()
    runs.carry_out(gan, images, out, dry_run, options)
