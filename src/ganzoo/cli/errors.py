"""What every command does with trouble: plain sentences, exit codes, a traceback when asked for."""

import sys
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

INTERRUPTED = 130  # as shells have it; 1 is an error, 2 a wrong command line
USERS = (ValueError, TypeError, OSError, FloatingPointError, ImportError)
"""Errors that a user can do something about."""


def plain_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show warnings and errors as sentences, and give the command the option `--debug`."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        click.echo(f"Note: {message}", err=True)

    @click.option("--debug", is_flag=True, help="Show where an error came from.")
    @wraps(command)
    def run(*arguments: Any, debug: bool, **options: Any) -> None:
        with warnings.catch_warnings():
            warnings.showwarning = show
            try:
                command(*arguments, **options)
            except USERS as error:
                if debug:
                    raise
                raise click.ClickException(str(error)) from error
            except KeyboardInterrupt:
                click.echo("\nStopped.", err=True)
                sys.exit(INTERRUPTED)

    return run
