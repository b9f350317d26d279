"""Errors as plain sentences."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click


def plain_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show the errors that a user can do something about without a traceback."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (ValueError, TypeError, OSError, FloatingPointError, ImportError) as error:
            raise click.ClickException(str(error)) from error

    return run
