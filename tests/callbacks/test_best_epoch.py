"""The best epoch by scores that waver; the noise is put in, and told again."""

import numpy as np
import pytest

from ganzoo.callbacks import best_epoch


def kept(scores):
    """Return the epoch that is kept in the end, epoch after epoch."""
    seen, found = {}, 0
    for epoch, score in enumerate(scores, 1):
        seen[epoch] = score
        found = epoch if best_epoch.wins(seen) else found
    return found


def wavering(course, deviation, seed):
    return course + np.random.default_rng(seed).normal(0.0, deviation, len(course))


@pytest.mark.parametrize("slope", [0.0, 0.5, -2.0])
def test_noise_is_told_from_a_steady_way(slope):
    course = 50 + slope * np.arange(20)
    told = [best_epoch.noise_of(wavering(course, 0.3, seed)) for seed in range(200)]
    assert np.mean(told) == pytest.approx(0.3 * np.sqrt(2), rel=0.1)


def test_of_epochs_that_only_waver_a_late_one_is_kept():
    """The lowest of sixty scores stands anywhere; the choice stands near the end."""
    course = np.r_[np.linspace(60, 7, 20), np.full(60, 7.0)]
    runs = [wavering(course, 0.5, seed) for seed in range(200)]
    assert np.median([1 + np.argmin(run) for run in runs]) < 60
    assert np.median([kept(run) for run in runs]) > 73


def test_a_training_that_gets_worse_keeps_its_best():
    course = np.r_[np.linspace(20, 2, 15), np.linspace(2, 4, 25)]
    runs = [wavering(course, 0.05, seed) for seed in range(200)]
    true = [course[kept(run) - 1] for run in runs]
    assert max(true) < 2.3
    assert kept([5, 3, 4, 9]) == 2  # few scores: the lowest
    assert kept(course) == 16  # as good as the one before


def test_progress_is_more_than_noise():
    steady = {epoch: 100.0 - epoch for epoch in range(1, 21)}
    assert best_epoch.last_progress(steady) == 20
    course = np.r_[np.linspace(60, 7, 10), np.full(80, 7.0)]
    runs = [dict(enumerate(wavering(course, 0.2, seed), 1)) for seed in range(100)]
    assert 10 <= np.median([best_epoch.last_progress(run) for run in runs]) < 25
    assert np.median([min(run, key=run.get) for run in runs]) > 40


def test_scores_are_kept_in_a_file(tmp_path):
    assert best_epoch.read(tmp_path / "best.json") == {}
    best_epoch.write(tmp_path / "best.json", {1: 2.5, 12: 0.1})
    assert best_epoch.read(tmp_path / "best.json") == {1: 2.5, 12: 0.1}
    (tmp_path / "best.json").write_text("[]")
    assert best_epoch.read(tmp_path / "best.json") == {}
