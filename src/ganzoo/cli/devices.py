"""The option `--devices`: train on several, or as one of the processes that a launcher started."""

import os
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import wraps
from typing import Any

import click

from ganzoo import backends


def count(context: click.Context, option: click.Parameter, value: str) -> int | None:
    """Read a number of devices, or `auto` for all."""
    if value == "auto":
        return None
    if not value.isdecimal() or int(value) < 1:
        raise click.BadParameter(f"{value!r} is no number of devices: give 2, or auto for all.")
    return int(value)


def on_devices(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that trains the option `--devices`."""

    @click.option(
        "--devices",
        default="1",
        show_default=True,
        callback=count,
        metavar="N|auto",
        help="Share each batch out to so many devices of this machine. torchrun and srun need no "
        "such option.",
    )
    @wraps(command)
    def run(*arguments: Any, devices: int | None, **options: Any) -> None:
        with backends.current.spread(devices):
            if backends.current.is_first():
                command(*arguments, **options)
                return
            with open(os.devnull, "w") as nothing, redirect_stdout(nothing):
                command(*arguments, **options)

    return run
