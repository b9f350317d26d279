"""What `train` and `finetune` share: reading images, printing a plan, carrying out a run."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import keras

import ganzoo
from ganzoo.cli.terminal import print_table
from ganzoo.datasets import DATASETS, ImageSet
from ganzoo.datasets.array_folders import holds_arrays
from ganzoo.datasets.hub_sets import is_set
from ganzoo.datasets.inspection.survey import proposed_image_shape
from ganzoo.datasets.loading import is_path
from ganzoo.files import expanded
from ganzoo.runs.length import OPEN
from ganzoo.runs.run_folder import pinned
from ganzoo.types import ImageShape

# Options that `runs.train` notes itself.
OWN = (
    "epochs",
    "batch_size",
    "steps_per_epoch",
    "flip",
    "balanced",
    "checkpoint_minutes",
    "watch_every",
)


def absolute(data: str, out: Path) -> str:
    """Return the whole path of a folder, or a handle's commit, so that a run knows it again."""
    if is_set(data):
        return pinned(data, expanded(out))
    return str(expanded(data).resolve()) if is_path(data) else data


def proposed_shape(data: str, image_column: str | None, split: str | None) -> ImageShape:
    """Return the shape to train in: a dataset's own, or what `inspect` proposes."""
    if data in DATASETS:
        return DATASETS[data].image_shape
    if holds_arrays(data):
        return ganzoo.datasets.read(data, split=split, labels=False).image_shape
    return proposed_image_shape(data, image_column=image_column, split=split)


def read(
    arguments: Callable[[ImageShape], Any],
    out: Path,
    shape_of: Callable[..., ImageShape],
    strict: bool,
    **options: Any,
) -> ImageSet:
    """Read a folder, an archive or a named dataset, in a size that the family can have."""
    data, conditional = options["data"], options["conditional"]
    if options["labels"] and conditional is False:
        raise click.UsageError(
            "--labels makes a model of classes or attributes: leave out --unconditional."
        )
    if data not in DATASETS and expanded(out).resolve().is_relative_to(data):
        raise click.ClickException(
            f"--out {out} lies among the images in {data}: choose a folder outside."
        )
    where = {name: options[name] for name in ("image_column", "split")}
    *size, channels = shape_of(data, **where)
    height, width = options["image_size"] or size
    arguments((height, width, channels))  # refuses a size before files are read
    columns = (options["labels"] or "").split(",")
    labels: Any = columns if len(columns) > 1 else options["labels"]
    labels = labels or ("inferred" if conditional else False)
    if conditional is None and not options["labels"]:
        labels = None if data in DATASETS else False
    return ganzoo.datasets.read(
        data,
        (height, width, channels),
        labels=labels,
        **where,
        fit=options["fit"],
        background=options["background"],
        decode=options["decode"],
        limit=options["limit"],
        strict=strict,
        verbose=True,
    )


def noted(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as the run's folder notes them, and `--config` takes them."""
    size = options["image_size"]
    return {**options, "image_size": "x".join(map(str, size)) if size else None}


def carry_out(
    gan: ganzoo.GAN,
    images: ImageSet,
    out: Path,
    dry_run: bool,
    options: Mapping[str, Any],
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> None:
    """Train from where the run's folder stands, and write the model; or say what would be done."""
    if dry_run:
        print_plan(gan, images, out, options)
        return
    said = noted(options)
    try:
        ganzoo.runs.train(
            gan,
            images,
            out,
            **{name: said.pop(name) for name in OWN},
            callbacks=callbacks,
            options=said,
            verbose="auto" if sys.stdout.isatty() else 2,
        )
    except KeyboardInterrupt:
        click.echo("\nThe same command goes on; with fewer --epochs, it ends.", err=True)
        raise
    click.echo(
        f"The model is in {out}, with a film and curves of the training. Draw with it: "
        f"ganzoo generate {out} -n 64 -o samples.png"
    )


def print_plan(gan: ganzoo.GAN, images: ImageSet, out: Path, options: Mapping[str, Any]) -> None:
    """Print what a training would be, after trying a few of its rounds."""
    found = ganzoo.runs.plan(gan, images, options["batch_size"], options["steps_per_epoch"])
    said = [(k.replace("_", " "), v) for k, v in noted(options).items() if v is not None]
    epoch, all_epochs = duration(found.seconds), duration(found.seconds * options["epochs"])
    in_all = "until it is no better" if options["epochs"] == OPEN else f"{all_epochs} in all"
    print_table(
        [
            *said,
            ("run folder", f"{out} ({'goes on' if out.exists() else 'new'})"),
            ("images", f"{found.images:,} of {'x'.join(map(str, gan.image_shape))}"),
            ("classes", ", ".join(gan.class_names or []) or "none"),
            *([("attributes", ", ".join(gan.attributes))] if gan.attributes else []),
            ("parameters", f"{found.parameters:,}"),
            ("rounds", f"{found.rounds:,} in an epoch"),
            ("backend", f"{keras.backend.backend()}, on {keras.ops.zeros(()).device}"),
            ("time", f"{epoch} an epoch, {in_all}"),
            (
                "memory",
                f"{found.memory / 1e9:.1f} GB of main memory" if found.memory else "unknown",
            ),
        ]
    )
    click.echo("Timed on a few rounds, without pictures and scores. Nothing was written.")


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"
