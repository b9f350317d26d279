"""`ganzoo evaluate`."""

from pathlib import Path

import click

import ganzoo
from ganzoo.cli.options import background_option, decode_option, fit_option, image_column_option
from ganzoo.cli.terminal import check_place, force_option, plain_errors
from ganzoo.datasets import DATASETS
from ganzoo.datasets.folders.prepare import Decode, Fit
from ganzoo.datasets.loading import is_path
from ganzoo.gan.saving import describe
from ganzoo.metrics import evaluate as score
from ganzoo.metrics import extractors
from ganzoo.metrics.metric import possible
from ganzoo.metrics.neighbours import draw_neighbours
from ganzoo.pictures import save_picture
from ganzoo.pictures.picture_file import checked_picture
from ganzoo.presets.hub import is_handle
from ganzoo.runs.run_folder import reading_of

SHOWN = 10  # generated images beside their neighbours: for a model of ten classes, one of each


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("-n", "count", default=10_000, show_default=True, type=click.IntRange(2),
              help="Images to generate: compare only what was scored with as many.")  # fmt: skip
@click.option("--extractor", default="auto", show_default=True,
              type=click.Choice(["auto", *extractors.EXTRACTORS]),
              help="What makes features of images: auto is digits for mnist, fashion for "
              "fashion_mnist, and inception for everything else.")  # fmt: skip
@click.option("--split", help="Split of a named dataset, by default test, or train where there is "
              "no other; or of a data set on the Hub, by default train.")  # fmt: skip
@fit_option
@background_option
@decode_option
@image_column_option
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0),
              help="What images and subsets are drawn from.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
              help="The JSON file to write; by default MODEL's name with -scores.json, in the "
              "current folder.")  # fmt: skip
@click.option("--neighbours", type=click.Path(dir_okay=False, path_type=Path),
              help="Also write a picture of generated images, each beside the images of DATA "
              "(of its training split) that are nearest to it.")  # fmt: skip
@force_option
@plain_errors
def evaluate(
    model: str,
    data: str,
    count: int,
    extractor: str,
    split: str | None,
    fit: Fit | None,
    background: str | None,
    decode: Decode | None,
    image_column: str | None,
    seed: int,
    out: Path | None,
    neighbours: Path | None,
    force: bool,
) -> None:
    """Score images that MODEL draws against those of DATA.

    MODEL is a preset: the folder of a run, the name of one that comes with ganzoo, or
    hf://user/repo on the Hugging Face Hub. DATA is a folder or zip archive of images, the name
    of a dataset, or hf://datasets/user/name; files are read as the run of MODEL read them, unless
    --fit, --background, --decode and --image-column say otherwise. A model of classes draws as many
    images of each.

    \b
    Examples:
      ganzoo evaluate mnist mnist
      ganzoo evaluate runs/mine my_photos/ -n 5000 --neighbours nearest.png
    """
    name = model if is_handle(model) else Path(model).resolve().name
    out = out or Path(f"{name.rpartition('/')[-1]}-scores.json")
    check_place(out, force)
    check_place(neighbours and checked_picture(neighbours), force)
    is_path(data)  # refuses what is no data, before weights are looked for
    said = describe(model)
    gan = ganzoo.from_preset(said.handle, compile=False)
    asked = {"fit": fit, "background": background, "decode": decode, "image_column": image_column}
    reading = reading_of(said.metadata) | {k: v for k, v in asked.items() if v is not None}
    if extractor == "auto":
        extractor = extractors.SUITED.get(data, "inception")
    known = extractors.get(extractor)
    metrics = possible(known, bool(gan.num_classes))
    evaluation = score(data, gan, known, metrics, n=count, split=split, seed=seed, **reading)
    evaluation.save(out)
    click.echo(f"{evaluation}\n\nThe scores are in {out}")
    if neighbours:
        split = "train" if data in DATASETS else None
        trained_on = ganzoo.datasets.read(data, gan.image_shape, split=split, **reading)
        shown = gan.generate(min(SHOWN, count), seed=seed)
        save_picture(neighbours, draw_neighbours(trained_on.images, shown, known))
        click.echo(f"The nearest neighbours are in {neighbours}")
