"""What a preset folder holds: a model as plain data, all of it hashed and none of it executed.

`metadata.json` holds the size and the SHA-256 of the other files and is written last, so that a
save that was killed is found out. The exception is the model card `README.md`: it is for people,
who edit it on the Hub, and never loaded.
"""

import hashlib
from pathlib import Path

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
METADATA = "metadata.json"
SAMPLES = "samples.png"
CARD = "README.md"
PICTURES = {
    SAMPLES: "Images drawn by this model",
    "film.gif": "The training, epoch after epoch",
    "film.webp": "The training, epoch after epoch",
    "curves.png": "Losses and scores of the training",
}
HASHED = (CONFIG, WEIGHTS, *PICTURES)

FORMAT = 2
MOST_JSON = 2**20  # bytes of a JSON file
MOST_BYTES = 2**30  # bytes of any file


def most_bytes(name: str) -> int:
    """Return how large a preset's file of that name may be."""
    return MOST_JSON if name.endswith(".json") else MOST_BYTES


def size(path: Path) -> int:
    """Return the bytes of a file."""
    return path.stat().st_size


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
