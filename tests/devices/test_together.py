"""Processes that train together: alike at the beginning, of one mind after that."""

import json
import sys
from pathlib import Path

import keras
import pytest

from ganzoo.launched import start

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "torch", reason="it is torch that has a process for each device"
)
PROGRAM = Path(__file__).with_name("together.py")
SCENARIOS = [
    "without_a_seed",
    "other_seeds",
    "other_images",
    "other_recipes",
    "odd_batch",
    "callbacks_of_the_first",
    "ends_at_a_step",
    "warned",
    "validation",
    "saved_once",
    "alone_again",
    "resumed",
    "whole",
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Return what each of two processes saw, by scenario."""
    folder = tmp_path_factory.mktemp("together")
    status = start(2, [sys.executable, str(PROGRAM), str(folder), *SCENARIOS])
    assert status == 0
    both = [json.loads((folder / f"{number}.json").read_text()) for number in range(2)]
    return {name: [each[name] for each in both] for name in SCENARIOS}


def test_models_without_a_seed_are_one_model(seen):
    first, other = seen["without_a_seed"]
    assert first == other


@pytest.mark.parametrize(
    ("scenario", "what"),
    [("other_seeds", "seed"), ("other_images", "images"), ("other_recipes", "recipe")],
)
def test_what_differs_is_refused_by_all(seen, scenario, what):
    for message in seen[scenario]:
        assert f"differ in their {what}: process 0 has " in message
        assert "process 1 " in message


def test_a_batch_that_cannot_be_shared_out_is_refused(seen):
    for message in seen["odd_batch"]:
        assert (
            "9 images cannot be shared out to 2 devices: give batch_size a multiple of 2" in message
        )


def test_callbacks_of_the_first_hold_for_all(seen):
    first, other = seen["callbacks_of_the_first"]
    assert first["called"] == [0, 1, 2][: len(first["called"])]
    assert first["called"]
    assert other["called"] == []
    assert first["history"] == other["history"] == [7.0, 6.0]
    assert first["rate"] == other["rate"] == pytest.approx(5e-4)
    assert first["state"] == other["state"]


def test_all_end_after_the_same_step(seen):
    assert seen["ends_at_a_step"] == [3, 3]  # it was asked for after the second


def test_the_first_says_what_there_is_to_say(seen):
    assert seen["warned"] == [["a word"], []]


def test_every_process_judges_all_images(seen):
    first, other = seen["validation"]
    assert first == other


def test_the_first_saves(seen):
    assert seen["saved_once"] == [["gan.keras", "preset"], []]


def test_each_draws_and_judges_by_itself(seen):
    first, other = seen["alone_again"]
    assert first == other


def test_a_training_goes_on_exactly(seen):
    for resumed, whole in zip(seen["resumed"], seen["whole"], strict=True):
        assert resumed == whole
