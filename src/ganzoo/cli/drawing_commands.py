"""The commands that draw: `generate`, `interpolate` and `film`."""

from pathlib import Path

import click
import numpy as np

import ganzoo
from ganzoo.cli.terminal import check_place, force_option, plain_errors
from ganzoo.latents import interpolate as between
from ganzoo.latents import walk
from ganzoo.pictures import image_grid, save_film, save_picture
from ganzoo.pictures.film import ENDINGS, checked_film
from ganzoo.pictures.picture_file import checked_picture

STOPS = 4  # of a film

seed_option = click.option("--seed", type=click.IntRange(0),
                           help="The same seed draws the same images.")  # fmt: skip
label_option = click.option("--label", "--labels", "label", metavar="LABEL",
                            help="Number or name of the class to draw; all by default. Of a model "
                            "of attributes: smiling=1,hat=0 or smiling.")  # fmt: skip


@click.command()
@click.argument("model")
@click.option("-n", "count", default=64, show_default=True, type=click.IntRange(1))
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write; its ending chooses the format.")  # fmt: skip
@seed_option
@label_option
@force_option
@plain_errors
def generate(
    model: str, count: int, out: Path, seed: int | None, label: str | None, force: bool
) -> None:
    """Draw images with MODEL into one picture.

    MODEL is a preset: the folder of a run, the name of one that comes with ganzoo, or
    hf://user/repo on the Hugging Face Hub.

    \b
    Examples:
      ganzoo generate runs/mnist -n 64 -o digits.png
      ganzoo generate runs/mnist -n 8 --label 7 -o sevens.png
      ganzoo generate runs/faces --labels smiling=1,hat=0 -o smiling.png
    """
    check_place(checked_picture(out), force)
    gan = ganzoo.from_preset(model, compile=False)
    images = gan.generate(count, labels=asked(gan, label), seed=seed)
    save_picture(out, image_grid(images, gan.turns if label is None else None))
    click.echo(f"{count} images are in {out}")


def asked(gan: ganzoo.GAN, label: str | None) -> int | str | dict[str, float] | None:
    """Return the class that is asked for by name or number, or attributes by name."""
    if label and gan.attributes:
        return dict(map(attribute, label.split(",")))
    known = gan.class_names or []
    return int(label) if label and label.isdecimal() and label not in known else label


def attribute(text: str) -> tuple[str, float]:
    """Read `hat=1`, `hat=0`, or `hat` for the former."""
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number or 1)
    except ValueError:
        raise click.UsageError(f"{text!r} is no attribute: give {name}=1, or 0.") from None


def whole_numbers(
    context: click.Context, option: click.Parameter, value: str | None
) -> list[int] | None:
    """Read `3,14,15`: two numbers at least."""
    parts = [part.strip() for part in value.split(",")] if value is not None else None
    if parts and (len(parts) < 2 or not all(part.isdecimal() for part in parts)):
        raise click.BadParameter(f"{value!r} are no seeds: give two or more, such as 3,14,15.")
    return [int(part) for part in parts] if parts else None


@click.command()
@click.argument("model")
@click.option("-n", "count", default=10, show_default=True, type=click.IntRange(1),
              help="How many images change: rows of a picture, or images in a frame.")  # fmt: skip
@click.option("--steps", default=12, show_default=True, type=click.IntRange(2),
              help="Images from one latent to the next.")  # fmt: skip
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="A picture, or a film if it ends in .gif, .webp or .mp4.")  # fmt: skip
@seed_option
@click.option("--seeds", callback=whole_numbers, metavar="N,N,...",
              help="Go from the images of one seed to those of the next.")  # fmt: skip
@click.option("--bpm", type=click.FloatRange(1), help="Reach the next latent of a film on each "
              "beat, so many a minute; by default after --steps of 0.05 s.")  # fmt: skip
@label_option
@force_option
@plain_errors
def interpolate(
    model: str,
    count: int,
    steps: int,
    out: Path,
    seed: int | None,
    seeds: list[int] | None,
    bpm: float | None,
    label: str | None,
    force: bool,
) -> None:
    """Draw images with MODEL that change smoothly into others.

    MODEL is a preset, as for `ganzoo generate`. A film goes round without an end.

    \b
    Examples:
      ganzoo interpolate mnist -o between.png
      ganzoo interpolate mnist -n 1 --label 8 -o eights.gif
      ganzoo interpolate mnist --seeds 3,14,15 --bpm 120 -o walk.mp4
    """
    moving = out.suffix.lower() in ENDINGS
    check_place(checked_film(out) if moving else checked_picture(out), force)
    if not moving and (bpm or (seeds and len(seeds) > 2)):
        raise click.UsageError("--bpm and more than two --seeds are for films.")
    gan = ganzoo.from_preset(model, compile=False)
    labels = gan.labels(count, asked(gan, label))
    if seeds:
        stops = np.stack([gan.latents(count, each) for each in seeds])
    else:
        stops = gan.latents((STOPS if moving else 2) * count, seed)
        stops = stops.reshape(-1, count, gan.latent_dim)
    if moving:
        images = gan.draw(walk(stops, steps), labels)
        frames = (image_grid(frame, scale=max(1, 96 // frame.shape[1])) for frame in images)
        seconds = 60 / bpm / steps if bpm else 0.05
        save_film(out, frames, seconds=seconds, last_seconds=seconds)
    else:
        rows = None if labels is None else labels[:, None]
        images = gan.draw(between(stops[0], stops[1], steps), rows)
        save_picture(out, image_grid(images))
    click.echo(f"{np.prod(images.shape[:2])} images are in {out}")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
              help="The film, ending in .gif, .webp or .mp4; by default film.gif in "
              "FOLDER.")  # fmt: skip
@click.option("--seconds", default=0.1, show_default=True, type=click.FloatRange(0.01),
              help="How long a frame is shown.")  # fmt: skip
@click.option("--most", default=200, show_default=True, type=click.IntRange(2),
              help="How many frames at most, evenly chosen.")  # fmt: skip
@force_option
@plain_errors
def film(folder: Path, out: Path | None, seconds: float, most: int, force: bool) -> None:
    """Make a film of a training, or of any pictures.

    FOLDER is that of a run, whose samples it takes, or one of pictures with numbers in their names.

    \b
    Examples:
      ganzoo film runs/mnist -o digits.webp
      ganzoo film my_frames/ -o my.webp --seconds 0.5
    """
    samples = folder / "samples"
    out = checked_film(out or folder / "film.gif")
    check_place(out, force)
    count = save_film(out, samples if samples.is_dir() else folder, seconds=seconds, most=most)
    click.echo(f"{count} frames are in {out}")
