"""The commands that say what there is: `presets`, `datasets`, `inspect` and `info`."""

import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
import keras

import ganzoo
from ganzoo.cli.options import image_column_option
from ganzoo.cli.terminal import check_place, force_option, plain_errors, print_table
from ganzoo.datasets.catalog import Dataset
from ganzoo.datasets.hub_sets import is_set, parse
from ganzoo.datasets.loading import place_of
from ganzoo.files import expanded, home
from ganzoo.gan.saving import describe
from ganzoo.names import printable
from ganzoo.pictures import save_picture
from ganzoo.pictures.picture_file import checked_picture

PACKAGES = ("keras", "jax", "torch", "tensorflow", "numpy", "pillow", "huggingface_hub")


@click.command()
@plain_errors
def presets() -> None:
    """List the presets that come with ganzoo and with other packages.

    \b
    Example:
      ganzoo presets
    """
    print_table(
        (
            (
                name,
                preset.description,
                "x".join(map(str, preset.image_shape)),
                f"{preset.size / 1e6:.1f} MB",
                preset.rights,
            )
            for name, preset in ganzoo.GAN.presets.items()
        ),
        header=("preset", "what it is", "images", "size", "rights"),
    )
    click.echo("Draw with one: ganzoo generate NAME -o samples.png. More of it: ganzoo info NAME")


@click.command()
@plain_errors
def datasets() -> None:
    """List the datasets that ganzoo knows by name, and whether they are at hand.

    \b
    Example:
      ganzoo datasets
    """
    print_table(
        (
            (
                name,
                dataset.description,
                "x".join(map(str, dataset.image_shape)),
                len(dataset.class_names) or "none",
                whereabouts(name, dataset),
                dataset.licence,
            )
            for name, dataset in ganzoo.datasets.DATASETS.items()
        ),
        header=("dataset", "what it is", "images", "classes", "files", "rights"),
    )
    click.echo(f"Their files belong in a folder for each, below this one: {place_of_files()}")


def whereabouts(name: str, dataset: Dataset) -> str:
    """Say where the files of a dataset are, or come from."""
    files = [file for split in dataset.files.values() for file in split]
    with suppress(FileNotFoundError):  # an account without a home has no place for them
        if all((place_of(name) / file.name).exists() for file in files):
            return "here"
    return "downloaded at first use" if all(file.urls for file in files) else "placed by hand"


@click.command()
@click.argument("data")
@image_column_option
@click.option("--split", help="Split of a data set on the Hub; by default train.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write; by default DATA's name with -contact-sheet.png, "
              "in the current folder.")  # fmt: skip
@force_option
@plain_errors
def inspect(
    data: str, image_column: str | None, split: str | None, out: Path | None, force: bool
) -> None:
    """Look at DATA, a folder or zip archive of images, before training.

    Prints a table and advice, and writes a contact sheet; DATA stays as it is. It may also be tar
    or parquet shards, or a data set on the Hugging Face Hub: hf://datasets/user/name.

    \b
    Examples:
      ganzoo inspect my_photos/
      ganzoo inspect hf://datasets/user/name --split test
    """
    path = expanded(data if not is_set(data) else parse(data).repository.partition("/")[2])
    path = path.resolve()
    outside = path.parent if Path.cwd().is_relative_to(path) else Path()
    out = checked_picture(out or outside / f"{path.name.removesuffix('.zip')}-contact-sheet.png")
    if out.resolve().is_relative_to(path):
        raise click.ClickException(f"--out {out} lies in {path}: choose a place outside.")
    check_place(out, force)
    place = data if is_set(data) else path
    found = ganzoo.datasets.inspect(place, image_column=image_column, split=split)
    click.echo("\n".join([str(found), "", *(f"- {sentence}" for sentence in found.advice), ""]))
    save_picture(out, found.contact_sheet)
    click.echo(f"The contact sheet is in {printable(str(out))}")


@click.command()
@click.argument("model", required=False)
@plain_errors
def info(model: str | None) -> None:
    """Say what this installation is or, with MODEL, what is known of a preset.

    MODEL is the name of a preset, the folder of a run, or hf://user/repo on the Hugging Face Hub.

    \b
    Examples:
      ganzoo info
      ganzoo info mnist
    """
    print_table(of_installation() if model is None else describe(model).facts())


def of_installation() -> list[tuple[str, object]]:
    """Return what belongs into a report of a problem."""
    return [
        ("ganzoo", ganzoo.__version__),
        ("Python", f"{platform.python_version()} on {platform.platform()}"),
        ("backend", keras.backend.backend()),
        ("computes on", keras.ops.zeros(()).device),
        *((name, installed(name)) for name in PACKAGES),
        ("files", place_of_files()),
    ]


def place_of_files() -> str:
    """Return the cache folder, or say why there is none."""
    try:
        return f"{home()} (GANZOO_HOME chooses another)"
    except FileNotFoundError as error:
        return str(error)


def installed(package: str) -> str:
    """Return the version of a package, if it is there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
