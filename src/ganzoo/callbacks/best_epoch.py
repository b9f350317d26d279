"""Which epoch was the best, by scores that waver."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ganzoo.files import whole_file

Scores = dict[int, float]
"""The score of each epoch that was scored, by its number from 1 on; the lower, the better."""

WINDOW = 20  # scores that the noise is told from: the last ones
FEWEST = 7  # with less, there is no telling noise from progress


def noise_of(scores: Sequence[float]) -> float:
    """Return by how much two scores differ without a direction, a standard deviation.

    Told from how far each score is off the middle of its neighbours, which a steady way up or down
    leaves out; and from the median, which a jump does not move.

    Args:
        scores: in their order; of fewer than seven, it is 0.
    """
    last = np.asarray(scores[-WINDOW:], "float64")
    if len(last) < FEWEST or not np.isfinite(last).all():
        return 0.0
    bends = np.abs(last[:-2] - 2 * last[1:-1] + last[2:])  # of deviation sqrt(6) times a score's
    deviation = 1.4826 * float(np.median(bends)) / math.sqrt(6)
    return math.sqrt(2) * deviation


def wins(scores: Scores) -> bool:
    """Whether the last epoch is the best: none before was better by more than the noise."""
    *before, score = scores.values()
    return score <= min(before, default=math.inf) + noise_of([*before, score])


def last_progress(scores: Scores) -> int:
    """Return the last epoch that was better than all before by more than the noise."""
    noise, lowest, found = noise_of(list(scores.values())), math.inf, 0
    for epoch, score in scores.items():
        if score < lowest - noise:
            lowest, found = score, epoch
    return found


def write(path: Path, scores: Mapping[int, float]) -> None:
    """Write scores, whole or not at all."""
    with whole_file(path) as partial:
        partial.write_text(json.dumps(scores), encoding="utf-8")


def read(path: Path) -> Scores:
    """Return what `write` has written; nothing where it has not."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {int(epoch): float(score) for epoch, score in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
