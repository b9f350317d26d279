"""Write preset folders."""

import json
import math
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganzoo._version import __version__
from ganzoo.files import whole_file
from ganzoo.presets import card, tensors
from ganzoo.presets.layout import (
    CARD,
    CONFIG,
    FORMAT,
    METADATA,
    MOST_JSON,
    PICTURES,
    SAMPLES,
    WEIGHTS,
    sha256,
    size,
)


def save(
    folder: Path,
    config: dict[str, Any],
    weights: Mapping[str, np.ndarray],
    samples: Image.Image | None = None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write a preset folder, each file whole or not at all; other files there are left alone.

    A film or curves of the training that lie in the folder become part of the preset.

    Args:
        folder: created when needed.
        config: the constructor's arguments, plain numbers, strings and lists.
        weights: the weights by name.
        samples: a picture of what the model draws.
        about: what is known of the model, for people: kept in `metadata.json`, shown on the card.

    Raises:
        ValueError: weights that are not finite, or more text than a preset may hold.
        TypeError: something that JSON cannot hold.
    """
    metadata = {
        "format": FORMAT,
        "ganzoo": __version__,
        "keras": version("keras"),
        "parameters": sum(math.prod(tensor.shape) for tensor in weights.values()),
        "about": dict(about or {}),
    }
    pictures = [name for name in PICTURES if name != SAMPLES and (folder / name).is_file()]
    if samples:
        pictures.insert(0, SAMPLES)
    texts = {CONFIG: _json(CONFIG, config), CARD: card.render(config, metadata, pictures)}
    _json(METADATA, metadata)  # fails before anything is written
    with whole_file(folder / WEIGHTS) as partial:
        tensors.save(partial, weights)
    for name, text in texts.items():
        with whole_file(folder / name) as partial:
            partial.write_text(text, encoding="utf-8")
    if samples:
        with whole_file(folder / SAMPLES) as partial:
            samples.save(partial)
    metadata["files"] = {
        name: {"size": size(folder / name), "sha256": sha256(folder / name)}
        for name in (CONFIG, WEIGHTS, *pictures)
    }
    with whole_file(folder / METADATA) as partial:
        partial.write_text(_json(METADATA, metadata), encoding="utf-8")


def _json(name: str, value: Any) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if len(text.encode()) > MOST_JSON:
        raise ValueError(f"{name} would be larger than {MOST_JSON:,} bytes: shorten it.")
    return text
