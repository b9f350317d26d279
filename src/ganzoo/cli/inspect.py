"""`ganzoo inspect`."""

from pathlib import Path

import click

import ganzoo
from ganzoo.cli.errors import plain_errors
from ganzoo.cli.output import check_free, force_option
from ganzoo.files import whole_file
from ganzoo.names import printable


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path),
              help="The picture to write; by default PATH's name with -contact-sheet.png, "
              "in the current folder.")  # fmt: skip
@force_option
@plain_errors
def inspect(path: Path, out: Path | None, force: bool) -> None:
    """Look at PATH, a folder or zip archive of images, before training.

    Prints a table and advice, and writes a contact sheet; PATH stays as it is.

    \b
    Example:
      ganzoo inspect my_photos/
    """
    path = path.expanduser().resolve()
    outside = path.parent if Path.cwd().is_relative_to(path) else Path()
    out = out or outside / f"{path.name.removesuffix('.zip')}-contact-sheet.png"
    if out.resolve().is_relative_to(path):
        raise click.ClickException(f"--out {out} lies in {path}: choose a place outside.")
    check_free(out, force)
    found = ganzoo.datasets.inspect(path)
    with whole_file(out) as partial:
        found.contact_sheet.save(partial)
    lines = [str(found), "", *(f"- {sentence}" for sentence in found.advice), ""]
    click.echo("\n".join([*lines, f"The contact sheet is in {printable(str(out))}"]))
