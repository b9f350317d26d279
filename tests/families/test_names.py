"""Nothing outside a family's folder knows the family, but the table and the public names."""

import importlib
import io
import re
import tokenize
from importlib.util import find_spec
from pathlib import Path

import pytest

from ganzoo.gan.families import FAMILIES

pytestmark = pytest.mark.any_backend

ROOT = Path(find_spec("ganzoo").submodule_search_locations[0])
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
EXAMPLE = re.compile(r"```python\n.*?```|^ *>>>.*?$", re.DOTALL | re.MULTILINE)
TEXT = (tokenize.NAME, tokenize.STRING, tokenize.COMMENT)


def mentions(path, family):
    """Return what of a file names a family: code, comments and docstrings but their examples."""
    readable = io.StringIO(path.read_text(encoding="utf-8")).readline
    found = []
    for token in tokenize.generate_tokens(readable):
        text = EXAMPLE.sub("", token.string)
        if token.type in TEXT and re.search(family, text, re.IGNORECASE):
            found.append(
                text if len(text) < 30 else re.search(f"(?i).{{0,30}}{family}.{{0,30}}", text)[0]
            )
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_no_other_place_names_a_family(family):
    found = {
        name: mentions(path, family)
        for name, path in FILES.items()
        if not name.startswith(f"{family}/")
    }
    name = importlib.import_module(f"ganzoo.{family}").__all__[0]
    assert {name: each for name, each in found.items() if each} == {
        "gan/families.py": [f'"{family}"', f'"ganzoo.{family}:{name}"'],  # the table
        "__init__.py": [family, name, f'"{name}"'],  # the public names
    }


def test_what_names_a_family_is_found(tmp_path):
    path = tmp_path / "code.py"
    path.write_text(
        '"""About a DCGAN.\n\n```python\nganzoo.DCGAN()\n```\n"""\n'
        "from ganzoo import DCGAN as other  # as dcgan does\nname = 'my-dcgan'\n"
    )
    assert len(mentions(path, "dcgan")) == 4
