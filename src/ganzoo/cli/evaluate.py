"""`ganzoo evaluate`."""

from pathlib import Path

import click

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.output import check_free, force_option
from ganzoo.datasets import DATASETS
from ganzoo.files import whole_file
from ganzoo.metrics import extractors
from ganzoo.metrics.evaluate import Evaluator
from ganzoo.metrics.images import read
from ganzoo.metrics.metric import possible
from ganzoo.metrics.neighbours import draw_neighbours
from ganzoo.presets.hub import HUB

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
@click.option("--split", help="Split of a named dataset: by default test, or train where there is "
              "no other.")  # fmt: skip
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
    seed: int,
    out: Path | None,
    neighbours: Path | None,
    force: bool,
) -> None:
    """Score images that MODEL draws against those of DATA.

    MODEL is a preset: the folder of a run, the name of one that comes with ganzoo, or
    hf://user/repo on the Hugging Face Hub. DATA is a folder or zip archive of images, or the name
    of a dataset. A model of classes draws as many images of each.

    \b
    Examples:
      ganzoo evaluate mnist mnist
      ganzoo evaluate runs/mine my_photos/ -n 5000 --neighbours nearest.png
    """
    name = model if model.startswith(HUB) else Path(model).resolve().name
    out = out or Path(f"{name.rpartition('/')[-1]}-scores.json")
    for written in (out, neighbours):
        check_free(written, force)
    gan = ganzoo.from_preset(model, compile=False)
    if extractor == "auto":
        extractor = extractors.SUITED.get(data, "inception")
    known = extractors.get(extractor)
    labelled = bool(gan.num_classes)
    real = read("real", data, gan.image_shape, split, verbose=True)
    evaluator = Evaluator(
        real, known, possible(known, labelled), labelled=labelled, seed=seed, verbose=True
    )
    evaluation = evaluator(gan, count, name=name, verbose=True)
    evaluation.save(out)
    click.echo(f"{evaluation}\n\nThe scores are in {out}")
    if neighbours:
        trained_on = read("real", data, gan.image_shape, "train") if data in DATASETS else real
        with whole_file(neighbours) as partial:
            shown = gan.generate(min(SHOWN, count), seed=seed)
            draw_neighbours(trained_on.images, shown, known).save(partial)
        click.echo(f"The nearest neighbours are in {neighbours}")
