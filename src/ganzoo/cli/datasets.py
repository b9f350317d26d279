"""`ganzoo datasets`."""

import click

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.tables import print_table
from ganzoo.datasets.catalog import Dataset
from ganzoo.files import home


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
    click.echo(f"Their files belong in {home()}, a folder for each; GANZOO_HOME chooses another.")


def whereabouts(name: str, dataset: Dataset) -> str:
    """Say where the files of a dataset are, or come from."""
    files = [file for split in dataset.files.values() for file in split]
    if all((home() / name / file.name).exists() for file in files):
        return "here"
    return "downloaded at first use" if all(file.urls for file in files) else "placed by hand"
