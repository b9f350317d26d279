"""The command line, called as a user would call it."""

import json
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image

from ganzoo.cli import main


def run(*arguments, columns=80):
    """Return what a command did, for a terminal of so many columns; never with a traceback."""
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(
        main, [str(each) for each in arguments]
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def ran(*arguments, **options):
    """Return what a command printed that has to succeed."""
    result = run(*arguments, **options)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments):
    """Return what a command said that has to fail."""
    result = run(*arguments)
    assert result.exit_code in (1, 2), result.output
    return result.output


def read_json(path):
    return json.loads(Path(path).read_text())


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)
