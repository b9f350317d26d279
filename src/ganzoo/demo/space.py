"""A folder that the Hugging Face Hub runs as a Space: the same page, for everybody."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from ganzoo._version import __version__
from ganzoo.files import whole_file

APP = '''"""A page to try {names}."""

from ganzoo.demo.page import build, launch

launch(build({models}), host="0.0.0.0", port=7860)
'''
CARD = """---
title: {title}
emoji: 🎨
sdk: gradio
app_file: app.py
---

Images drawn by [ganzoo](https://pypi.org/project/ganzoo): {names}.
"""


def write(folder: str | os.PathLike[str], models: Sequence[str]) -> None:
    """Write `app.py`, `requirements.txt` and `README.md`.

    Args:
        folder: created when needed.
        models: names of bundled presets, or handles `"hf://user/repo"`.

    Raises:
        ValueError: a model is a folder of this machine, which a Space does not have.
        FileExistsError: one of the files is there already.

    Example:
        ```python
        from ganzoo.demo import space

        space.write("my_space", ["mnist"])
        ```
    """
    if here := [model for model in models if Path(model).exists()]:
        raise ValueError(
            f"{here[0]} is a folder of this machine, which a Space does not have: push the model "
            'to the Hub first (gan.push_to_hub("me/my-gan")) and name it "hf://me/my-gan".'
        )
    names = ", ".join(models)
    files = {
        "app.py": APP.format(names=names, models=json.dumps(list(models))),
        "requirements.txt": f"ganzoo[demo]=={__version__}\n",
        "README.md": CARD.format(title=f"ganzoo {models[0].rpartition('/')[2]}", names=names),
    }
    folder = Path(folder)
    if there := [name for name in files if (folder / name).exists()]:
        raise FileExistsError(f"{folder / there[0]} is there already: choose another folder.")
    for name, text in files.items():
        with whole_file(folder / name) as partial:
            partial.write_text(text, encoding="utf-8")
