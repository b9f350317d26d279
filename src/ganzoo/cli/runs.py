"""What `ganzoo train` and `ganzoo finetune` share: the training, and what it leaves."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

import ganzoo
from ganzoo.cli import run_folder
from ganzoo.cli.images import Images, provenance
from ganzoo.cli.plan import print_plan
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.presets.hub import HUB

MOST_SCORED = 2000  # generated images, and no more than there are real ones: small sets train fast
MOST_LOOKED_AT = 500


def carry_out(
    gan: ganzoo.GAN, data: Images, out: Path, dry_run: bool, options: Mapping[str, Any]
) -> None:
    """Train from where the run's folder stands, and write the model; or say what would be done.

    Args:
        gan: compiled.
        data: what it learns from.
        out: the folder of the run.
        dry_run: whether only to say what would be done.
        options: what the run was started with.
    """
    batches = ImageArrays(
        data.images,
        data.labels,
        batch_size=options["batch_size"],
        flip=options["flip"],
        seed=options["seed"],
    )
    if dry_run:
        print_plan(gan, batches, out, options)
        return
    run_folder.remember(out, options)
    snapshot = train(gan, data, batches, out, options["epochs"])
    gan.save_to_preset(
        out,
        metadata={
            "data": provenance(options["data"]),
            "training": {"images": len(data.images), **outcome(snapshot)},
            "recipe": recipe(options),
        },
    )
    click.echo(
        f"The model is in {out}, with a film and curves of the training. Draw with it: "
        f"ganzoo generate {out} -n 64 -o samples.png"
    )


def train(
    gan: ganzoo.GAN, data: Images, batches: ImageArrays, out: Path, epochs: int
) -> ganzoo.callbacks.BestSnapshot:
    """Train with everything that one would like to see, and end on the best epoch."""
    count = len(data.images)
    real = data.images if data.labels is None else (data.images, data.labels)
    snapshot = ganzoo.callbacks.BestSnapshot(out / "best.keras", real, n=min(count, MOST_SCORED))
    try:
        gan.fit(
            batches,
            epochs=epochs,
            verbose="auto" if sys.stdout.isatty() else 2,
            callbacks=[
                snapshot,
                ganzoo.callbacks.Doctor(real, n=min(count, MOST_LOOKED_AT)),
                ganzoo.callbacks.TrainingFilm(out / "film.gif", frames=out / "samples"),
                ganzoo.callbacks.LossCurves(out),
                ganzoo.callbacks.ExactResume(out / "checkpoints"),
            ],
        )
    except KeyboardInterrupt:
        click.echo("\nThe same command goes on; with fewer --epochs, it ends.", err=True)
        raise
    return snapshot


def outcome(snapshot: ganzoo.callbacks.BestSnapshot) -> dict[str, Any]:
    """Return which epoch is kept, and its score."""
    if snapshot.best is None:
        return {}
    score = f"{snapshot.metric} {snapshot.best.score:.4g} on random features"
    return {"best_epoch": snapshot.best.epoch, "best_score": score}


def recipe(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as a card shows them: without paths, as cards are public."""
    found = {name: value for name, value in options.items() if name != "data"}
    if not found.get("preset", HUB).startswith(HUB):
        found["preset"] = Path(found["preset"]).name
    return found
