"""`ganzoo interpolate`."""

from pathlib import Path
from typing import Any

import click
import numpy as np

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.generate import asked
from ganzoo.cli.output import check_free, force_option
from ganzoo.files import whole_file
from ganzoo.latents import interpolate as between
from ganzoo.latents import walk
from ganzoo.pictures import image_grid, save_film
from ganzoo.pictures.film import ENDINGS

STOPS = 4  # of a film


@click.command()
@click.argument("model")
@click.option("-n", "count", default=10, show_default=True, type=click.IntRange(1),
              help="How many images change: rows of a picture, or images in a frame.")  # fmt: skip
@click.option("--steps", default=12, show_default=True, type=click.IntRange(2),
              help="Images from one latent to the next.")  # fmt: skip
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="A picture, or a film if it ends in .gif or .webp.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="The same seed draws the same images.")
@click.option("--label", help="Number or name of the class to draw; all by default.")
@force_option
@plain_errors
def interpolate(
    model: str,
    count: int,
    steps: int,
    out: Path,
    seed: int | None,
    label: str | None,
    force: bool,
) -> None:
    """Draw images with MODEL that change smoothly into others.

    MODEL is a preset, as for `ganzoo generate`. A film goes round without an end.

    \b
    Examples:
      ganzoo interpolate mnist -o between.png
      ganzoo interpolate mnist -n 1 --label 8 -o eights.gif
    """
    check_free(out, force)
    gan = ganzoo.from_preset(model, compile=False)
    random = np.random.default_rng(seed)
    labels: Any = asked(gan, label)
    if labels is None and gan.num_classes:
        labels = np.arange(count) % gan.num_classes
    if out.suffix.lower() in ENDINGS:
        stops = random.standard_normal((STOPS, count, gan.latent_dim))
        images = gan.draw(walk(stops, steps), labels)
        frames = (image_grid(frame, scale=max(1, 96 // frame.shape[1])) for frame in images)
        save_film(out, frames, seconds=0.05, last_seconds=0.05)
    else:
        first, last = random.standard_normal((2, count, gan.latent_dim))
        labels = labels[:, None] if np.ndim(labels) else labels
        images = gan.draw(between(first, last, steps), labels)
        with whole_file(out) as partial:
            image_grid(images).save(partial)
    click.echo(f"{images.shape[0] * images.shape[1]} images are in {out}")
