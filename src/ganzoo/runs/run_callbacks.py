"""What accompanies a run: the best epoch, a doctor, a film, curves, and what resumes it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from ganzoo import backends
from ganzoo.callbacks import BestSnapshot, Doctor, ExactResume, LossCurves, TrainingFilm
from ganzoo.callbacks.looking import Looking
from ganzoo.pictures.grid import CHANNELS
from ganzoo.runs.run_folder import WATCH, remember
from ganzoo.runs.spacing import Spacing

MOST_SCORED = 2000  # generated images, and no more than there are real ones: small sets train fast
MOST_LOOKED_AT = 500


def standard_callbacks(
    folder: Path,
    real: Any,
    channels: int,
    minutes: float,
    given: Sequence[keras.callbacks.Callback],
) -> list[keras.callbacks.Callback]:
    """Return the run's own callbacks, without those whose kind is given."""
    count = len(real[0] if isinstance(real, tuple) else real)
    own = [
        snapshot_of(folder, real),
        Doctor(real, n=min(count, MOST_LOOKED_AT)),
        TrainingFilm(folder / "film.gif", frames=folder / "samples"),
        LossCurves(folder),
        ExactResume(folder / "checkpoints", minutes=minutes),
    ]
    if channels not in CHANNELS:  # no picture has that many
        own = [each for each in own if not isinstance(each, TrainingFilm)]
    return [each for each in own if not any(isinstance(its, type(each)) for its in given)]


def snapshot_of(folder: Path, real: Any) -> BestSnapshot:
    """Return what scores a run, and keeps its best epoch."""
    count = len(real[0] if isinstance(real, tuple) else real)
    return BestSnapshot(folder / "best.keras", real, n=min(count, MOST_SCORED))


def spaced(
    own: list[keras.callbacks.Callback], every: int | None, folder: Path
) -> list[keras.callbacks.Callback]:
    """Return the run's own callbacks, of which those that look do so after every so many epochs.

    Where that is None, it is measured and noted. The last of them, which saves, stays the last.
    """
    looking = [each for each in own if isinstance(each, Looking)]
    if every is not None:
        for each in looking:
            each.every = every
        return own

    def note(found: int) -> None:
        if backends.current.is_first():
            remember(folder, {WATCH: found})

    return [*own[:-1], Spacing(looking, note), own[-1]]


def outcome(callbacks: Sequence[keras.callbacks.Callback]) -> dict[str, Any]:
    """Return which epoch is kept, and its score."""
    snapshot = next(each for each in callbacks if isinstance(each, BestSnapshot))
    if snapshot.best is None:
        return {}
    score = f"{snapshot.metric} {snapshot.best.score:.4g} on {snapshot.extractor} features"
    return {"best_epoch": snapshot.best.epoch, "best_score": score}
