"""The folder of a Space."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import ganzoo
from ganzoo.demo import space

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
WRITTEN = {"README.md", "app.py", "ganzoo", "requirements.txt"}


def matter(folder):
    """Return what the Hub reads of a Space."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    return yaml.safe_load(text.split("---\n")[1])


def test_the_folder_runs_the_page_of_these_models(tmp_path, monkeypatch):
    pytest.importorskip("gradio", reason="gradio is not installed")
    from ganzoo.demo import page

    space.write(tmp_path / "space", ["mnist", "hf://me/my-gan"])
    assert {path.name for path in (tmp_path / "space").iterdir()} == WRITTEN
    launched = []
    monkeypatch.setattr(page, "build", lambda models: models)
    monkeypatch.setattr(page, "launch", lambda *page, **where: launched.append((page, where)))
    exec((tmp_path / "space" / "app.py").read_text(), {})
    assert launched == [((["mnist", "hf://me/my-gan"],), {"host": "0.0.0.0", "port": 7860})]


def test_a_space_brings_ganzoo_and_the_presets_that_it_shows(tmp_path):
    """Others have rights of their own."""
    space.write(tmp_path, ["mnist", "hf://me/my-gan"])
    package = Path(ganzoo.__file__).parent
    others = set(ganzoo.GAN.presets) - {"mnist"}

    def of_others(path):
        return "weights" in path.parts and not others.isdisjoint(path.parts)

    expected = {
        path.relative_to(package)
        for path in package.rglob("*")
        if "__pycache__" not in path.parts and not of_others(path)
    }
    copied = tmp_path / "ganzoo"
    assert {path.relative_to(copied) for path in copied.rglob("*")} == expected
    assert not any(of_others(path) for path in copied.rglob("*"))


@pytest.mark.slow
def test_the_copy_draws_by_itself(tmp_path):
    space.write(tmp_path, ["mnist"])
    code = (
        "import ganzoo\n"
        "print(ganzoo.__file__, ganzoo.from_preset('mnist').generate(1, seed=0).shape)"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"],
        capture_output=True,
        text=True,
    )
    assert result.stdout.split(" ", 1)[0] == str(tmp_path / "ganzoo" / "__init__.py"), result.stderr
    assert "(1, 28, 28, 1)" in result.stdout


@pytest.mark.parametrize("name", ["README.md", "ganzoo"])
def test_nothing_is_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(FileExistsError, match=f"{name} is there already"):
        space.write(tmp_path, ["mnist"])
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_space_has_no_folder_of_this_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mnist").mkdir()
    space.write("space", ["mnist"])  # the name that is known
    for model in (str(tmp_path), "./mnist"):
        with pytest.raises(ValueError, match="push the model to the Hub first"):
            space.write("other", [model])
    with pytest.raises(ValueError, match="Unknown preset 'mnits'"):
        space.write("other", ["mnits"])
    assert not (tmp_path / "other").exists()


def test_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    space.write("~/space", ["mnist"])
    assert {path.name for path in (tmp_path / "space").iterdir()} == WRITTEN
