"""The command line, called as a user would call it."""

from click.testing import CliRunner

from ganzoo.cli import main


def run(*arguments, columns=80):
    """Return what a command did, for a terminal of so many columns."""
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, arguments)


def ran(*arguments, **options):
    """Return what a command printed that has to succeed."""
    result = run(*arguments, **options)
    assert result.exit_code == 0, result.output
    return result.output
