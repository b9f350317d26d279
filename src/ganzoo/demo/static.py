"""A folder that any host of plain files serves: a page that draws in the visitor's browser."""

import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import keras

import ganzoo
from ganzoo.demo import browser_model, browser_runtime
from ganzoo.files import expanded, whole_folder
from ganzoo.gan.export import check_pair
from ganzoo.gan.saving import describe

SCRIPTS = Path(__file__).with_name("browser")
SHOWN = ("*.html", "*.css", "*.js")  # of that folder; the others are for those who change it
CARD = """---
title: {title}
emoji: 🎨
sdk: static
app_file: index.html
---

Images drawn by ganzoo {version} in the visitor's browser: {names}. Nothing is sent anywhere.

The page is under the Apache License 2.0, onnxruntime-web in `runtime` under the MIT License. What
may be done with the weights in `models`, their presets say.
"""


def write(folder: str | os.PathLike[str], models: Sequence[str]) -> None:
    """Write a page with these models, and all that it needs: it fetches nothing from elsewhere.

    Args:
        folder: a new or an empty one.
        models: presets as `ganzoo.from_preset` takes them: names, folders of runs, handles.

    Raises:
        FileExistsError: there is something in the folder.
        ConnectionError: onnxruntime-web cannot be had.
        ImportError: a package that writes ONNX is missing.
        ValueError, OSError: there is no such preset.

    Example:
        ```python
        from ganzoo.demo import static

        static.write("my_page", ["mnist"])
        ```
    """
    folder = expanded(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there already: choose another folder.")
    check_pair("onnx", keras.backend.backend())  # before anything is fetched
    for model in models:
        describe(model)
    names = distinct(models)
    with whole_folder(folder) as partial:
        for pattern in SHOWN:
            for path in SCRIPTS.glob(pattern):
                shutil.copyfile(path, partial / path.name)
        runtime = browser_runtime.write(partial)
        (partial / "models").mkdir()
        shown = [
            browser_model.write(partial, model, name)
            for model, name in zip(models, names, strict=True)
        ]
        site = {"runtime": runtime, "models": shown}
        (partial / "models.json").write_text(json.dumps(site, indent=1), encoding="utf-8")
        card = CARD.format(
            title=f"ganzoo {names[0]}", names=", ".join(names), version=ganzoo.__version__
        )
        (partial / "README.md").write_text(card, encoding="utf-8")


def distinct(models: Sequence[str]) -> list[str]:
    """Return what the page calls each model: the end of its path or handle, no name twice."""
    names: list[str] = []
    for model in models:
        end = Path(model.partition("@")[0]).resolve().name if model else ""
        name = re.sub(r"[^\w.-]+", "-", end) or "model"
        while name in names:
            name += "-2"
        names.append(name)
    return names
