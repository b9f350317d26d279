"""The plan of a training: what is said of it, and the rest chosen and measured once."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ganzoo import backends
from ganzoo.datasets.image_set import ImageSet
from ganzoo.gan import GAN, families
from ganzoo.gan.family import Family
from ganzoo.recipes import Recipe, get
from ganzoo.recipes.recipe import MODEL
from ganzoo.runs import deciding
from ganzoo.runs.deciding import Choice, with_parts
from ganzoo.runs.length import OPEN, OPEN_ROUNDS, Length, in_images, in_seconds
from ganzoo.runs.measuring import TRIED, plan

ENDS = ("learning_rate_end", "penalty_end")  # what has to know how long the training is


@dataclass
class Planned:
    """A plan: plain data, but for the images.

    Attributes:
        images: to train on.
        family: by its name.
        recipe: with all parts that were said or chosen.
        batch_size: images in a batch.
        length: how long.
        schedule_rounds: in how many rounds the recipe's schedules end, if it has any.
        choices: what nobody had said.
    """

    images: ImageSet
    family: str
    recipe: Recipe
    batch_size: int
    length: Length = field(default_factory=lambda: Length(OPEN, None))
    schedule_rounds: int | None = None
    choices: list[Choice] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """Rounds in an epoch."""
        steps = self.length.steps_per_epoch
        return self.images.batches(batch_size=self.batch_size, steps=steps).steps

    def build(self, seed: int, accumulate: int = 1) -> GAN:
        """Return the model, compiled."""
        kind: Any = families.family(self.family)
        gan: GAN = kind(
            image_shape=self.images.image_shape,
            class_names=self.images.class_names,
            attributes=self.images.attributes,
            seed=seed,
            **self.recipe.model(kind),
        )
        gan.compile(**self.recipe.training(self.schedule_rounds), accumulate=accumulate)
        return gan

    def noted(self) -> dict[str, Any]:
        """Return the plan as `run.toml` holds it."""
        return {
            **self.recipe.parts(),
            "family": self.family,
            "batch_size": self.batch_size,
            **self.length._asdict(),
            "schedule_rounds": self.schedule_rounds,
        }


def planned(
    images: ImageSet,
    said: Mapping[str, Any],
    parts: Mapping[str, Any],
    *,
    seconds: float | None = None,
    shown: int | None = None,
) -> Planned:
    """Choose what is not said.

    Args:
        images: to train on.
        said: `family`, `recipe`, `batch_size`, `epochs`, `steps_per_epoch` and `schedule_rounds`;
            None for what is to be chosen.
        parts: of the recipe, those that are said.
        seconds: how long the training may take from now on.
        shown: how many images it is to show; or neither, nor `epochs`, for one that ends when its
            score has stopped getting better.

    Raises:
        ValueError: the time is too short, or a part that the family does not have.
    """
    started = time.monotonic()
    choices: list[Choice] = []
    family = said["family"]
    if not family:
        suited = deciding.family_for(images.image_shape, said["recipe"], parts)
        family = take(choices, suited)
    kind = families.family(family)
    recipe = recipe_of(choices, images, kind, said["recipe"], parts)
    if not seconds and said["recipe"] is None and recipe.base_filters is None:
        for each in deciding.filters_here(kind):
            recipe = with_parts(recipe, {each.name: take(choices, each)})
    batch = said["batch_size"] or take(choices, deciding.batch_size_for(images, kind.batch_size))
    found = Planned(images, family, recipe, batch, choices=choices)
    lay(found, said, parts, seconds and started + seconds, shown)
    asked = said["recipe"] or any(each in parts for each in ENDS)
    closed = seconds or shown or (said["epochs"] and asked)
    return scheduled(found, parts, said["schedule_rounds"], bool(closed))


def tuned(
    images: ImageSet, family: str, said: Mapping[str, Any], parts: Mapping[str, Any]
) -> Planned:
    """Plan a fine-tuning: by the recipe `few`, where none is said, of networks as they are.

    Args:
        images: to train on.
        family: the preset's.
        said: `recipe`, `batch_size`, `epochs`, `steps_per_epoch` and `schedule_rounds`.
        parts: of the recipe, those that are said.
    """
    recipe = replace(get(said["recipe"] or "few"), **{**dict.fromkeys(MODEL), **parts})
    length = Length(said["epochs"], said["steps_per_epoch"])
    found = Planned(images, family, recipe, said["batch_size"], length)
    return scheduled(found, parts, said["schedule_rounds"], closed=True)


def recipe_of(
    choices: list[Choice],
    images: ImageSet,
    kind: type[Family],
    name: str | None,
    parts: Mapping[str, Any],
) -> Recipe:
    """Choose the recipe, unless it is said, and what of it depends on images and machine."""
    chosen, found = dict(parts), name
    if name is None:
        for each in deciding.recipe_for(images, kind):
            if each.name == "recipe":
                found = take(choices, each)
            elif each.name not in parts:
                chosen[each.name] = take(choices, each)
    recipe = get(str(found))
    if "dtype" not in parts and (name is None or recipe.dtype):
        chosen["dtype"] = take(choices, from_all(deciding.precision_here())[0])
    return with_parts(recipe, chosen)


def lay(
    found: Planned,
    said: Mapping[str, Any],
    parts: Mapping[str, Any],
    end: float | None,
    shown: int | None,
) -> None:
    """Choose how long the training is: as long as is said, or until it gets no better."""
    choices, steps = found.choices, said["steps_per_epoch"]
    if said["epochs"]:
        found.length = Length(said["epochs"], steps)
    elif shown:
        found.length = in_images(shown, found.batch_size, found.rounds)
        choices.append(Choice("epochs", found.length.epochs, f"show about {shown:,} images"))
    elif end:
        in_time(found, parts, end, steps)
    else:
        why = "at most: it ends when its score has stopped getting better"
        choices.append(Choice("epochs", OPEN, why))


def in_time(found: Planned, parts: Mapping[str, Any], end: float, steps: int | None) -> None:
    """Measure how fast the machine is, choose the filters by it, and then the length."""
    known = {each.name for each in fields(families.family(found.family).Arguments)}
    middle = deciding.FILTERS[len(deciding.FILTERS) // 2]
    by_time = "base_filters" in known and "base_filters" not in parts
    if by_time:
        own = {each: parts[each] for each in ("discriminator_filters",) if each in parts}
        found.recipe = with_parts(found.recipe, {**own, "base_filters": middle})
    took, begin = measured(found)
    if by_time:
        left = end - time.monotonic() - begin
        filters = deciding.filters_for(took / found.batch_size, left)
        found.choices.append(filters)
        if filters.value != middle:
            found.recipe = with_parts(found.recipe, {**own, "base_filters": filters.value})
            took, begin = measured(found)
    left = min(from_all(end - time.monotonic()))
    found.length = in_seconds(left, took, begin, found.rounds)
    if steps:
        rounds = found.length.epochs * found.rounds
        found.length = Length(max(rounds // steps, 1), steps)
    why = f"rounds of {found.batch_size} images take {took:.3g} s; that many end in time"
    found.choices.append(Choice("epochs", f"{found.length.epochs} of {found.rounds} rounds", why))


def scheduled(
    found: Planned, parts: Mapping[str, Any], rounds: int | None, closed: bool
) -> Planned:
    """Lay the recipe's schedules over the training, or leave them out where it has no end."""
    if rounds or not found.recipe.changes:
        found.schedule_rounds = rounds
    elif closed:
        found.schedule_rounds = found.length.epochs * found.rounds
    else:
        found.schedule_rounds = OPEN_ROUNDS
        constant = {name: 1.0 for name in ENDS if getattr(found.recipe, name) is not None}
        found.recipe = with_parts(found.recipe, {**constant, **parts})
    return found


def measured(found: Planned) -> tuple[float, float]:
    """Return the seconds of a round, and those that pass before the first; the longest of all."""
    begun = time.monotonic()
    trial = Planned(found.images, found.family, found.recipe, found.batch_size)
    trial.schedule_rounds = OPEN_ROUNDS
    tried = plan(trial.build(seed=0), found.images, found.batch_size)
    took = tried.seconds / tried.rounds
    before = max(time.monotonic() - begun - 2 * TRIED * took, 0.0)
    slowest: tuple[float, float] = max(from_all((took, before)))
    return slowest


def from_all(value: Any) -> list[Any]:
    """Return what each process has found, of those that train together."""
    _, processes = backends.current.join()
    return [value] if processes == 1 else backends.current.from_all(value)


def take(choices: list[Choice], choice: Choice) -> Any:
    """Note a choice, and return its value."""
    choices.append(choice)
    return choice.value
