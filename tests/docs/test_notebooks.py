"""The notebooks of guides and examples, as the hook of mkdocs makes them from their pages."""

import ast
import base64
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = """# A title

Text with a [link](../runs.md#stop), and one to [elsewhere](https://example.org/a.md).
And one to [here](#b).

```python
a = 1
```

![A dot](dot.png){ .pixels .once }

```
pip install .
ganzoo generate mnist -o digits.png
```

=== "torch"

    ```
    pip install torch
    ```

```
ganzoo demo
```

```python
a = 1
```
"""

pytestmark = pytest.mark.skipif(not (ROOT / "tools").is_dir(), reason="only in the source tree")


@pytest.fixture
def hook(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import docs_notebooks

    return docs_notebooks


@pytest.fixture
def made(hook, tmp_path, monkeypatch):
    """Return the notebook of a page in a folder, and of it on a site with an address."""
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "page.md").write_text(PAGE)
    (tmp_path / "part" / "dot.png").write_bytes(b"a picture")
    monkeypatch.setattr(hook, "DOCS", tmp_path)
    return lambda site=None: hook.notebook("part/page.md", site)


def sources(notebook, kind):
    return ["".join(each["source"]) for each in notebook["cells"] if each["cell_type"] == kind]


def test_blocks_become_cells(made):
    code = sources(made(), "code")
    assert code == ["a = 1", "%pip install .\n!ganzoo generate mnist -o digits.png", "a = 1"]
    text = "\n".join(sources(made(), "markdown"))
    assert "**torch**\n\n```\npip install torch\n```" in text  # one of several: no cell
    assert "```\nganzoo demo\n```" in text  # serves until it is stopped
    assert "{ .pixels" not in text


def test_pictures_are_within_and_links_lead_to_the_site(made):
    (cell,) = (each for each in made()["cells"] if "attachments" in each)
    assert base64.b64decode(cell["attachments"]["dot.png"]["image/png"]) == b"a picture"
    assert "![A dot](attachment:dot.png)" in "".join(cell["source"])
    (first, *_), (there, *_) = (
        sources(made(site), "markdown") for site in (None, "https://example.org/zoo/")
    )
    assert "[link](../runs/index.html#stop)" in first
    assert "[elsewhere](https://example.org/a.md)" in first
    assert "[here](page/index.html#b)" in first
    assert "[link](https://example.org/zoo/runs/index.html#stop)" in there


def test_ids_are_unique_and_the_file_is_the_same_again(hook, made):
    ids = [each["id"] for each in made()["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[\w-]{1,64}", each) for each in ids)
    assert hook.written(made()) == hook.written(made())


def test_a_page_of_guides_and_examples_links_its_notebook(hook):
    nav = [{"Guides": [{"A": "a.md"}]}, {"Examples": [{"B": "part/b.md"}]}, {"More": "c.md"}]
    config = SimpleNamespace(nav=nav)
    linked = []
    for name in ("a.md", "part/b.md", "c.md"):
        page = SimpleNamespace(file=SimpleNamespace(src_uri=name))
        linked.append(hook.on_page_markdown("# A\n\nb\n\n# C\n", page=page, config=config))
    assert linked[0].startswith('# A\n\n[Notebook](a.ipynb){ download="a.ipynb" }\n\nb\n\n# C')
    assert "(b.ipynb)" in linked[1]
    assert "ipynb" not in linked[2]


@pytest.mark.parametrize("page", sorted(DOCS.glob("examples/*.md")), ids=lambda path: path.stem)
def test_an_example_is_whole(hook, page):
    """All its pictures are within, and its cells are Python."""
    notebook = hook.notebook(f"examples/{page.name}")
    text = "\n".join(sources(notebook, "markdown"))
    assert "](../images" not in text
    assert text.count("](attachment:") == page.read_text("utf-8").count("](../images") > 0
    for cell in sources(notebook, "code"):
        if not cell.startswith(("!", "%")):
            ast.parse(cell)
