"""`model.safetensors`: weights in half precision, looked at before memory is taken for them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as serialize

MOST_HEADER = 2**20  # bytes; a DCGAN's takes some thousands
DTYPES = ("F16", "F32")


def save(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write tensors as float16; one whose numbers are too large for that as float32.

    Raises:
        ValueError: a tensor holds NaN or infinite numbers.
    """
    stored = {}
    for name, tensor in tensors.items():
        tensor = np.ascontiguousarray(tensor, "float32")  # safetensors writes memory as it lies
        _check_finite(name, tensor)
        fits = np.abs(tensor).max(initial=0) <= np.finfo("float16").max
        stored[name] = tensor.astype("float16" if fits else "float32")
    path.write_bytes(serialize(stored))  # save_file makes it the owner's alone


def load(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Read the tensors as float32, after checking that they have these names and shapes.

    Raises:
        ValueError: the file is malformed, or holds something else.
    """
    _check_header(_header(path), shapes)
    try:
        tensors = {name: tensor.astype("float32") for name, tensor in load_file(path).items()}
    except SafetensorError as error:  # it checks every offset and the file's length
        raise ValueError(f"{path.name} is malformed: {error}") from error
    for name, tensor in tensors.items():
        _check_finite(name, tensor)
    return tensors


def _check_finite(name: str, tensor: np.ndarray) -> None:
    if not np.isfinite(tensor).all():
        raise ValueError(f"the tensor {name} holds NaN or infinite numbers.")


def _header(path: Path) -> dict[str, Any]:
    """Read what a safetensors file says of itself: a length in 8 bytes, then JSON."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(MOST_HEADER, os.fstat(file.fileno()).st_size - 8):
            raise ValueError(f"{path.name} is malformed: it announces a header of {length} bytes.")
        text = file.read(length)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path.name} is malformed: its header is no JSON.") from error
    if not isinstance(header, dict):
        raise ValueError(f"{path.name} is malformed: its header is no JSON object.")
    header.pop("__metadata__", None)
    return header


def _check_header(header: dict[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> None:
    misfit = "the weights in the file do not fit the model of its configuration: "
    if differing := sorted(header.keys() ^ shapes.keys()):
        lacking = "missing" if differing[0] in shapes else "no weight of the model"
        raise ValueError(f"{misfit}{differing[0][:80]!r} is {lacking}.")
    for name, shape in shapes.items():
        entry = header[name] if isinstance(header[name], dict) else {}
        if entry.get("shape") != list(shape):
            found = str(entry.get("shape"))[:80]
            raise ValueError(f"{misfit}{name} has shape {found}, the model's {list(shape)}.")
        if entry.get("dtype") not in DTYPES:
            found = str(entry.get("dtype"))[:80]
            raise ValueError(f"{misfit}{name} has dtype {found}, not {' or '.join(DTYPES)}.")
