"""Each guide, each page to learn from and each example as a notebook beside it: a hook of mkdocs.

Blocks of Python become cells of code, and blocks of commands cells that run them; all else is text.
Pictures are within the notebook, so that a downloaded one shows them. Links lead to the pages of
the site: by its address, if `site_url` says it, and else from where the notebook lies in the site.
The same page makes the same notebook, to the byte. `tools/run_notebooks.py` executes some of them.
"""

import base64
import hashlib
import json
import mimetypes
import posixpath
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import docs_zoo

DOCS = Path(__file__).parents[1] / "docs"
SECTIONS = ("Guides", "Learn", "Examples")  # of the site, whose pages are notebooks, too
FENCE = re.compile(r"^```(\w*)\n(.*?)^```\n?", re.MULTILINE | re.DOTALL)
SHELL = ("", "bash", "sh")
COMMAND = re.compile(r"ganzoo (?!demo(?!.*--(static|space)))|pip install ")  # that comes to an end
LINK = re.compile(r"(!?)\[([^]]*)]\(([^)\s]+)\)(?:\{[^}]*})?")
TAB = re.compile(r'^=== "(.*)"\n((?:\n|    .*\n)*)', re.MULTILINE)
TITLE = re.compile(r"^(# .*\n)", re.MULTILINE)
PYTHON = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
Cell = dict[str, Any]


def on_files(files: Any, config: Any) -> Any:
    """Put the notebooks on the site."""
    from mkdocs.structure.files import File

    for name in pages(config.nav):
        content = written(notebook(name, config.site_url))
        files.append(File.generated(config, beside(name), content=content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Link a page to its notebook, below the title."""
    name = page.file.src_uri
    if name not in pages(config.nav):
        return markdown
    file = posixpath.basename(beside(name))
    return TITLE.sub(rf'\1\n[Notebook]({file}){{ download="{file}" }}\n', markdown, count=1)


def pages(nav: list[dict[str, Any]]) -> list[str]:
    """Return the names of the pages that are notebooks, such as `examples/sprites.md`."""
    sections = [part for each in nav for title, part in each.items() if title in SECTIONS]
    return [name for part in sections for page in part for name in page.values()]


def beside(name: str) -> str:
    """Return the name of a page's notebook."""
    return name.removesuffix(".md") + ".ipynb"


def notebook(name: str, site: str | None = None) -> dict[str, Any]:
    """Return the notebook of a page, in the form of nbformat 4.5.

    Args:
        name: of the page, below `docs`.
        site: the address of the site, if it has one.
    """
    text = (DOCS / name).read_text(encoding="utf-8")
    cells = [cell for part in parts(text) for cell in [made(*part, name, site)] if cell["source"]]
    seen: Counter[str] = Counter()
    for cell in cells:
        content = cell["cell_type"] + "".join(cell["source"])
        seen[content] += 1
        cell["id"] = hashlib.sha256(f"{content}{seen[content]}".encode()).hexdigest()[:12]
    return {"cells": cells, "metadata": PYTHON, "nbformat": 4, "nbformat_minor": 5}


def written(made: dict[str, Any]) -> str:
    """Return the text of a notebook's file."""
    return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a page is made of, in its order: `("code" or "markdown", source)`."""
    begin, kept = 0, ""
    for fence in FENCE.finditer(text):
        kept += text[begin : fence.start()]
        begin = fence.end()
        code = fence[2] if fence[1] == "python" else commands(*fence.groups())
        if not code:
            kept += fence[0]
            continue
        yield "markdown", kept
        yield "code", code
        kept = ""
    yield "markdown", kept + text[begin:]


def commands(language: str, block: str) -> str:
    """Return a cell that runs a block of commands; nothing for a block of anything else."""
    lines = [line for line in block.splitlines() if line]
    if language not in SHELL or not all(COMMAND.match(line) for line in lines):
        return ""
    return "\n".join(("%" if line.startswith("pip") else "!") + line for line in lines)


def made(kind: str, source: str, name: str, site: str | None) -> Cell:
    """Return a cell, still without its id."""
    if kind == "code":
        about: Cell = {"execution_count": None, "outputs": []}
    else:
        source, pictures = for_readers(source, name, site)
        about = {"attachments": pictures} if pictures else {}
    lines = source.strip("\n").splitlines(keepends=True)
    return {"cell_type": kind, "metadata": {}, "source": lines, **about}


def for_readers(text: str, name: str, site: str | None) -> tuple[str, dict[str, Any]]:
    """Return text as notebooks show it, and the pictures in it by the names that it uses."""
    pictures: dict[str, Any] = {}
    folder = posixpath.dirname(name)

    def placed(link: re.Match[str]) -> str:
        mark, label, target = link.groups()
        path, hash_, place = target.partition("#")
        if ":" in path:
            return f"{mark}[{label}]({target})"
        there = posixpath.normpath(posixpath.join(folder, path)) if path else name
        if mark:
            file, known = posixpath.basename(there), docs_zoo.brought().get(there, DOCS / there)
            data = base64.b64encode(known.read_bytes()).decode()
            pictures[file] = {mimetypes.guess_type(file, strict=False)[0]: data}
            return f"![{label}](attachment:{file})"
        page = address(there)
        page = urljoin(site, page) if site else posixpath.relpath(page, folder or ".")
        return f"[{label}]({page}{hash_}{place})"

    text = TAB.sub(lambda tab: f"**{tab[1]}**\n{textwrap.dedent(tab[2])}", text)
    return LINK.sub(placed, text), pictures


def address(name: str) -> str:
    """Return where the site has a page, or a file that is none."""
    stem = name.removesuffix(".md")
    return name if stem == name else f"{stem}/index.html".replace("index/index", "index")
