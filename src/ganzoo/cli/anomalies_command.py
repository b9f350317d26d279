"""The command `anomalies`: which images are unlike those that a model has learned."""

import csv
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

import ganzoo
from ganzoo.cli.drawing_commands import asked
from ganzoo.cli.search_commands import (
    COLUMNS,
    below_each_other,
    encoder_option,
    fit_option,
    start_option,
)
from ganzoo.cli.terminal import check_place, force_option, plain_errors, print_table
from ganzoo.datasets import ImageSet
from ganzoo.files import expanded, whole_folder
from ganzoo.latents import Anomalies, threshold, train_encoder
from ganzoo.latents import anomalies as judge
from ganzoo.pictures import save_picture

SHOWN = 3 * COLUMNS  # of the oddest, in the contact sheet
SAID = 10  # in the terminal
RESTARTS, GUIDED = 2, 1  # of a search that begins at random, or where an encoder says


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("-o", "--out", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="The folder to write the report to.")  # fmt: skip
@click.option("--normal", help="Other normal images, which say from which score on one is odd.")
@click.option("--false-alarms", default=0.05, show_default=True,
              type=click.FloatRange(0, 1, min_open=True, max_open=True),
              help="The share of normal images that may be called odd.")  # fmt: skip
@click.option("--label", help="Number or name of the only class that is normal; by default all.")
@click.option("--limit", type=click.IntRange(1), help="Take so many images of DATA at most.")
@encoder_option
@fit_option
@click.option("--steps", default=100, show_default=True, type=click.IntRange(1),
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
    encoder: bool,
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
      ganzoo anomalies mnist scans/ --encoder --steps 20 -o report/
    """
    check_place(out, force)
    gan = ganzoo.from_preset(model, compile=False)
    sets = [
        ganzoo.datasets.read(each, gan.image_shape, labels=False, fit=fit, limit=limit)
        for each in (data, normal)
        if each is not None
    ]
    number = None if label is None else asked(gan, label)
    classes = [None if label is None else gan.labels(len(each), number) for each in sets]
    start = train_encoder(gan, seed=seed) if encoder else None
    search = (GUIDED if encoder else RESTARTS, steps, seed)
    found, *usual = [
        judge(gan, each.images, of, *search, encoder=start)
        for each, of in zip(sets, classes, strict=True)
    ]
    most = threshold(usual[0].scores, false_alarms) if usual else None
    images = sets[0]
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
    order = np.argsort(-found.scores)[:SHOWN]
    *_, channels = images.shape
    maps = found.maps[order].repeat(channels, axis=-1)
    if channels == 4:
        maps[..., 3] = 255
    return below_each_other(images[order], found.drawn[order], maps)
