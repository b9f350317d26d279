"""The folder of a run: the options that it was started with, and what they must agree with."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ganzoo.files import whole_file

RUN = "run.toml"  # `--config` reads it
FREE = ("epochs",)  # may be others when a run goes on


def check(out: Path, options: Mapping[str, Any]) -> None:
    """Check that a folder is new, or holds a run that was started with the same options.

    Raises:
        click.ClickException: it holds something else.
    """
    path = out / RUN
    if not path.exists():
        if out.is_dir() and any(out.iterdir()):
            raise click.ClickException(
                f"{out} holds other files, and no run: choose a new folder for --out."
            )
        return
    before, now = read(path), tomllib.loads(written(options))
    changed = sorted(k for k in before | now if before.get(k) != now.get(k) and k not in FREE)
    if changed:
        details = ", ".join(f"{k} {before.get(k)!r}, now {now.get(k)!r}" for k in changed)
        raise click.ClickException(
            f"{out} holds a run that was started otherwise ({details}). "
            "Give the same options to go on with it, or another --out for a new run."
        )


def remember(out: Path, options: Mapping[str, Any]) -> None:
    """Write down what a run was started with."""
    with whole_file(out / RUN) as partial:
        partial.write_text(written(options), encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """Return the options in a file.

    Raises:
        click.ClickException: it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path} holds no options in TOML: {error}") from error


def written(options: Mapping[str, Any]) -> str:
    """Return options as TOML, in which plain JSON values are written alike."""
    lines = []
    for name, value in sorted(options.items()):
        if name == "image_size" and value:
            value = "x".join(map(str, value))
        if value is not None:
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(lines)
