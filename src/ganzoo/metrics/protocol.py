"""Scores, and how they were made."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from ganzoo.files import whole_file

VERSION = 1  # of the protocol: grows whenever a score would come out differently
INFORMATIVE = (
    "ganzoo",
    "backend",
    "precision",
    "real.name",
    "real.split",
    "fake.name",
    "fake.sha256",
)
"""What may differ: the number of the protocol and the real images' SHA-256 say what matters."""


@dataclass(frozen=True)
class Evaluation:
    """Scores of generated images, with the protocol that they were made by.

    `print` shows it as a table. Scores are comparable only where the protocols are the same;
    `difference` looks after that.

    Args:
        scores: the numbers by name, e.g. `"fid"`, `"kid"` and `"kid_standard_error"`.
        protocol: plain JSON: `"version"` (a number that grows whenever a score would come out
            differently), `"extractor"` (name, sha256, preparation; None where no metric needed
            one), `"real"` (n, sha256 of the pixels, name, split), `"fake"` (n, sha256, name),
            `"image_shape"`, `"reading"` (fit and background of image files), `"seed"`, `"metrics"`
            (the parameters of each), `"ganzoo"` (the package's version), `"backend"` and
            `"precision"` (that it computed features with).

    Raises:
        ValueError: a score that is no finite number.

    Example:
        ```python
        import numpy as np

        from ganzoo.metrics import Evaluation, evaluate

        real, fake = np.random.default_rng(0).integers(0, 256, (2, 64, 8, 8, 1), dtype="uint8")
        means = lambda images: images.mean(axis=(2, 3))
        evaluation = evaluate(real, fake, extractor=means, metrics=["fid"], verbose=False)
        evaluation.save("scores.json")
        again = Evaluation.load("scores.json")
        assert again.difference(evaluation) == {"fid": 0.0}
        ```
    """

    scores: dict[str, float]
    protocol: dict[str, Any]

    def __post_init__(self) -> None:
        for name, value in self.scores.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"The score {name} must be a number, not {value!r}.")
            if not math.isfinite(value):
                raise ValueError(f"The score {name} is {value}.")

    def __str__(self) -> str:
        width = max(map(len, self.scores), default=0)
        rows = [f"{name:<{width}}  {value:>10.5g}" for name, value in self.scores.items()]
        return "\n".join([*rows, "", *self._protocol_lines()])

    def difference(self, other: "Evaluation") -> dict[str, float]:
        """Return how much higher each score is than the other's.

        Args:
            other: an evaluation by the same protocol.

        Returns:
            The differences of the scores that both have.

        Raises:
            ValueError: the protocols differ; names the fields. The generated images, what the real
                ones are called, the backend, its precision and the version of ganzoo may differ.
        """
        shared = [name for name in self.scores if name in other.scores]
        if not shared:
            raise ValueError(
                f"These evaluations share no score: {list(self.scores)} and {list(other.scores)}."
            )
        mine, theirs = _shared_fields(self.protocol, other.protocol)
        differing = [
            key
            for key in sorted(mine.keys() | theirs.keys())
            if mine.get(key) != theirs.get(key) and key not in INFORMATIVE
        ]
        if differing:
            details = "; ".join(f"{k} {mine.get(k)!r}, not {theirs.get(k)!r}" for k in differing)
            raise ValueError(
                f"Scores of different protocols cannot be compared ({details}). "
                "Evaluate both in the same way."
            )
        return {name: self.scores[name] - other.scores[name] for name in shared}

    def for_card(self) -> dict[str, dict[str, Any]]:
        """Return the scores as a preset's metadata holds them.

        For `gan.save_to_preset(folder, metadata={"scores": evaluation.for_card()})`.
        """
        protocol = "; ".join(self._protocol_lines())
        return {
            name: {"value": float(f"{value:.5g}"), "protocol": protocol}
            for name, value in self.scores.items()
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a JSON file, whole or not at all."""
        text = json.dumps(asdict(self), indent=2, allow_nan=False) + "\n"
        with whole_file(path) as partial:
            partial.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a file that `save` has written.

        Raises:
            ValueError: the file holds something else.
        """
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            evaluation = cls(found["scores"], found["protocol"])
            evaluation._protocol_lines()  # looks at what every protocol has
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            why = f"it has no {error}" if isinstance(error, KeyError) else error
            raise ValueError(f"{os.fspath(path)} holds no evaluation of ganzoo: {why}.") from error
        return evaluation

    def _protocol_lines(self) -> list[str]:
        """Return what is to be known of the protocol, for people."""
        real, fake, extractor = (self.protocol[key] for key in ("real", "fake", "extractor"))
        origin = " ".join(str(part) for part in (real["name"], real["split"]) if part)
        settings = [
            f"{name} with {', '.join(f'{key} {value}' for key, value in parameters.items())}"
            for name, parameters in self.protocol["metrics"].items()
            if parameters
        ]
        origin = origin or f"sha256 {real['sha256'][:12]}"
        return [
            f"{fake['n']:,} generated against {real['n']:,} real images ({origin})",
            *([] if extractor is None else [_extractor_line(extractor)]),
            *settings,
            f"seed {self.protocol['seed']}, ganzoo {self.protocol['ganzoo']}",
        ]


def _extractor_line(extractor: Mapping[str, Any]) -> str:
    digest = f" (sha256 {extractor['sha256'][:12]})" if extractor["sha256"] else ""
    return f"extractor {extractor['name']}{digest}: {extractor['preparation']}"


def _shared_fields(*protocols: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of each protocol, without the metrics that not all of them have."""
    shared = set.intersection(*(set(protocol["metrics"]) for protocol in protocols))
    return [
        _flat({**protocol, "metrics": {name: protocol["metrics"][name] for name in shared}})
        for protocol in protocols
    ]


def _flat(fields: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn `{"real": {"n": 1}}` into `{"real.n": 1}`."""
    flat: dict[str, Any] = {}
    for key, value in fields.items():
        nested = isinstance(value, Mapping)
        flat |= _flat(value, f"{prefix}{key}.") if nested else {prefix + key: value}
    return flat
