"""Files that a command writes: none is replaced unless that is asked for."""

from pathlib import Path

import click

force_option = click.option("--force", is_flag=True, help="Replace what is there already.")


def check_free(path: Path | None, force: bool) -> None:
    """Refuse a path that is taken, before any work is done.

    Raises:
        click.ClickException: there is something, and no `--force`.
    """
    if path and path.exists() and not force:
        raise click.ClickException(f"{path} exists: choose another --out, or give --force.")
