"""Errors and warnings as plain sentences."""

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import click


def plain_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show warnings, and the errors that a user can do something about, without a traceback."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        click.echo(f"Note: {message}", err=True)

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        with warnings.catch_warnings():
            warnings.showwarning = show
            try:
                command(*arguments, **options)
            except (ValueError, TypeError, OSError, FloatingPointError, ImportError) as error:
                raise click.ClickException(str(error)) from error

    return run
