"""The page that draws in the browser, as a part of the site: what the hook of mkdocs does."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not (ROOT / "tools").is_dir(), reason="only in the source tree")


@pytest.mark.parametrize("written", [False, True])
def test_the_page_is_built_with_models_and_without(written, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    import docs_try

    monkeypatch.setattr(docs_try, "BUILT", tmp_path)
    if written:
        (tmp_path / "models").mkdir()
        (tmp_path / "models" / "mnist.onnx").write_bytes(b"a model")
        (tmp_path / "models.json").write_text('{"runtime": {}}', encoding="utf-8")
    names = docs_try.sources().keys()
    assert {"page.js", "page.css", "live.js", "service_worker.js"} <= names
    assert "index.html" not in names  # the site's page stands there
    assert ("models/mnist.onnx" in names) == written
    assert json.loads(docs_try.listed())["runtime"] == ({} if written else None)
    front = docs_try.on_page_markdown("a\n<!-- try: live -->\nb")
    assert ("<ganzoo-live>" in front) == written
