"""How long a training is; the clock is a test's."""

from types import SimpleNamespace

import pytest

from ganzoo.runs import length
from ganzoo.runs.length import ENDING, LOOKING, LOOKING_SECONDS, Deadline, in_images, in_seconds


@pytest.mark.parametrize("steps", [1, 31, 938, 20_000])
@pytest.mark.parametrize(("hours", "round_seconds"), [(0.1, 0.05), (2, 0.4), (24, 0.01)])
def test_a_plan_fills_its_time_and_no_more(steps, hours, round_seconds):
    found = in_seconds(3600 * hours, round_seconds, begin_seconds=20.0, steps=steps)
    each = found.steps_per_epoch or steps
    took = found.epochs * each * round_seconds
    left = 3600 * hours - 20 - ENDING
    looking = max(LOOKING * left, LOOKING_SECONDS)
    assert took + looking <= left
    assert took >= 0.93 * (left - looking)
    assert 20 <= found.epochs <= 240


def test_too_short_a_time_is_refused_with_what_is_needed():
    with pytest.raises(
        ValueError,
        match=r"takes 2\.00 s for a round, and a hundred .* 0\.07 hours.* give 0\.06 more",
    ):
        in_seconds(40, 2.0, begin_seconds=20.0, steps=31)


def test_images_become_epochs():
    assert in_images(500_000, 64, 31) == (252, None)
    assert in_images(5, 64, 31) == (1, None)


def test_a_slow_machine_ends_on_time(monkeypatch):
    now, said = [0.0], []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    deadline = Deadline(100.0, said.append)
    model = SimpleNamespace(stop_training=False, stopping=SimpleNamespace(several=False))
    deadline.set_model(model)
    deadline.set_params({"epochs": 20})
    deadline.on_train_begin()
    for epoch in range(20):
        deadline.on_epoch_begin(epoch)
        now[0] += 15
        deadline.on_epoch_end(epoch)
        now[0] += 8 * (epoch == 0 or model.stop_training)  # a look, and the last one
        if model.stop_training:
            break
    assert (epoch, now[0]) == (4, 91)
    assert "after epoch 5 of 20" in said[0]


def test_an_open_training_is_patient():
    assert length.last_epoch(10, steps=31) == 10 + 162  # 5,000 rounds
    assert length.last_epoch(600, steps=31) == 900
