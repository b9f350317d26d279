"""A folder that the Hugging Face Hub runs as a Space: the same page, for everybody."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import ganzoo
from ganzoo.files import expanded, whole_file, whole_folder
from ganzoo.gan import families
from ganzoo.presets.locate import locate

PACKAGE = Path(ganzoo.__file__).parent
PYTHON = "3.12"  # a Space takes 3.10 by itself, which is too old
GRADIO = "6.0.0"  # the oldest that the page is tested with; else the one that is installed

APP = '''"""A page to try {names}."""

from ganzoo.demo.page import build, launch

launch(build({models}), host="0.0.0.0", port=7860)
'''
CARD = """---
title: {title}
emoji: 🎨
sdk: gradio
sdk_version: {gradio}
python_version: "{python}"
app_file: app.py
---

Images drawn by ganzoo: {names}.

The folder `ganzoo` is ganzoo {version}, under the Apache License 2.0. What may be done with its
weights, the cards beside them say.
"""


def write(folder: str | os.PathLike[str], models: Sequence[str]) -> None:
    """Write `app.py`, `requirements.txt`, `README.md`, and a copy of ganzoo with these presets.

    The Space needs no package of ganzoo: what is called so on PyPI is another project.

    Args:
        folder: created when needed.
        models: names of bundled presets, or handles `"hf://user/repo"`.

    Raises:
        ValueError: an unknown model, or a folder of this machine, which a Space does not have.
        FileExistsError: one of the files is there already.

    Example:
        ```python
        from ganzoo.demo import space

        space.write("my_space", ["mnist"])
        ```
    """
    for model in models:
        check_model(model)
    names = ", ".join(models)
    title = f"ganzoo {models[0].rpartition('/')[2]}"
    files = {
        "app.py": APP.format(names=names, models=json.dumps(list(models))),
        "requirements.txt": "".join(f"{each}\n" for each in requirements()),
        "README.md": CARD.format(
            title=title, gradio=gradio(), python=PYTHON, names=names, version=ganzoo.__version__
        ),
    }
    folder = expanded(folder)
    if there := [name for name in (*files, PACKAGE.name) if (folder / name).exists()]:
        raise FileExistsError(f"{folder / there[0]} is there already: choose another folder.")
    with whole_folder(folder / PACKAGE.name) as partial:
        shutil.copytree(PACKAGE, partial, ignore=all_but(models), dirs_exist_ok=True)
    for name, text in files.items():
        with whole_file(folder / name) as partial:
            partial.write_text(text, encoding="utf-8")


def all_but(models: Sequence[str]) -> Callable[[str, list[str]], list[str]]:
    """Return what of the package is not copied: presets that are not shown, by their rights."""
    presets = families.own_presets()
    others = {Path(each.folder or "") for name, each in presets.items() if name not in models}

    def ignored(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if name == "__pycache__" or Path(folder) / name in others]

    return ignored


def check_model(model: str) -> None:
    """Raise a `ValueError` for a model that is not to be had in a Space."""
    place = locate(model, families.presets).where
    if isinstance(place, Path) and not place.is_relative_to(PACKAGE):
        raise ValueError(
            f"{model} is a folder of this machine, which a Space does not have: push the model "
            'to the Hub first (gan.push_to_hub("me/my-gan")) and name it "hf://me/my-gan".'
        )


def requirements() -> list[str]:
    """Return what ganzoo needs, its extras apart; a Space brings gradio by itself."""
    return [each for each in requires("ganzoo") or () if "extra ==" not in each]


def gradio() -> str:
    """Return the version of gradio that the page is seen with here."""
    try:
        return version("gradio")
    except PackageNotFoundError:
        return GRADIO
