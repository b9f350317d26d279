"""The folder of a Space."""

import pytest

from ganzoo._version import __version__
from ganzoo.demo import space


def test_the_folder_runs_the_page_of_these_models(tmp_path, monkeypatch):
    pytest.importorskip("gradio", reason="gradio is not installed")
    from ganzoo.demo import page

    space.write(tmp_path / "space", ["mnist", "hf://me/my-gan"])
    assert {path.name for path in (tmp_path / "space").iterdir()} == {
        "app.py",
        "requirements.txt",
        "README.md",
    }
    launched = []
    monkeypatch.setattr(page, "build", lambda models: models)
    monkeypatch.setattr(page, "launch", lambda *page, **where: launched.append((page, where)))
    exec((tmp_path / "space" / "app.py").read_text(), {})
    assert launched == [((["mnist", "hf://me/my-gan"],), {"host": "0.0.0.0", "port": 7860})]


def test_what_a_space_is_told(tmp_path):
    space.write(tmp_path, ["fashion_mnist"])
    assert (tmp_path / "requirements.txt").read_text() == f"ganzoo[demo]=={__version__}\n"
    card = (tmp_path / "README.md").read_text()
    assert card.startswith("---\ntitle: ganzoo fashion_mnist\n")
    assert "sdk: gradio\napp_file: app.py\n" in card


def test_nothing_is_overwritten_and_no_folder_of_this_machine_is_named(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(FileExistsError, match=r"README\.md is there already"):
        space.write(tmp_path, ["mnist"])
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    with pytest.raises(ValueError, match="push the model to the Hub first"):
        space.write(tmp_path / "space", [str(tmp_path)])
