"""`ganzoo export`, `push` and `demo`; tests/gan/test_export.py looks at what is exported."""

from pathlib import Path

import pytest
from command_line import ran, refused

import ganzoo

GOLDEN = Path(__file__).parents[1] / "presets" / "golden" / "jax"


@pytest.fixture
def preset(tmp_path):
    ganzoo.DCGAN((8, 8, 1), 3, base_filters=2).save_to_preset(tmp_path / "preset")
    return tmp_path / "preset"


@pytest.mark.parametrize("format", [None, "saved_model"])
def test_a_model_is_exported_by_its_preset(preset, tmp_path, monkeypatch, format):
    asked = []
    monkeypatch.setattr(
        ganzoo.DCGAN, "export", lambda self, *how: asked.append((self.get_config(), *how))
    )
    out = tmp_path / "a.onnx"
    output = ran("export", preset, "-o", out, *(["--format", format] if format else []))
    assert f"The generator is in {out}" in output
    expected = ganzoo.DCGAN.from_preset(preset, compile=False).get_config()
    assert asked == [(expected, out, format)]


def test_push_uploads_a_preset(hub):
    output = ran("push", str(GOLDEN), "hf://me/gan", "--private", "--message", "First")
    repository = hub.repos["me/gan"]
    assert f"hf://me/gan@{repository.refs['main']}" in output
    assert repository.messages[-1] == "First"
    assert ganzoo.DCGAN.from_preset("hf://me/gan").image_shape == (9, 8, 3)


def test_a_page_without_a_server_is_written(preset, tmp_path, monkeypatch):
    """tests/demo/test_static.py looks at the folder."""
    from ganzoo.demo import static

    asked = []
    monkeypatch.setattr(static, "write", lambda *what: asked.append(what))
    page = tmp_path / "page"
    assert f"{page} is ready" in ran("demo", preset, "--static", page)
    assert asked == [(page, (str(preset),))]
    both = ("--static", page, "--space", page)
    assert "choose one of them" in refused("demo", "mnist", *both)
