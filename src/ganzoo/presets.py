"""Preset folders: a model as `config.json` and `model.safetensors`, neither of which runs code."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from ganzoo.files import whole_file

CONFIG = "config.json"
WEIGHTS = "model.safetensors"


def save(
    folder: str | os.PathLike[str], config: dict[str, Any], tensors: dict[str, np.ndarray]
) -> None:
    """Write a preset folder; each file whole or not at all.

    Args:
        folder: created when needed.
        config: the constructor's arguments, plain numbers, strings and lists.
        tensors: the weights by name.
    """
    with whole_file(Path(folder) / WEIGHTS) as partial:
        save_file(tensors, partial)
    with whole_file(Path(folder) / CONFIG) as partial:
        partial.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def load(folder: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a preset folder.

    Returns:
        The constructor's arguments, and the weights by name.

    Raises:
        FileNotFoundError: the folder or one of its files is missing.
        ValueError: a file is damaged.
    """
    for name in (CONFIG, WEIGHTS):
        if not (Path(folder) / name).is_file():
            raise FileNotFoundError(
                f"{os.fspath(folder)!r} is no preset: it has no {name}. A preset is a folder that "
                "save_to_preset or `ganzoo train` has written."
            )
    try:
        config = json.loads((Path(folder) / CONFIG).read_text(encoding="utf-8"))
        tensors = load_file(Path(folder) / WEIGHTS)
    except (json.JSONDecodeError, UnicodeDecodeError, SafetensorError) as error:
        raise ValueError(f"The preset {os.fspath(folder)!r} is damaged: {error}") from error
    if not isinstance(config, dict):
        raise ValueError(f"The preset {os.fspath(folder)!r} is damaged: {CONFIG} is no object.")
    return config, tensors


def check(
    folder: str | os.PathLike[str],
    tensors: Mapping[str, np.ndarray],
    weights: Mapping[str, Any],
) -> None:
    """Check that the tensors fit the model's weights.

    Raises:
        ValueError: a tensor is missing, unknown or of another shape.
    """
    expected = {name: tuple(weight.shape) for name, weight in weights.items()}
    found = {name: tensor.shape for name, tensor in tensors.items()}
    if differing := sorted(expected.items() ^ found.items()):
        name = differing[0][0]
        raise ValueError(
            f"The weights in {os.fspath(folder)!r} do not fit its {CONFIG}: {name} is "
            f"{found.get(name, 'missing')}, the model's is {expected.get(name, 'missing')}."
        )
