"""Every code block of the README and of the site runs, with nothing that its page has not defined.

Blocks run as they stand, those of a page one after the other in one namespace, which is empty at
first: what a reader would have to guess is an error here. The world around is a small one.
"""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import keras
import pytest
from click.testing import CliRunner

import ganzoo
from ganzoo.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
NEEDS = {
    "clothes": "onnxruntime",
    "export": "onnxruntime",
    "papers": "sklearn",
    "serving": "onnxruntime",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The Fr.chet distance of:UserWarning"),  # so few images
    pytest.mark.skipif(not PAGES[0].is_file(), reason="pages are in the repository only"),
]


def blocks(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


TRAINS = re.compile(r"^ganzoo train (?:emoji|my_birds/|my_faces/|hf:).*", re.MULTILINE)
SHORT = ["--epochs", "1", "--base-filters", "2", "--image-size", "16", "--batch-size", "8"]
IMPORTED = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
# Packages that ganzoo does without; a block that imports one runs where it is installed.
OTHERS = {"datasets", "fastapi", "jax", "pandas", "tensorflow", "tensorflow_datasets", "torch"}
OTHERS |= {"mlflow", "torchvision", "wandb"}


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
    for name in [*others(block), *filter(None, [NEEDS.get(page.stem)])]:
        spec = find_spec(name)
        if spec is None or spec.origin is None:  # a folder of tests may have its name
            pytest.skip(f"{name} is not installed")
    backend = others(block) & {"jax", "tensorflow", "torch"}
    if backend and keras.backend.backend() not in backend:
        pytest.skip(f"{backend.pop()} is another backend")
    before = blocks(page)[: blocks(page).index(block)]
    run(page, [*(each for each in before if not others(each)), block])


@pytest.mark.parametrize(
    "line",
    dict.fromkeys(
        line for page in PAGES if page.exists() for line in TRAINS.findall(page.read_text("utf-8"))
    ),
)
def test_commands_for_data_of_a_newcomer_train(line, small_folders):
    """What comes along, labels in a file, and a data set of the Hub; fewer and smaller images."""
    said = re.sub(r"--(hours|images|epochs) \S+", "", line)
    done = CliRunner().invoke(main, [*shlex.split(said)[1:], *SHORT])
    assert done.exit_code == 0, done.output
    out = shlex.split(line)[shlex.split(line).index("--out") + 1]
    gan = ganzoo.from_preset(out)
    assert (gan.attributes or gan.class_names) == {
        "emoji": list(ganzoo.datasets.DATASETS["emoji"].class_names),
        "my_birds/": ["owl", "wren"],
        "my_faces/": ["smiling", "hat"],
        "hf://datasets/user/name": ["cats", "dogs"],
    }[line.split()[2]]
