"""Every code block of the README and of the site runs, in a world made small.

Blocks run as they stand, those of a page one after the other. What is small: trainings stop after
an epoch, datasets hold a few images, batches are of eight where nothing else is said, and a network
that is not told otherwise has four filters.
"""

import re
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.datasets import loading
from ganzoo.datasets import reading as data

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FEW = 64
NEEDS = {"export": ("jax2onnx", "onnxruntime")}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:The Fr.chet distance of:UserWarning"),  # so few images
    pytest.mark.skipif(not PAGES[0].is_file(), reason="pages are in the repository only"),
    pytest.mark.skipif(keras.backend.backend() != "jax", reason="pages run on the default backend"),
]


def blocks(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def few_images(name, split="train"):
    """Do as `ganzoo.datasets.load`."""
    dataset = ganzoo.datasets.DATASETS[name]
    images = np.random.default_rng(0).integers(0, 256, (FEW, *dataset.image_shape), dtype="uint8")
    classes = len(dataset.class_names)
    return images, np.arange(FEW, dtype="int32") % classes if classes else None


@pytest.fixture
def small_world(tmp_path, monkeypatch, hub):
    monkeypatch.chdir(tmp_path)
    for folder in ("my_photos", "my_sprites", "my_pets/cats", "my_pets/dogs"):
        Path(folder).mkdir(parents=True)
        for number in range(4):
            pixels = np.random.default_rng(number).integers(0, 256, (40, 30, 3), dtype="uint8")
            Image.fromarray(pixels).save(f"{folder}/{number}.png")
    shutil.make_archive("my_sprites", "zip", "my_sprites")
    fit, generate, init = keras.Model.fit, ganzoo.DCGAN.generate, ganzoo.DCGAN.__init__
    defaults = dict(zip(init.__code__.co_varnames[2:], init.__defaults__, strict=False))

    def one_epoch(self, *arguments, epochs=1, initial_epoch=0, **options):
        options |= {"epochs": initial_epoch + 1, "initial_epoch": initial_epoch, "verbose": 0}
        return fit(self, *arguments, **options)

    def few(self, n, *arguments, **options):
        return generate(self, min(n, FEW), *arguments, **options)

    monkeypatch.setattr(keras.Model, "fit", one_epoch)
    monkeypatch.setattr(ganzoo.DCGAN, "generate", few)
    small = defaults | {"base_filters": 4}
    monkeypatch.setattr(init, "__defaults__", tuple(small.values()))
    monkeypatch.setattr(data, "BATCH_SIZE", 8)
    for module in (ganzoo.datasets, loading):
        monkeypatch.setattr(module, "load", few_images)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page)], ids=lambda path: path.stem
)
def test_every_block_runs(page, small_world):
    for package in NEEDS.get(page.stem, ()):
        pytest.importorskip(package, reason=f"{package} is not installed")
    images, labels = few_images("mnist")
    world = {"ganzoo": ganzoo, "keras": keras, "images": images, "labels": labels, "np": np}
    world["__file__"] = str(page)
    for block in blocks(page):
        exec(compile(block, f"{page.name}: {block[:60]!r}", "exec"), world)
