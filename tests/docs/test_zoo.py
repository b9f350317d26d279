"""What the site's hook writes of presets: of a new one by itself, and of a strange one as text."""

import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOOK = ROOT / "tools" / "docs_zoo.py"
PAGE = "# Zoo\n\n<!-- zoo: table -->\n\n<!-- zoo: cards -->\n\n<!-- zoo: gallery -->\n"
pytestmark = pytest.mark.skipif(not HOOK.is_file(), reason="the hook is in the repository only")


@pytest.fixture
def hook():
    """Return the hook, which must not need Keras."""
    spec = importlib.util.spec_from_file_location("docs_zoo", HOOK)
    module = importlib.util.module_from_spec(spec)
    hidden = {name: sys.modules.pop(name) for name in ("keras", "ganzoo") if name in sys.modules}
    try:
        spec.loader.exec_module(module)
        assert not {"keras", "ganzoo"} & sys.modules.keys()
    finally:
        sys.modules.update(hidden)
    return module


@pytest.fixture
def stranger(hook, tmp_path, monkeypatch):
    """Return what the hook writes when a preset is added whose record is changed."""

    def write(name, **about):
        weights, ours = tmp_path / "dcgan" / "weights", hook.PACKAGE / "dcgan" / "weights"
        shutil.copytree(ours, weights, dirs_exist_ok=True)
        folder = shutil.copytree(ours / "mnist", tmp_path / "fastgan" / "weights" / name)
        metadata = json.loads((folder / "metadata.json").read_text())
        metadata["about"] |= about
        (folder / "metadata.json").write_text(json.dumps(metadata))
        monkeypatch.setattr(hook, "PACKAGE", tmp_path)
        return hook.on_page_markdown(PAGE)

    return write


def section(text, name):
    """Return the section of a preset on the page of cards."""
    return re.search(rf"^## {name}\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]


def test_the_presets_numbers(hook):
    text = hook.on_page_markdown(PAGE)
    assert "<!--" not in text
    for name, record in hook.records().items():
        card = section(text, name)
        assert f'from_preset("{name}")' in card
        assert f"{record['parameters']:,}" in card
        for value in (score["value"] for score in record["scores"].values()):
            assert any(format(value, how) in card for how in (".1%", ".3g", ".1g"))


def test_a_new_preset_appears_by_itself(hook, stranger):
    values = {"kid": 0.0123, "kid_standard_error": 0.00049, "fid": 7.5}
    scores = {name: {"value": value, "protocol": "P1"} for name, value in values.items()}
    training = {"hours": 2.5, "best_epoch": 3}
    text = stranger("a_new_one", scores=scores, training=training, recipe={"epochs": 20})
    size = (hook.records()["a_new_one"]["folder"] / "model.safetensors").stat().st_size / 1e6
    start = f"| [`a_new_one`](#a_new_one) | 28x28, grey, 10 classes | {size:.1f} MB |"
    assert f"{start} kid 0.0123 ± 0.0005, fid 7.5 |" in text
    card = section(text, "a_new_one")
    assert card.count("P1") == 1, "scores of one protocol stand together"
    assert "2.5 hours, 20 epochs, epoch 3 was kept" in card
    assert "images/presets/a_new_one-samples.png" in text


def test_a_records_text_stays_text(stranger):
    text = stranger("strange", description="<script>a|b</script> [x](y)\n\n# H")
    assert "&lt;script&gt;a\\|b&lt;/script&gt; \\[x\\](y) # H" in text
    assert "<script>" not in text
