"""The options of `ganzoo train` that say how: each is a part of a recipe."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from ganzoo.losses import LOSSES
from ganzoo.recipes import RECIPES, Recipe
from ganzoo.recipes.recipe import NO, VIEWS

PARTS = tuple(
    each.name for each in fields(Recipe) if each.name not in ("name", "why", "frozen_stages")
)
WEIGHT, SHARE = click.FloatRange(0), click.FloatRange(0, 1)
FILTERS = click.IntRange(1, 512)


class Names(click.ParamType):  # type: ignore[type-arg]  # older ones take none
    """Names with commas between them, or a list of a file."""

    name = "names"

    def convert(self, value: Any, option: Any, context: Any) -> tuple[str, ...]:
        listed = value.split(",") if isinstance(value, str) else value
        found = tuple(each.strip() for each in listed if each.strip() not in (NO, ""))
        if unknown := [each for each in found if each not in VIEWS]:
            self.fail(f"{unknown[0]!r} is none of {', '.join(VIEWS)}, or none.", option, context)
        return found


class Count(click.ParamType):  # type: ignore[type-arg]  # older ones take none
    """A number that may end in k or M."""

    name = "count"

    def convert(self, value: Any, option: Any, context: Any) -> int:
        text = str(value)
        times = {"k": 1000, "M": 1_000_000}.get(text[-1:], 1)
        try:
            count = round(float(text.rstrip("kM")) * times)
        except ValueError:
            count = 0
        if count < 1:
            self.fail(f"{text!r} is no number of images: give 500000, or 500k.", option, context)
        return count


def recipe_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each part of a recipe."""
    every = [
        click.option("--recipe", type=click.Choice(list(RECIPES)),
                     help="How it is trained, in one word; each part may be another:"),
        click.option("--loss", type=click.Choice(list(LOSSES)), help="What they minimise."),
        click.option("--r1", type=WEIGHT, metavar="WEIGHT",
                     help="Penalty on the discriminator's gradients at real images; 0 for none."),
        click.option("--r2", type=WEIGHT, metavar="WEIGHT", help="The same at generated images."),
        click.option("--gradient-penalty", type=WEIGHT, metavar="WEIGHT", help="That of WGAN-GP."),
        click.option("--lecam", type=WEIGHT, metavar="WEIGHT", help="LeCam's, for few images."),
        click.option("--penalty-end", type=SHARE, metavar="SHARE",
                     help="What is left of these weights at the end."),
        click.option("--augmentation", type=Names(), metavar="NAME,...",
                     help=f"How the discriminator sees images changed: {', '.join(VIEWS)}; none."),
        click.option("--noise", type=WEIGHT, metavar="DEVIATION",
                     help="Noise on what the discriminator sees, which fades; 0 for none."),
        click.option("--base-filters", type=FILTERS, metavar="N",
                     help="Filters next to the image: half as many are about three times faster."),
        click.option("--discriminator-filters", type=FILTERS, metavar="N",
                     help="The same of the discriminator alone."),
        click.option("--discriminator-norm", type=click.Choice(["batch", "spectral", NO]),
                     help="What normalises the discriminator."),
        click.option("--upsampling", metavar="HOW", help="How the generator doubles the size, e.g. "
                     "resize or transposed."),
        click.option("--precision", "dtype", metavar="DTYPE",
                     help="What is computed in, e.g. float32 or mixed_bfloat16: by default as is "
                     "faster here."),
        click.option("--learning-rate", type=WEIGHT, metavar="RATE", help="Of both networks."),
        click.option("--discriminator-learning-rate", type=WEIGHT, metavar="RATE",
                     help="Another one of the discriminator."),
        click.option("--learning-rate-end", type=SHARE, metavar="SHARE",
                     help="What is left of the rates at the end; 1 leaves them as they are."),
        click.option("--beta-1", type=SHARE, metavar="BETA", help="Adam's."),
        click.option("--beta-2", type=SHARE, metavar="BETA", help="Adam's."),
        click.option("--ema-decay", type=SHARE, metavar="DECAY",
                     help="Of the average that draws; 0 for none."),
        click.option("--schedule-rounds", type=click.IntRange(1), metavar="N",
                     help="In how many rounds rates, penalties and noise come to their end: by "
                     "default in all of them."),
    ]  # fmt: skip
    for option in reversed(every):
        command = option(command)
    return command
