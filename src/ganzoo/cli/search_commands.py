"""The commands that search among latents: `complete` and `anomalies`."""

import csv
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

import ganzoo
from ganzoo.cli.drawing_commands import asked
from ganzoo.cli.terminal import check_place, force_option, plain_errors, print_table
from ganzoo.datasets import ImageSet
from ganzoo.datasets.folders.prepare import FITS
from ganzoo.files import expanded, whole_folder
from ganzoo.latents import Anomalies, Completion, blend, threshold
from ganzoo.latents import anomalies as judge
from ganzoo.latents import complete as fill_in
from ganzoo.pictures import image_grid, save_film, save_picture
from ganzoo.pictures.film import checked_film
from ganzoo.pictures.picture_file import checked_picture
from ganzoo.types import ImageShape

OPAQUE = 128  # alpha from which a pixel is there
SHEET = 12  # images in a row of the contact sheet
ROWS = 3  # of it
SAID = 10  # of the oddest, in the terminal
SIDE = 96  # pixels that an image of a film has at least

film_option = click.option("--film", type=click.Path(dir_okay=False, path_type=Path),
                           help="A film of the search, too.")  # fmt: skip
steps_option = click.option("--steps", default=300, show_default=True, type=click.IntRange(1),
                            help="How long to search.")  # fmt: skip
start_option = click.option("--seed", default=0, show_default=True, type=click.IntRange(0),
                            help="What the search begins with.")  # fmt: skip
fit_option = click.option("--fit", type=click.Choice(FITS), default="crop", show_default=True,
                          help="What happens to pictures of another aspect.")  # fmt: skip
existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("model")
@click.argument("picture", type=existing)
@click.option("--mask", type=existing, help="A picture that is white where pixels are missing; by "
              "default PICTURE's transparent ones are.")  # fmt: skip
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write, of the model's size.")  # fmt: skip
@click.option("--answers", default=1, show_default=True, type=click.IntRange(1),
              help="How many answers, side by side, the best first.")  # fmt: skip
@film_option
@click.option("--label", help="Number or name of PICTURE's class; by default it is found.")
@fit_option
@steps_option
@start_option
@force_option
@plain_errors
def complete(
    model: str,
    picture: Path,
    mask: Path | None,
    out: Path,
    answers: int,
    film: Path | None,
    label: str | None,
    fit: Any,
    steps: int,
    seed: int,
    force: bool,
) -> None:
    """Fill in what is missing of PICTURE by what MODEL has learned to draw.

    MODEL is a preset, as for `ganzoo generate`. A large PICTURE is made as small as its images.

    \b
    Examples:
      ganzoo complete mnist torn.png -o whole.png
      ganzoo complete mnist torn.png --mask hole.png -o whole.png --answers 4 --film search.gif
    """
    check_place(checked_picture(out), force)
    check_place(film and checked_film(film), force)
    gan = ganzoo.from_preset(model, compile=False)
    image, hole = torn(picture, mask, gan.image_shape, fit)
    labels = None if label is None else gan.labels(1, asked(gan, label))
    restarts = max(4, answers)
    found = fill_in(gan, image, hole, labels, answers, restarts, steps, seed)
    save_picture(out, image_grid(found.images[0], answers, gap=2 if answers > 1 else 0))
    if film:
        save_film(film, frames(gan, image, hole, found))
    click.echo(f"{picture} is completed in {out}{said(gan, found.labels)}")


def torn(
    picture: Path, mask: Path | None, shape: ImageShape, fit: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return an image `(1, height, width, channels)` and where it has a hole, `(1, height, width)`.

    Raises:
        click.UsageError: there is no hole.
    """
    with Image.open(picture) as opened:
        alpha = opened.convert("RGBA").getchannel("A").point(lambda a: 255 * (a < OPAQUE))
    image = ganzoo.datasets.read([picture], shape, fit=fit).images
    source: Any = mask or alpha
    height, width, _ = shape
    hole = ganzoo.datasets.read([source], (height, width, 1), fit=fit).images[..., 0] >= OPAQUE
    if not hole.any():
        raise click.UsageError(
            f"{mask or picture} has no {'white' if mask else 'transparent'} pixels: give --mask, a "
            "picture that is white where pixels are missing."
        )
    return image, hole


def frames(gan: ganzoo.GAN, image: np.ndarray, hole: np.ndarray, found: Completion) -> Any:
    """Yield what was in the hole at each moment of the search, beginning with nothing."""
    scale = max(1, SIDE // image.shape[1])
    grey = np.where(hole[..., None], np.uint8(128), image)
    yield image_grid(np.repeat(grey, found.latents.shape[1], axis=0), 99, scale=scale)
    for drawn in gan.draw(found.path[:, 0], None if found.labels is None else found.labels[0]):
        yield image_grid(blend(image, drawn, hole), 99, scale=scale)


def said(gan: ganzoo.GAN, labels: np.ndarray | None) -> str:
    """Return a few words on the class that was found."""
    if labels is None or gan.attributes:  # which were given
        return ""
    number = int(labels.flat[0])
    return f", as class {gan.class_names[number] if gan.class_names else number}"


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="The folder to write the report to.")  # fmt: skip
@click.option("--normal", help="Other normal images, which say from which score on one is odd.")
@click.option("--false-alarms", default=0.05, show_default=True, type=click.FloatRange(0, 1),
              help="The share of normal images that may be called odd.")  # fmt: skip
@click.option("--label", help="Number or name of the only class that is normal; by default all.")
@click.option("--limit", type=click.IntRange(1), help="Take so many images of DATA at most.")
@fit_option
@click.option("--steps", default=150, show_default=True, type=click.IntRange(1),
              help="How long to search.")  # fmt: skip
@start_option
@force_option
@plain_errors
def anomalies(
    model: str,
    data: str,
    out: Path,
    normal: str | None,
    false_alarms: float,
    label: str | None,
    limit: int | None,
    fit: Any,
    steps: int,
    seed: int,
    force: bool,
) -> None:
    """Score the images of DATA by how unlike those of MODEL they are.

    MODEL is a preset, as for `ganzoo generate`, trained on what is normal. DATA is a folder or zip
    archive of images, or the name of a dataset. The report is a table, scores.csv, and a contact
    sheet, oddest.png: the oddest images, below each what MODEL draws instead, and where they
    differ.

    \b
    Examples:
      ganzoo anomalies runs/mine my_photos/ -o report/
      ganzoo anomalies mnist scans/ --label 7 --normal good_scans/ -o report/
    """
    check_place(out, force)
    gan = ganzoo.from_preset(model, compile=False)

    def scored(data: str) -> tuple[ImageSet, Anomalies]:
        images = ganzoo.datasets.read(data, gan.image_shape, labels=False, fit=fit, limit=limit)
        labels = None if label is None else gan.labels(len(images), asked(gan, label))
        return images, judge(gan, images.images, labels, steps=steps, seed=seed)

    most = None if normal is None else threshold(scored(normal)[1].scores, false_alarms)
    images, found = scored(data)
    rows = table(images, found, most)
    with whole_folder(expanded(out)) as folder:
        with open(folder / "scores.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        save_picture(folder / "oddest.png", contact_sheet(images.images, found))
    print_table(rows[1 : SAID + 1], header=rows[0])
    odd = "" if most is None else f", {(found.scores > most).sum()} of them odd"
    click.echo(f"{len(images)} images are scored in {out}{odd}")


def table(images: ImageSet, found: Anomalies, most: float | None) -> list[list[str]]:
    """Return a row for each image, the oddest first, below a header."""
    header = ["image", "score", "pixels", "features"] + ["odd"] * (most is not None)
    rows = [header]
    for row in np.argsort(-found.scores):
        numbers = (found.scores[row], found.residuals[row], found.features[row])
        said = [images.files[row] if images.files else str(row)]
        said += [f"{each:.1f}" for each in numbers]
        rows.append(said if most is None else [*said, "yes" if found.scores[row] > most else "no"])
    return rows


def contact_sheet(images: np.ndarray, found: Anomalies) -> Image.Image:
    """Return a picture of the oddest images, what is drawn instead, and where they differ."""
    order = np.argsort(-found.scores)[: SHEET * ROWS]
    *_, channels = images.shape
    maps = found.maps[order].repeat(channels, axis=-1)
    if channels == 4:
        maps[..., 3] = 255
    columns = min(SHEET, len(order))
    bands = []
    for start in range(0, len(order), columns):
        for each in (images[order], found.drawn[order], maps):
            band = np.full((columns, *images.shape[1:]), 255, np.uint8)
            part = each[start : start + columns]
            band[: len(part)] = np.rint(part)
            bands.append(band)
    return image_grid(np.stack(bands))
