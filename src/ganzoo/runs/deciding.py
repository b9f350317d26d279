"""What a training is to be like where nobody says: from the images, and from the machine."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from ganzoo import backends
from ganzoo.datasets.image_set import ImageSet
from ganzoo.gan import families
from ganzoo.gan.family import Family
from ganzoo.recipes import Recipe, get
from ganzoo.recipes.recipe import MODEL, lacking
from ganzoo.types import ImageShape

FEW = 2000  # images that are learned by heart if they are always seen as they are
BATCHES = 8  # in an epoch at least, of images that are few
SMALLEST_BATCH = 8
FILTERS = (64, 32, 16)
HALF_FILTERS = 3.0  # times as fast
ENOUGH = 300_000  # images shown to a network before a larger one is worth its time
PAIRS = 9  # of convolutions that are timed
WORTH = 0.8  # of the time of float32, from which on half precision is taken


class Choice(NamedTuple):
    """A part of a training: what it is, and why."""

    name: str
    value: Any
    why: str


def family_for(shape: ImageShape, recipe: str | None, parts: Mapping[str, Any]) -> Choice:
    """Choose the family that is for the largest images no larger than these, and has what is said.

    Args:
        shape: of the images.
        recipe: its name, if it is said.
        parts: of the recipe, those that are said.
    """
    side = min(shape[:2])
    said = with_parts(get(recipe or "paper"), parts)
    wanted = [each for each in MODEL if getattr(said, each) is not None]
    known = {name: families.family(name) for name in families.FAMILIES}
    fitting = [name for name, each in known.items() if each.chosen_from <= side]
    fitting.sort(key=lambda name: known[name].chosen_from, reverse=True)
    suited = fitting[0]
    name = next((each for each in fitting if not lacking(known[each], wanted)), suited)
    if name != suited:
        missing = lacking(known[suited], wanted)[0].replace("_", " ")
        return Choice("family", name, f"it has {missing}, which {suited} has not")
    least = known[suited].chosen_from
    more = f", and it is for {least} or more" if least else ""
    return Choice("family", suited, f"{side} pixels a side{more}")


def recipe_for(images: ImageSet, family: type[Family]) -> Iterator[Choice]:
    """Choose a recipe by its name, and what of it depends on the images."""
    recipe = get(family.chosen_recipe)
    yield Choice("recipe", recipe.name, f"what the family {family.family} learns best by")
    if recipe.augmentation == () and len(images) < FEW:
        why = f"fewer than {FEW:,} images: else they are learned by heart"
        yield Choice("augmentation", tuple(get("few").augmentation or ()), why)


def filters_here(family: type[Family]) -> Iterator[Choice]:
    """Choose the filters next to the image where no time chooses them: the family's, or less."""
    if family.chosen_filters and backends.on_processor():
        yield Choice("base_filters", family.chosen_filters, "on a processor; more take days")


def batch_size_for(images: ImageSet, most: int) -> Choice:
    """Choose the number of images in a batch: the family's, or less of few images."""
    size = most
    while size > SMALLEST_BATCH and len(images) < BATCHES * size:
        size //= 2
    few = f"so that {len(images):,} images make more batches"
    return Choice("batch_size", size, few if size < most else "the family's")


def filters_for(seconds: float, time_left: float) -> Choice:
    """Choose the filters next to the image.

    Args:
        seconds: what an image takes in a network of the middle of `FILTERS`.
        time_left: seconds of the training.
    """
    for number, filters in enumerate(FILTERS):
        shown = time_left / (seconds * HALF_FILTERS ** (len(FILTERS) // 2 - number))
        if shown >= ENOUGH or filters == FILTERS[-1]:
            break
    most = "the most that" if shown >= ENOUGH else "the least:"
    said = f"{most} this machine shows about {shown / 1000:,.0f}k images in the time"
    return Choice("base_filters", filters, said)


def with_parts(recipe: Recipe, parts: Mapping[str, Any]) -> Recipe:
    """Return a recipe with parts replaced; of other filters, the discriminator keeps its share."""
    filters, own = recipe.base_filters, recipe.discriminator_filters
    if filters and own and "base_filters" in parts:
        share = round(parts["base_filters"] * own / filters)
        parts = {"discriminator_filters": max(share, 1), **parts}
    return replace(recipe, **parts)


def precision_here() -> Choice:
    """Choose the dtype policy by the time that a convolution takes in either."""
    float32, bfloat16 = convolution_in("float32"), convolution_in("bfloat16")
    # In pairs, and their median: what else the machine does falls on both.
    share = median(seconds_of(bfloat16) / seconds_of(float32) for _ in range(PAIRS))
    why = f"a convolution in bfloat16 takes {share:.1f} of the time of float32 here"
    return Choice("dtype", "mixed_bfloat16" if share < WORTH else "float32", why)


def convolution_in(dtype: str) -> Callable[[], Any]:
    """Return a function that convolves images of a dtype, and has done so before."""
    draw = np.random.default_rng(0).normal
    images = ops.convert_to_tensor(draw(size=(16, 32, 32, 64)), dtype=dtype)
    kernel = ops.convert_to_tensor(draw(size=(3, 3, 64, 64)), dtype=dtype)

    def convolve() -> float:
        result = ops.conv(images, kernel, padding="same", data_format="channels_last")
        return float(ops.convert_to_numpy(ops.cast(ops.max(result), "float32")))

    convolve()
    return convolve


def seconds_of(work: Callable[[], Any]) -> float:
    """Return what some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
