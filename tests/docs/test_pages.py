"""Every code block of the README and of the site runs, with nothing that its page has not defined.

Blocks run as they stand, those of a page one after the other in one namespace, which is empty at
first: what a reader would have to guess is an error here. The world around is a small one.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
NEEDS = {"export": "onnxruntime"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The Fr.chet distance of:UserWarning"),  # so few images
    pytest.mark.skipif(not PAGES[0].is_file(), reason="pages are in the repository only"),
]


def blocks(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page)], ids=lambda path: path.stem
)
def test_every_block_runs(page, small_folders):
    if package := NEEDS.get(page.stem):
        pytest.importorskip(package, reason=f"{package} is not installed")
    world = {"__name__": page.stem, "__file__": f"{page.stem}.py"}
    for block in blocks(page):
        exec(compile(block, f"{page.name}: {block[:60]!r}", "exec"), world)
