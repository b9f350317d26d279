"""The options that `ganzoo train` and `ganzoo finetune` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ganzoo.datasets.folders.prepare import DECODES, FITS
from ganzoo.runs.run_folder import NOTED, RUN, read

Command = Callable[..., None]

fit_option = click.option("--fit", type=click.Choice(FITS), help="What happens to image files of "
                          "another aspect; by default crop.")  # fmt: skip
background_option = click.option("--background", help="Colour behind transparent pixels of image "
                                 "files; by default white.")  # fmt: skip

decode_option = click.option("--decode", type=click.Choice(DECODES), help="Whether large JPEG were "
                             "halved while they were decoded; by default whole.")  # fmt: skip
image_column_option = click.option("--image-column", metavar="COLUMN", help="Column of parquet "
                                   "files that holds the images.")  # fmt: skip


def height_and_width(
    context: click.Context, option: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """Read `64`, or `96x64` for height x width."""
    if value is None:
        return None
    parts = value.split("x")
    if len(parts) > 2 or not all(part.isdecimal() for part in parts):
        raise click.BadParameter(f"{value!r} is no size: give 64, or 96x64 for height x width.")
    return int(parts[0]), int(parts[-1])


def from_file(context: click.Context, option: click.Parameter, path: Path | None) -> None:
    """Take the options in a file; those of the command line win."""
    if path is None:
        return
    try:
        found = {name.replace("-", "_"): value for name, value in read(path).items()}
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    for name in NOTED:  # of the other run
        found.pop(name, None)
    known = {each.name for each in context.command.params}
    if unknown := sorted(found.keys() - known):
        raise click.BadParameter(f"{path} has {unknown[0]!r}, which this command does not know.")
    context.default_map = found


def run_options(
    epochs: int | None, batch_size: int | None, size: str
) -> Callable[[Command], Command]:
    """Give a command the options of a run; `size` says which image size is the default."""
    every = [
        click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path),
                     help="Folder of the run."),
        click.option("--epochs", default=epochs, show_default=True, type=click.IntRange(1)),
        click.option("--batch-size", default=batch_size, show_default=True,
                     type=click.IntRange(1),
                     help="Images in a batch" + ("." if batch_size else ", as suits the family.")),
        click.option("--accumulate", default=1, show_default=True, type=click.IntRange(1),
                     metavar="N", help="Look at each batch in N parts, one after the other, where "
                     "memory is short."),
        click.option("--steps-per-epoch", type=click.IntRange(1), metavar="N",
                     help="Rounds in an epoch: by default as many as show every image once."),
        click.option("--checkpoint-minutes", default=10.0, show_default=True, metavar="N",
                     type=click.FloatRange(0, min_open=True),
                     help="Save the run within an epoch, too, after N minutes."),
        click.option("--watch-every", type=click.IntRange(1), metavar="N",
                     help="Draw, score and look for failures after every N epochs: by default as "
                     "often as takes a twentieth of the time."),
        click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1)),
        click.option("--limit", type=click.IntRange(1), help="Use N images only, of every class.",
                     metavar="N"),
        click.option("--split", help="Split of a named dataset, or of one on the Hub; by default "
                     "train."),
        image_column_option,
        click.option("--image-size", callback=height_and_width, metavar="HEIGHT[xWIDTH]",
                     help=f"Resize the images, e.g. 32 or 48x64; by default {size}."),
        click.option("--conditional/--unconditional", default=None,
                     help="Whether the model can be asked for a class: by default for named "
                     "datasets that have classes. The classes of a folder are its sub-folders."),
        click.option("--labels", "--label-column", "labels", metavar="COLUMN",
                     help="Column that holds the classes of files, instead of their sub-folders: "
                     "of a metadata.csv, metadata.jsonl, labels.csv or dataset.json, of parquet "
                     "files, or of what lies beside images in tar archives. Several, as in "
                     "smiling,hat, hold attributes, 0 or 1 each."),
        click.option("--fit", default="crop", show_default=True, type=click.Choice(FITS),
                     help="What happens to image files of another aspect."),
        click.option("--background", default="white", show_default=True,
                     help="Colour behind transparent pixels of image files."),
        click.option("--decode", default="whole", show_default=True, type=click.Choice(DECODES),
                     help="Whether JPEG far larger than the images are halved while they are "
                     "decoded, which is fast and changes them a little."),
        click.option("--flip", is_flag=True, help="Mirror half of the images, anew in each epoch."),
        click.option("--balanced", is_flag=True,
                     help="Show each class equally often, however rare it is."),
        click.option("--strict", is_flag=True,
                     help="Stop at the first file that is no usable image."),
        click.option("--config", type=click.Path(dir_okay=False, path_type=Path), is_eager=True,
                     expose_value=False, callback=from_file,
                     help=f"TOML file with any of these options, such as the {RUN} of "
                     "another run; what the command line says wins."),
        click.option("--dry-run", is_flag=True,
                     help="Say what would be done, with time and memory; write nothing."),
    ]  # fmt: skip

    def add(command: Command) -> Command:
        for option in reversed(every):
            command = option(command)
        return command

    return add


def defaults() -> dict[str, Any]:
    """Return what the options of the command are when nobody gives them."""
    found = {}
    for each in click.get_current_context().command.params:
        flag = getattr(each, "is_flag", False) and each.default is not None
        value = False if flag else each.default
        found[each.name] = value if isinstance(value, str | int | float) else None
    return found
