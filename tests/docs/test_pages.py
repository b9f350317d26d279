"""Every code block of the README and of the site runs, with nothing that its page has not defined.

Blocks run as they stand, those of a page one after the other in one namespace, which is empty at
first: what a reader would have to guess is an error here. The world around is a small one.
"""

import re
from importlib.util import find_spec
from pathlib import Path

import keras
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


IMPORTED = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
# Packages that ganzoo does without; a block that imports one runs where it is installed.
OTHERS = {"datasets", "pandas", "tensorflow", "tensorflow_datasets", "torch", "torchvision"}


def others(block):
    return OTHERS & set(IMPORTED.findall(block))


def run(page, chosen):
    world = {"__name__": page.stem, "__file__": f"{page.stem}.py"}
    for block in chosen:
        exec(compile(block, f"{page.name}: {block[:60]!r}", "exec"), world)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page)], ids=lambda path: path.stem
)
def test_every_block_runs(page, small_folders):
    if package := NEEDS.get(page.stem):
        pytest.importorskip(package, reason=f"{package} is not installed")
    run(page, [block for block in blocks(page) if not others(block)])


@pytest.mark.parametrize(
    ("page", "block"),
    [(page, block) for page in PAGES for block in blocks(page) if others(block)],
    ids=lambda each: getattr(each, "stem", None) or min(others(each)),
)
def test_blocks_of_other_packages_run_where_they_are(page, block, small_folders):
    """After those of the page that need none."""
    for name in others(block):
        spec = find_spec(name)
        if spec is None or spec.origin is None:  # a folder of tests may have its name
            pytest.skip(f"{name} is not installed")
    backend = others(block) & {"tensorflow", "torch"}
    if backend and keras.backend.backend() not in backend:
        pytest.skip(f"{backend.pop()} is another backend")
    before = blocks(page)[: blocks(page).index(block)]
    run(page, [*(each for each in before if not others(each)), block])
