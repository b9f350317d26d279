"""The comparison on few images, with tiny ones."""

import argparse
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from keras import ops
from PIL import Image

import ganzoo
from ganzoo.metrics import Extractor, extractors

TOOLS = Path(__file__).parents[2] / "tools"
pytestmark = pytest.mark.skipif(not TOOLS.is_dir(), reason="the tools are in the repository only")


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """Return the tool, with a dataset, an extractor and a preset to begin with."""
    random = np.random.default_rng(0)
    data = ganzoo.datasets.ImageSet(
        random.integers(0, 256, (40, 8, 8, 3), dtype="uint8"),
        np.arange(40, dtype="int32") % 7,
        class_names=ganzoo.datasets.DATASETS["art"].class_names,
    )
    read = ganzoo.datasets.read

    def read_by_name(images, *arguments, **options):
        return data if isinstance(images, str) else read(images, *arguments, **options)

    monkeypatch.setattr(ganzoo.datasets, "read", read_by_name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    known = Extractor("means", None, "none", lambda images: images.mean(axis=1).reshape(-1, 24))
    monkeypatch.setitem(extractors.EXTRACTORS, "inception", lambda: known)
    ganzoo.DCGAN((8, 8, 3), num_classes=3, base_filters=2, seed=3).save_to_preset("source")
    spec = importlib.util.spec_from_file_location("small_data", TOOLS / "small_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ARGUMENTS = ["--source", "source", "--data", "art:baroque", "--counts", "3", "--rounds", "4"]
ARGUMENTS += ["--every", "2", "--batch-size", "2", "--samples", "4", "--out", "out"]


def kernel(gan):
    return ops.convert_to_numpy(gan.generator.weights[-1])


def test_the_four_ways_differ_in_what_they_say(tool):
    options = argparse.Namespace(source="source", dtype="float32", frozen_stages=None)
    source = ganzoo.DCGAN.from_preset("source")
    for way, (tuned, augmented) in tool.WAYS.items():
        gan = tool.model(options, way, seed=5)
        assert gan.num_classes is None
        assert np.array_equal(kernel(gan), kernel(source)) == tuned
        assert (gan.objective.augmentation is not None) == augmented
        assert gan.objective.ema_decay == source.objective.ema_decay
        one = argparse.Namespace(**vars(options) | {"frozen_stages": 1})
        assert tool.model(one, way, seed=5).objective.frozen_stages == tuned
    assert len(tool.images_of("art:baroque", (8, 8, 3))) == 6  # every seventh of forty


@pytest.mark.slow
def test_a_table_and_a_picture_which_a_second_call_finds(tool, tmp_path, monkeypatch, capsys):
    tool.main(ARGUMENTS)
    table = (tmp_path / "out" / "table.md").read_text()
    assert table in capsys.readouterr().out
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| f")]
    assert [row[0].removeprefix("| ") for row in rows] == list(tool.WAYS)
    log = (tmp_path / "out" / "fine-tuned-3-0" / "log.csv").read_text().splitlines()
    scores = [1000 * float(line.split(",")[log[0].split(",").index("kid")]) for line in log[1:]]
    assert rows[2][1].removesuffix(" |") == f"{scores[-1]:.1f} ({min(scores):.1f})"
    with Image.open(tmp_path / "out" / "samples.png") as picture:
        assert picture.height > 4 * picture.width
    monkeypatch.setattr(ganzoo.DCGAN, "fit", None)
    tool.main(ARGUMENTS)
    assert (tmp_path / "out" / "table.md").read_text() == table
    tool.main([*ARGUMENTS, "--ways", "fine-tuned"])
    chosen = (tmp_path / "out" / "table.md").read_text().splitlines()
    left_out = [line for line in table.splitlines() if line not in chosen]
    assert [line.split(" | ")[0] for line in left_out] == [
        f"| {way}" for way in tool.WAYS if way != "fine-tuned"
    ]
