"""What commands say: tables, errors as plain sentences, exit codes; and where they may write."""

import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.names import printable

INTERRUPTED, TERMINATED = 130, 143  # as shells have it; 1 is an error, 2 a wrong command line
USERS = (ValueError, TypeError, OSError, FloatingPointError, ImportError)
"""Errors that a user can do something about; their messages say what."""

force_option = click.option("--force", is_flag=True, help="Replace what is there already.")


class TerminatedError(KeyboardInterrupt):
    """The system asks the program to end, as batch systems do before their time limit."""


def plain_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show warnings and errors as sentences, and give the command the option `--debug`."""

    @click.option("--debug", is_flag=True, help="Show where an error came from.")
    @wraps(command)
    def run(*arguments: Any, debug: bool, **options: Any) -> None:
        with warnings.catch_warnings(), termination():
            warnings.showwarning = show
            try:
                command(*arguments, **options)
            except KeyboardInterrupt as error:
                click.echo("\nStopped.", err=True)
                sys.exit(TERMINATED if isinstance(error, TerminatedError) else INTERRUPTED)
            except (click.ClickException, click.exceptions.Exit, click.Abort):
                raise
            except Exception as error:
                if debug:
                    raise
                raise click.ClickException(sentence(error)) from error

    return run


def show(message: Warning | str, *_: Any, **__: Any) -> None:
    """Show a warning."""
    click.echo(f"Note: {message}", err=True)


def sentence(error: Exception) -> str:
    """Return what to tell a user of an error."""
    if isinstance(error, USERS) and str(error):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory: take smaller images, fewer of them, or a smaller batch."
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return f"This should not happen ({said}). Please report what --debug shows."


@contextmanager
def termination() -> Iterator[None]:
    """Let a request of the system to end do what Ctrl-C does."""

    def end(*_: Any) -> None:
        raise TerminatedError

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # in a thread that gets no signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def print_table(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> None:
    """Print rows of cells, as wide as the terminal and without colours; long cells are wrapped."""
    table = Table(*header, box=box.ASCII_DOUBLE_HEAD if header else None, show_header=bool(header))
    for row in rows:
        table.add_row(*(Text(printable(str(cell)), overflow="fold") for cell in row))
    table.columns[0].no_wrap = True
    Console(highlight=False).print(table)


def check_place(path: Path | None, force: bool) -> None:
    """Refuse a path that is taken or cannot be written, before any work is done.

    Raises:
        click.ClickException: there is something, and no `--force`.
        OSError: no file can be written there.
    """
    if path is None:
        return
    if path.exists() and not force:
        raise click.ClickException(f"{path} exists: choose another --out, or give --force.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OSError(
            f"{path} cannot be written: {error.strerror}. Choose another place."
        ) from error
