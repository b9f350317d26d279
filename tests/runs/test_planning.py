"""What is chosen where nobody says, from images and a machine of known speed."""

import numpy as np
import pytest

from ganzoo import backends
from ganzoo.datasets import ImageSet
from ganzoo.runs import deciding, planning
from ganzoo.runs.deciding import Choice

SAID = dict.fromkeys(
    ("family", "recipe", "batch_size", "epochs", "steps_per_epoch", "schedule_rounds")
)


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """Rounds that take as long as their filters say: three times as long for twice as many."""
    half = Choice("dtype", "mixed_bfloat16", "as is faster")
    monkeypatch.setattr(deciding, "precision_here", lambda: half)

    def measured(found):
        filters = found.recipe.base_filters or 64
        return 0.001 * found.batch_size * 3 ** np.log2(filters / 32), 1.0

    monkeypatch.setattr(planning, "measured", measured)


def images(count, side=16):
    return ImageSet(np.zeros((count, side, side, 3), "uint8"))


def planned(count=3000, side=16, parts=(), said=(), **until):
    return planning.planned(images(count, side), SAID | dict(said), dict(parts), **until)


def test_the_time_chooses_the_filters_and_the_schedules_end_with_it():
    small, large = planned(seconds=60), planned(seconds=3600)
    assert (small.recipe.base_filters, small.recipe.discriminator_filters) == (16, 8)
    assert (large.recipe.base_filters, large.recipe.discriminator_filters) == (64, 32)
    for each in (small, large):
        assert (each.family, each.recipe.name, each.recipe.dtype) == (
            "dcgan",
            "balanced",
            "mixed_bfloat16",
        )
        assert each.schedule_rounds == each.length.epochs * each.rounds
        assert each.recipe.training(each.schedule_rounds)
        assert {"family", "recipe", "base_filters", "epochs"} <= {c.name for c in each.choices}
        assert all(choice.why for choice in each.choices)


@pytest.mark.parametrize(
    ("side", "recipe", "parts", "family"),
    [
        (64, None, {}, "fastgan"),
        (63, None, {}, "dcgan"),
        (64, "balanced", {}, "dcgan"),  # sets what a FastGAN has not
        (64, "paper", {"r1": 0.1}, "fastgan"),
        (256, None, {"discriminator_norm": "none"}, "dcgan"),
    ],
)
def test_the_family_suits_the_size_and_has_what_is_said(side, recipe, parts, family):
    choice = deciding.family_for((side, side + 1, 3), recipe, parts)
    assert choice.value == family
    unlike = family == "dcgan" and side >= 64
    assert ("which fastgan has not" in choice.why) == unlike


def test_what_is_said_is_not_chosen():
    parts = {"base_filters": 24, "noise": 0.0, "r1": 0.5, "dtype": "float32"}
    said = {"recipe": "relativistic", "batch_size": 16, "family": "dcgan"}
    found = planned(parts=parts, said=said, seconds=600)
    assert found.recipe.parts().items() >= {"recipe": "relativistic", **parts}.items()
    assert [choice.name for choice in found.choices] == ["epochs"]


def test_few_images_are_seen_changed_in_small_batches():
    found = planned(100, shown=4000)
    assert found.recipe.augmentation == deciding.get("few").augmentation
    assert (found.batch_size, found.length.epochs) == (8, round(4000 / 104))
    assert planned(shown=4000).recipe.augmentation == ()


def test_an_open_training_has_no_schedule_of_rates():
    for found in (planned(), planned(said={"epochs": 3})):
        assert found.recipe.learning_rate_end == 1.0
        assert found.schedule_rounds == 10_000  # of the noise
    closed = planned(said={"epochs": 3, "recipe": "balanced"})
    assert (closed.recipe.learning_rate_end, closed.schedule_rounds) == (0.0, 3 * 47)


@pytest.mark.parametrize("side", [64, 128])
def test_larger_pictures_are_a_fastgans(side):
    found = planned(10, side, seconds=600)
    assert (found.family, found.recipe.name, found.batch_size) == ("fastgan", "paper", 8)
    assert found.schedule_rounds is None
    assert (found.recipe.base_filters, found.recipe.dtype) == (32, "mixed_bfloat16")


def test_without_a_time_a_processor_gets_a_small_fastgan(monkeypatch):
    monkeypatch.setattr(backends, "on_processor", lambda: True)
    assert planned(10, 64, said={"epochs": 3}).recipe.base_filters == 16
    assert planned(10, 64, parts={"base_filters": 64}).recipe.base_filters == 64
    assert planned(10, 32).recipe.base_filters == 64  # the recipe's
    begun_before = {"recipe": "paper", "family": "fastgan", "epochs": 3}  # noted by such a run
    assert planned(10, 64, said=begun_before).recipe.base_filters is None
    monkeypatch.setattr(backends, "on_processor", lambda: False)
    assert planned(10, 64).recipe.base_filters is None  # the family's


def test_a_convolution_tells_the_precision(monkeypatch):
    monkeypatch.undo()
    choice = deciding.precision_here()
    assert choice.value in ("float32", "mixed_bfloat16")
    assert "takes" in choice.why
