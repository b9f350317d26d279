"""Files that are checked before they are believed: hashes, and tensors in half precision."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

MOST_HEADER = 2**20  # bytes of what a safetensors file says of itself; ours take some thousands
DTYPES = ("F16", "F32")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_tensors(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write tensors as float16; one whose numbers are too large for that as float32.

    Raises:
        ValueError: a tensor holds NaN or infinite numbers.
    """
    stored = {}
    for name, tensor in tensors.items():
        tensor = np.array(tensor, "float32", order="C")  # safetensors writes memory as it lies
        _check_finite(name, tensor)
        fits = np.abs(tensor).max(initial=0) <= np.finfo("float16").max
        stored[name] = tensor.astype("float16" if fits else "float32")
    path.write_bytes(save(stored))  # save_file makes it the owner's alone


def load_tensors(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Read tensors as float32, after checking that the file holds these names and shapes.

    Raises:
        ValueError: the file is malformed, or holds something else.
    """
    _check_header_length(path)
    try:
        with safe_open(path, framework="numpy") as file:  # checks offsets and the file's length
            _check_header(file, shapes)
            tensors = {name: file.get_tensor(name).astype("float32") for name in shapes}
    except SafetensorError as error:
        raise ValueError(f"{path.name} is malformed: {str(error)[:200]}") from error
    for name, tensor in tensors.items():
        _check_finite(name, tensor)
    return tensors


def _check_finite(name: str, tensor: np.ndarray) -> None:
    if not np.isfinite(tensor).all():
        raise ValueError(f"the tensor {name} holds NaN or infinite numbers.")


def _check_header_length(path: Path) -> None:
    """Check the number that a safetensors file begins with: safetensors takes 100 MB of header."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if length > MOST_HEADER:
        raise ValueError(f"{path.name} is malformed: it announces a header of {length} bytes.")


def _check_header(file: Any, shapes: Mapping[str, tuple[int, ...]]) -> None:
    misfit = "the weights in the file do not fit the model of its configuration: "
    if differing := sorted(set(file.keys()) ^ shapes.keys()):
        lacking = "missing" if differing[0] in shapes else "no weight of the model"
        raise ValueError(f"{misfit}{differing[0][:80]!r} is {lacking}.")
    for name, shape in shapes.items():
        entry = file.get_slice(name)
        if entry.get_shape() != list(shape):
            found = str(entry.get_shape())[:80]
            raise ValueError(f"{misfit}{name} has shape {found}, the model's {list(shape)}.")
        if entry.get_dtype() not in DTYPES:
            found = entry.get_dtype()
            raise ValueError(f"{misfit}{name} has dtype {found}, not {' or '.join(DTYPES)}.")
