"""Nothing sends a user to the package that is called ganzoo on PyPI: it is another project."""

import re
from pathlib import Path

import pytest

import ganzoo
from ganzoo.demo import space

ROOT = Path(__file__).parents[2]
PACKAGE = Path(ganzoo.__file__).parent
INSTALL = re.compile(
    r"\b(?:pip[x3]?|uv|poetry|pdm|conda|mamba) (?:\w+ )?(?:install|add) [^\n`]*\bganzoo\b(?!\.|/)"
    r"|\bganzoo\[\w",
    re.IGNORECASE,
)


def texts():
    yield from PACKAGE.rglob("*.py")
    yield from PACKAGE.rglob("*.md")
    for each in ("*.md", "docs/**/*.md", "mkdocs.yml", "noxfile.py", "tools/**/*.py"):
        yield from ROOT.glob(each)


@pytest.mark.parametrize(
    "text",
    ["pip install ganzoo", 'pip install "ganzoo[demo]"', "uv add ganzoo", "extras: ganzoo[torch]"],
)
def test_such_advice_would_be_found(text):
    assert INSTALL.search(text)


def test_no_text_says_so():
    found = [
        f"{path}: {match[0]}"
        for path in texts()
        for match in INSTALL.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_what_is_written_for_others_does_not_say_so(tmp_path):
    """A card, and all files of a Space beside the copy of ganzoo."""
    ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=2).save_to_preset(tmp_path / "preset")
    space.write(tmp_path / "space", ["mnist"])
    written = [tmp_path / "preset" / "README.md", *(tmp_path / "space").glob("*.*")]
    assert len(written) == 4
    for each in written:
        text = each.read_text(encoding="utf-8")
        assert not INSTALL.search(text), each
        if each.name == "requirements.txt":
            assert "ganzoo" not in text
