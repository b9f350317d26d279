"""The commands that train: `train` and `finetune`."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import keras
from click.core import ParameterSource

import ganzoo
from ganzoo import backends
from ganzoo.cli.carrying_out import absolute, carry_out, noted, proposed_shape, read
from ganzoo.cli.devices import on_devices
from ganzoo.cli.options import defaults, run_options
from ganzoo.cli.recipe_options import PARTS, Count, recipe_options
from ganzoo.cli.terminal import plain_errors, print_table
from ganzoo.datasets import ImageSet
from ganzoo.files import expanded
from ganzoo.gan import families
from ganzoo.gan.saving import describe
from ganzoo.recipes.recipe import MODEL, lacking
from ganzoo.runs import deciding
from ganzoo.runs.length import ENDING, OPEN, Deadline, Plateau
from ganzoo.runs.planning import Planned, planned, tuned
from ganzoo.runs.run_callbacks import snapshot_of
from ganzoo.runs.run_folder import WEIGHTS, remember
from ganzoo.runs.run_folder import noted as noted_before
from ganzoo.runs.run_images import scored_images
from ganzoo.types import ImageShape

# What is chosen, or noted of what was: of a fine-tuning, and of a training.
TUNING = (*PARTS, "recipe", "schedule_rounds")
PLAN = (*TUNING, "family", "batch_size", "epochs", "steps_per_epoch")
BEFORE_RECIPES = {"recipe": "paper"}  # of a run that has noted none


@click.command()
@click.argument("data")
@click.option("--hours", type=click.FloatRange(0, min_open=True), metavar="H",
              help="End after so many hours.")  # fmt: skip
@click.option("--images", "shown", type=Count(), metavar="N",
              help="End after so many images, e.g. 500k.")  # fmt: skip
@run_options(epochs=None, batch_size=None, size="files get what `inspect` proposes")
@click.option("--family", help=f"What GAN to train: {', '.join(families.FAMILIES)}, or another "
              "package's; by default as suits the size.")  # fmt: skip
@recipe_options
@plain_errors
@on_devices
def train(
    data: str,
    out: Path,
    dry_run: bool,
    strict: bool,
    hours: float | None,
    shown: int | None,
    **options: Any,
) -> None:
    """Train a GAN on DATA: a folder or zip archive of images, or the name of a dataset.

    DATA may also be tar or parquet shards, or a data set on the Hugging Face Hub, of which the run
    notes the commit: hf://datasets/user/name, and @revision at its end.

    What no option says is chosen, from the images and from how fast this machine is, and told in a
    table. The training lasts --hours, --images or --epochs; without any of them, until its score
    has stopped getting better. With --epochs alone, learning rates stay as they are, so that more
    epochs train further.

    The same command again goes on where it stopped. The run's folder gets pictures on the way,
    a film, curves, and at the end the model of the best epoch.

    \b
    Examples:
      ganzoo train emoji --out runs/emoji --hours 0.5
      ganzoo train my_photos/ --out runs/mine --hours 2 --flip --dry-run
      ganzoo train mnist --out runs/mnist --epochs 3
      ganzoo train my_pets/ --labels species --balanced --out runs/pets
      ganzoo train my_faces/ --labels smiling,hat --out runs/faces
      ganzoo train hf://datasets/user/name --label-column label --out runs/theirs
      ganzoo train mnist --out runs/r3 --recipe relativistic --r1 0.5 --r2 0.5 --images 2M
      ganzoo train --config runs/mine/run.toml --out runs/again --seed 1
    """
    end = None if hours is None else time.monotonic() + 3600 * hours
    options = {"data": absolute(data, out), **options}
    if goes_on := bool(before := noted_before(out)):
        options |= {name: before.get(name) for name in PLAN if options[name] is None}
    else:
        check_one_length(options)
    ganzoo.runs.check(out, noted(options), defaults() | BEFORE_RECIPES)

    parts = said_parts(options)

    def family(shape: ImageShape) -> Any:
        name = options["family"]
        return families.family(name or deciding.family_for(shape, options["recipe"], parts).value)

    def shape_of(data: str, **where: Any) -> ImageShape:
        shape = proposed_shape(data, **where)
        size = options["image_size"] or shape[:2]
        found: ImageShape = family((*size, shape[2])).Arguments.nearest_shape(shape)
        return found

    images = read(lambda shape: family(shape).Arguments(shape), out, shape_of, strict, **options)
    said = {**options, **(BEFORE_RECIPES if goes_on and not options["recipe"] else {})}
    check_parts(family(images.image_shape), parts)
    left = None if end is None or goes_on else end - time.monotonic()
    found = planned(images, said, parts, seconds=left, shown=shown)
    print_choices(found)
    check_end(found, out)
    carry_out(
        found.build(options["seed"], options["accumulate"]),
        images,
        out,
        dry_run,
        options | found.noted(),
        ending(found, images, out, end),
    )


@click.command()
@click.argument("preset")
@click.argument("data")
@run_options(epochs=100, batch_size=32, size="the preset's")
@recipe_options
@plain_errors
@on_devices
def finetune(
    preset: str, data: str, out: Path, dry_run: bool, strict: bool, **options: Any
) -> None:
    """Train PRESET further on DATA: for few images, 50 to a few thousand.

    PRESET is a preset: the folder of a run, the name of one that comes with ganzoo, or
    hf://user/repo on the Hugging Face Hub. It stays as it is. DATA is a folder or zip archive of
    images, or the name of a dataset. What does not fit another size or other classes starts
    afresh, and is named. It is trained by the recipe `few`, where none is said.

    The same command again goes on where it stopped.

    \b
    Examples:
      ganzoo finetune pokemon my_sprites/ --out runs/mine --flip
      ganzoo finetune art my_paintings/ --out runs/mine --conditional --epochs 200
      ganzoo finetune hf://me/my-gan my_photos.zip --out runs/mine --image-size 96x64
      ganzoo finetune mnist mnist --out runs/longer --recipe balanced --noise 0 --epochs 10
    """
    check_preset_parts(options)
    if preset not in ganzoo.GAN.presets and expanded(preset).is_dir():
        preset = str(expanded(preset).resolve())
    if expanded(out).resolve() == Path(preset):
        raise click.ClickException(f"--out {out} is the preset itself: choose another folder.")
    said = describe(preset)
    shape = said.arguments.image_shape
    options = {"preset": preset, "data": absolute(data, out), **options}
    options["image_size"] = options["image_size"] or shape[:2]
    options[WEIGHTS] = said.sha256
    before = noted_before(out)
    options |= {name: before.get(name) for name in TUNING if options[name] is None}
    ganzoo.runs.check(out, noted(options), defaults())
    images = read(said.family.Arguments, out, lambda data, **where: shape, strict, **options)
    gan = ganzoo.from_preset(
        said.handle,
        image_shape=images.image_shape,
        num_classes=None,  # or as many as there are names
        **asked_for(images),
        dtype=options["dtype"] or said.dtype,
        seed=options["seed"],
        compile=False,
    )
    found = tuned(images, gan.family, options, said_parts(options))
    check_end(found, out)
    training = found.recipe.training(found.schedule_rounds, gan.inherited_stages)
    gan.compile(**training, accumulate=options["accumulate"])
    rounds = {"schedule_rounds": found.schedule_rounds}
    carry_out(gan, images, out, dry_run, options | found.recipe.parts() | rounds)


def said_parts(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a recipe that options say."""
    return {name: options[name] for name in PARTS if options[name] is not None}


def asked_for(images: ImageSet) -> dict[str, Any]:
    """Return what models can be asked for that learn from images."""
    return {"class_names": images.class_names, "attributes": images.attributes}


def check_one_length(options: dict[str, Any]) -> None:
    """Refuse two lengths at once; one of the command line goes before those of a file."""
    context = click.get_current_context()
    given = {
        name: context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        for name in ("hours", "shown", "epochs")
    }
    if sum(given.values()) > 1:
        raise click.UsageError("Give one of --hours, --images and --epochs.")
    if given["hours"] or given["shown"]:
        options |= {
            name: None
            for name in ("epochs", "steps_per_epoch", "schedule_rounds")
            if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE
        }


def check_parts(family: Any, parts: Mapping[str, Any]) -> None:
    """Refuse options that a family has no argument for."""
    if unknown := lacking(family, parts):
        option = f"--{unknown[0].replace('_', '-')}"
        raise click.UsageError(f"The family {family.family} has no {option}.")


def check_preset_parts(options: Mapping[str, Any]) -> None:
    """Refuse options of networks, which a preset brings."""
    if unknown := [name for name in MODEL if name != "dtype" and options[name] is not None]:
        option = f"--{unknown[0].replace('_', '-')}"
        raise click.UsageError(f"A preset brings its networks: leave out {option}.")


def check_end(found: Planned, out: Path) -> None:
    """Refuse more epochs than there are learning rates for."""
    rounds = found.length.epochs * found.rounds
    over = found.schedule_rounds is not None and rounds > found.schedule_rounds
    if over and found.recipe.learning_rate_end == 0:
        raise click.ClickException(
            f"The learning rates of this run come to zero after {found.schedule_rounds} rounds, so "
            f"that more would change nothing: go on from its model, ganzoo finetune {out} ..., or "
            "begin another run with more --epochs."
        )


def ending(
    found: Planned, images: ImageSet, out: Path, end: float | None
) -> list[keras.callbacks.Callback]:
    """Return what ends a training before its last epoch."""
    if end is not None:
        return [Deadline(end - ENDING, click.echo)]
    if found.length.epochs != OPEN:
        return []
    snapshot = snapshot_of(out, scored_images(images))

    def note(epochs: int) -> None:
        if backends.current.is_first():
            remember(out, {"epochs": epochs})

    return [snapshot, Plateau(snapshot, note, click.echo)]


def print_choices(found: Planned) -> None:
    """Print what nobody had said, and why it is so."""
    if found.choices:
        shown = [
            (name.replace("_", " "), ", ".join(value) if isinstance(value, tuple) else value, why)
            for name, value, why in found.choices
        ]
        print_table(shown, ("chosen", "", "because"))
