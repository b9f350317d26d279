"""`ganzoo export`; tests/dcgan/test_export.py looks at what is written."""

import keras
import pytest
from click.testing import CliRunner

import ganzoo
from ganzoo.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


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
    result = run(preset, "-o", out, *(["--format", format] if format else []))
    assert result.exit_code == 0, result.output
    assert f"The generator is in {out}" in result.output
    expected = ganzoo.DCGAN.from_preset(preset, compile=False).get_config()
    assert asked == [(expected, out, format)]


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("a.gif", "a.gif ends like no format: give one as format=, of 'onnx' (.onnx)"),
        ("a.pt2" if keras.backend.backend() != "torch" else "a.tflite", "set KERAS_BACKEND="),
    ],
)
def test_what_cannot_be_exported_is_one_plain_sentence(preset, tmp_path, out, message):
    result = run(preset, "-o", tmp_path / out)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == [preset]
