"""The folder of a run: what it was started with, and what may be otherwise when it goes on."""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ganzoo.datasets import hub_sets
from ganzoo.files import folder_at, whole_file

RUN = "run.toml"  # `ganzoo train --config` reads it
IMAGES = "images"  # their fingerprint, which is no option
CLASSES = "classes"  # the names of the images' classes, nor
WEIGHTS = "preset_sha256"  # of the preset that is trained further, nor
NOTED = (IMAGES, CLASSES, WEIGHTS)
WATCH = "watch_every"
FREE = ("epochs", "checkpoint_minutes", WATCH)  # may be others when a run goes on
MOVABLE = {"data": IMAGES, "preset": WEIGHTS}  # may be elsewhere, if these are the same
READING = ("fit", "background", "image_column", "decode")  # how files become images of one shape
NO_FILES = ("Thumbs.db", "desktop.ini")  # what file managers leave, beside hidden files


def check(
    folder: str | os.PathLike[str],
    options: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
) -> None:
    """Check that a folder is new, or holds a run that was started with the same options.

    `train` does so, too; this is for options of your own, and before images are read.

    Args:
        folder: of the run.
        options: what it is to be started with, plain data by name; options that are None are not
            set. What is not among them is not compared, nor are `epochs`, `watch_every` and
            `checkpoint_minutes`;
            `data` and a preset may be in another place than before, and are then compared.
        defaults: what options are that a run of an older program has not noted.

    Raises:
        ValueError: there is something else; says what.

    Example:
        ```python
        import ganzoo

        ganzoo.runs.check("runs/mine", {"learning_rate": 2e-4})
        ```
    """
    folder = folder_at(folder)
    if not (folder / RUN).exists():
        if strange := others(folder):
            raise ValueError(
                f"{folder} holds other files, such as {strange[0]}, and no run: choose a new "
                "folder for the run."
            )
        return
    before, now = read(folder / RUN), plain(options)
    check_origin(folder, before, now)
    movable = [name for name, same in MOVABLE.items() if same in before]
    free = {*FREE, *NOTED, *movable}
    known = plain(defaults or {}) | before
    changed = [k for k in sorted(options) if k not in free and known.get(k) != now.get(k)]
    if changed:
        details = ", ".join(f"{k} {known.get(k)!r}, now {now.get(k)!r}" for k in changed)
        raise ValueError(
            f"{folder} holds a run that was started otherwise ({details}). "
            "Give the same options to go on with it, or another folder for a new run."
        )


def check_origin(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Check that images, their classes and the preset are those that a run began with.

    Args:
        folder: of the run.
        before: what it noted.
        now: what it is to go on with; what is not among it is not compared.

    Raises:
        ValueError: they are others.
    """
    if IMAGES in before and now.get(IMAGES, before[IMAGES]) != before[IMAGES]:
        raise ValueError(
            f"The run in {folder} began with other images than these: put those back that it "
            "began with, or choose another folder for a new run."
        )
    if now.get(CLASSES, before.get(CLASSES)) != before.get(CLASSES, now.get(CLASSES)):
        raise ValueError(
            f"The run in {folder} began with the classes {', '.join(before[CLASSES])}, and these "
            f"images have {', '.join(now[CLASSES])}: name them as then, or choose another folder "
            "for a new run."
        )
    if WEIGHTS in before and now.get(WEIGHTS, before[WEIGHTS]) != before[WEIGHTS]:
        raise ValueError(
            f"The run in {folder} began with another preset than {now.get('preset')}: give "
            f"{before.get('preset')}, wherever it is now, or choose another folder for a new run."
        )


def pinned(data: str, folder: Path) -> str:
    """Return the handle of the very commit of a data set on the Hub: for a run, that it began with.

    Args:
        data: a handle.
        folder: of the run, which may be new.
    """
    said = noted(folder).get("data")
    asked = hub_sets.parse(data)
    if asked.revision is None and isinstance(said, str) and hub_sets.is_set(said):
        before = hub_sets.parse(said)
        if before._replace(revision=None) == asked:
            return said
    return hub_sets.pinned(data)


def reading_of(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the run of a preset read image files, as far as its metadata say."""
    about = metadata.get("about")
    recipe = about.get("recipe") if isinstance(about, Mapping) else None
    said = recipe if isinstance(recipe, Mapping) else {}
    return {name: said[name] for name in READING if isinstance(said.get(name), str)}


def others(folder: Path) -> list[str]:
    """Return what a folder holds that is no file of a file manager."""
    names = sorted(os.listdir(folder)) if folder.is_dir() else []
    return [name for name in names if not name.startswith(".") and name not in NO_FILES]


def remember(folder: Path, options: Mapping[str, Any]) -> None:
    """Write down what a run was started with, beside what is noted already."""
    with whole_file(folder / RUN) as partial:
        partial.write_text(written({**noted(folder), **options}), encoding="utf-8")


def noted(folder: Path) -> dict[str, Any]:
    """Return what is written down in the folder of a run; nothing where that is new."""
    return read(folder / RUN) if (folder / RUN).exists() else {}


def read(path: Path) -> dict[str, Any]:
    """Return the options in a file.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path} holds no options in TOML ({error}): mend it, or choose another."
        ) from error


def plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as `read` returns them."""
    return tomllib.loads(written(options))


def written(options: Mapping[str, Any]) -> str:
    """Return options as TOML, in which plain JSON values are written alike."""
    text = "".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n".replace("\x7f", "\\u007f")
        for name, value in sorted(options.items())
        if value is not None
    )
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # a file's name
