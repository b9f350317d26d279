"""What a training stands on, in one `.keras` file: written whole, loaded whole or not at all."""

import json
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ganzoo.callbacks.same_recipe import Recipe, differences, plain, recipe_in
from ganzoo.files import whole_file

CONFIG = "config.json"  # Keras' own
RECIPE = "recipe.json"  # beside it: as it was compiled, before callbacks changed learning rates
UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error)


class DamagedError(ValueError):
    """A file that is not what was written."""


def save_state(model: keras.Model, path: Path, recipe: Recipe, **notes: Any) -> None:
    """Write networks, optimizers and random state.

    Args:
        model: what to save.
        path: the file, ending in `.keras`.
        recipe: what the model was compiled with.
        **notes: what else is to be known, plain JSON.
    """
    with whole_file(path) as partial:
        model.save(partial)
        with zipfile.ZipFile(partial, "a") as archive:
            for name, said in {"recipe": recipe, **notes}.items():
                archive.writestr(f"{name}.json", json.dumps(said))


def load_state(model: keras.Model, path: Path) -> None:
    """Load everything that a file holds into a model that was built as the saved one.

    Raises:
        FileNotFoundError: there is no file.
        ValueError: the file is damaged, or of another model; the model stays as it was.
    """
    with opened(path) as archive:
        check_model(model, path, archive)
        if (part := archive.testzip()) is not None:
            raise damaged(path, f"the checksum of {part} is wrong")
    before = [np.array(keras.ops.convert_to_numpy(each)) for each in variables(model)]
    try:
        _load(model, path)
    except BaseException as error:
        for variable, value in zip(variables(model), before, strict=True):
            variable.assign(value)
        if not isinstance(error, UNREADABLE):
            raise
        raise ValueError(
            f"{path} does not hold this model's state; another version of ganzoo, or another "
            f"compile, may have made it. Train into another folder. ({error})"
        ) from error


def check_state(model: keras.Model, path: Path, recipe: Recipe) -> Recipe:
    """Check that a file was saved by a model with the same arguments and the same recipe.

    Args:
        model: the one to load it into.
        path: the file.
        recipe: what the model was compiled with; None to leave that unchecked.

    Returns:
        What the saved model was compiled with.

    Raises:
        ValueError: the file is damaged, of another model, or made by another recipe.
    """
    with opened(path) as archive:
        check_model(model, path, archive)
        last = recipe_in(saved_config(archive).get("compile_config"))
        first = note(archive, RECIPE) if RECIPE in archive.namelist() else last
    if recipe is None or not differences(last, recipe):  # in which callbacks set learning rates
        return first
    if found := differences(first, recipe):
        raise ValueError(
            f"{path} was made by another recipe: {'; '.join(found)}. Compile as then, or train "
            "into another folder."
        )
    return first


def check_model(model: keras.Model, path: Path, archive: zipfile.ZipFile) -> None:
    """Check that an opened file was saved by a model with the same arguments."""
    saved, config = saved_config(archive)["config"], plain(model.get_config())
    if differing := sorted(k for k in config if k != "name" and config[k] != saved.get(k)):
        details = ", ".join(f"{k}={saved.get(k)!r} instead of {config[k]!r}" for k in differing)
        raise ValueError(
            f"{path} is of another model: it has {details}. Train into another folder, or build "
            "the model as it was."
        )


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a file, and close it.

    Raises:
        FileNotFoundError: there is no file.
        DamagedError: it cannot be read.
    """
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise damaged(path, error) from error
    with archive:
        yield archive


def note(archive: zipfile.ZipFile, name: str) -> Any:
    """Return what an opened file has noted.

    Raises:
        DamagedError: nothing, or no JSON.
    """
    try:
        return json.loads(archive.read(name))
    except UNREADABLE as error:
        raise damaged(Path(str(archive.filename)), error) from error


def saved_config(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return what Keras noted of the model in an opened file."""
    found = note(archive, CONFIG)
    if not isinstance(found, dict) or not isinstance(found.get("config"), dict):
        raise damaged(Path(str(archive.filename)), f"its {CONFIG} describes no model")
    return found


def damaged(path: Path, error: object) -> DamagedError:
    """Return what to say of a file that is cut off, or another program's."""
    return DamagedError(f"{path} is damaged, or no file of a training: {error}.")


def variables(model: keras.Model) -> list[keras.Variable]:
    """Return all that training changes."""
    return [*model.variables, *(model.optimizer.variables if model.optimizer else ())]


def _load(model: keras.Model, path: Path) -> None:
    """Load; Keras alone would go on with fresh weights where a name in the file is unknown."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.load_weights(path)
    of_keras = Path(keras.__file__).parent
    for each in caught:
        if issubclass(each.category, UserWarning) and of_keras in Path(each.filename).parents:
            raise ValueError(str(each.message))
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
