"""Every `ganzoo` line of the README and of the site is one that the command line takes."""

import re
import shlex
from pathlib import Path

import click
import pytest

from ganzoo.cli import main, options

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
FENCED = re.compile(r"^( *)```(?:sh|bash)?\n(.*?)^\1```", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.skipif(not PAGES[0].is_file(), reason="pages are in the repository only")


def lines(page):
    blocks = FENCED.findall(page.read_text(encoding="utf-8")) if page.is_file() else []
    stripped = [line.strip() for _, block in blocks for line in block.splitlines()]
    return [line for line in stripped if line.startswith("ganzoo ")]


@pytest.fixture
def no_files(monkeypatch):
    """Paths of the pages are nobody's."""
    monkeypatch.setattr(click.Path, "convert", lambda self, value, *rest: value)
    monkeypatch.setattr(options, "read", lambda path: {"data": "my_pets"})


@pytest.mark.parametrize(
    "page", [each for each in PAGES if lines(each)], ids=lambda each: each.stem
)
def test_every_line_is_taken(page, no_files):
    for line in lines(page):
        _, name, *arguments = shlex.split(line, comments=True)
        assert name in main.commands, line
        try:
            main.commands[name].make_context(name, arguments, parent=click.Context(main))
        except click.ClickException as error:
            pytest.fail(f"{line}: {error.format_message()}")


def test_every_command_has_an_example():
    page = ROOT / "docs" / "command-line.md"
    shown = {line.split()[1] for line in lines(page)}
    assert shown == main.commands.keys()
    sections = re.findall(r"^## (\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(sections) == sorted(main.commands)
