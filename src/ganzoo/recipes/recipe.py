"""What a recipe is: parts of a model and of its training, each a number, a word or a list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

import keras
from keras.optimizers.schedules import CosineDecay

from ganzoo import augmentation as augmentations
from ganzoo.augmentation import Augmentation, InstanceNoise
from ganzoo.losses import LOSSES
from ganzoo.names import choose
from ganzoo.penalties import R1, R2, GradientPenalty, LeCam, Penalty

MODEL = ("base_filters", "discriminator_filters", "discriminator_norm", "upsampling", "dtype")
PENALTIES: Mapping[str, Callable[[Any], Penalty]] = {
    "r1": R1,
    "r2": R2,
    "gradient_penalty": GradientPenalty,
    "lecam": LeCam,
}
VIEWS: Mapping[str, Callable[[], Any]] = {
    name.lower(): getattr(augmentations, name)
    for name in ("Brightness", "Saturation", "Contrast", "Translation", "Cutout", "Flip")
}
"""What may stand in `augmentation`."""
NO = "none"  # where None is the family's own
POSITIVE = (*PENALTIES, "noise", "learning_rate", "discriminator_learning_rate")
SHARES = ("penalty_end", "learning_rate_end", "beta_1", "beta_2", "ema_decay")


class HasArguments(Protocol):
    """A family, as far as a recipe asks it: `family.Arguments` names its arguments."""

    family: str
    Arguments: Any


def lacking(family: HasArguments, parts: Iterable[str]) -> list[str]:
    """Return those parts of a model that a family has no argument for."""
    known = {"dtype", *(each.name for each in fields(family.Arguments))}
    return [each for each in parts if each in MODEL and each not in known]


@dataclass(frozen=True)
class Recipe:
    """A way to train. None leaves a part to the family, as `compile()` does.

    Args:
        name: what it is called.
        why: what each part is for, and the papers.
        base_filters: filters next to the image; as all of the model, an argument of the family.
        discriminator_filters: the same of the discriminator alone.
        discriminator_norm: `"batch"`, `"spectral"` or `"none"`.
        upsampling: how the generator doubles the size.
        dtype: a dtype policy, e.g. `"mixed_bfloat16"`.
        loss: the name of one of `ganzoo.losses`.
        r1: weight of `ganzoo.penalties.R1`, above 0.
        r2: weight of `R2`.
        gradient_penalty: weight of `GradientPenalty`.
        lecam: weight of `LeCam`.
        penalty_end: what share of their weights is left at the end, along half a cosine; 1 by
            default.
        augmentation: names of transformations: `"brightness"`, `"saturation"`, `"contrast"`,
            `"translation"`, `"cutout"`, `"flip"`; an empty list for none.
        noise: deviation of `InstanceNoise`, which fades to none over the training. Without an
            `augmentation`, it takes the place of the family's.
        learning_rate: Adam's, of both networks.
        discriminator_learning_rate: another one of the discriminator.
        learning_rate_end: what share of the learning rates is left at the end, along half a cosine;
            1 leaves them as they are.
        beta_1: Adam's; 0.5 by default.
        beta_2: Adam's; 0.999 by default.
        ema_decay: decay of the average that draws; 0 for none.
        frozen_stages: how many of the discriminator's stages that come from a preset keep their
            weights; always fewer than come from it.

    Raises:
        ValueError: an unknown loss or transformation, or a number out of its range.

    Example:
        ```python
        import ganzoo

        recipe = ganzoo.recipes.get("balanced", r1=0.1, base_filters=32)
        gan = ganzoo.DCGAN((28, 28, 1), **recipe.model(ganzoo.DCGAN))
        gan.compile(**recipe.training(rounds=10_000))
        ```
    """

    name: str = "paper"
    why: str = ""
    base_filters: int | None = None
    discriminator_filters: int | None = None
    discriminator_norm: str | None = None
    upsampling: str | None = None
    dtype: str | None = None
    loss: str | None = None
    r1: float | None = None
    r2: float | None = None
    gradient_penalty: float | None = None
    lecam: float | None = None
    penalty_end: float | None = None
    augmentation: Sequence[str] | None = None
    noise: float | None = None
    learning_rate: float | None = None
    discriminator_learning_rate: float | None = None
    learning_rate_end: float | None = None
    beta_1: float | None = None
    beta_2: float | None = None
    ema_decay: float | None = None
    frozen_stages: int = 0

    def __post_init__(self) -> None:
        if self.loss is not None:
            choose("loss", self.loss, LOSSES)
        for each in self.augmentation or ():
            choose("transformation", each, VIEWS)
        for name in (*POSITIVE, *SHARES):
            value = getattr(self, name)
            highest = 1.0 if name in SHARES else float("inf")
            if value is not None and not 0.0 <= value <= highest:
                words = "from 0 to 1" if name in SHARES else "at least 0"
                raise ValueError(f"{name} of a recipe must be {words}, not {value!r}.")

    def model(self, family: HasArguments) -> dict[str, Any]:
        """Return the arguments of a family's constructor that the recipe sets.

        Args:
            family: the class.

        Raises:
            ValueError: the family has no such argument.
        """
        found = {name: getattr(self, name) for name in MODEL if getattr(self, name) is not None}
        if unknown := lacking(family, found):
            raise ValueError(
                f"The recipe {self.name!r} sets {unknown[0]}, which the family {family.family} "
                f"does not have: replace it, get({self.name!r}, {unknown[0]}=None), or take "
                "another recipe, such as 'paper'."
            )
        return {name: None if value == NO else value for name, value in found.items()}

    def training(self, rounds: int | None = None, inherited_stages: int = 0) -> dict[str, Any]:
        """Return the arguments of `compile` that the recipe sets; change them as you like.

        Args:
            rounds: how long the training will be, where the recipe has something that changes over
                it: updates of the generator, as many as `epochs` times the batches of an epoch.
            inherited_stages: of the model that a preset was loaded into, `gan.inherited_stages`.

        Raises:
            ValueError: something changes over the training, and `rounds` is not given.
        """
        if rounds is None and self.changes:
            raise ValueError(
                f"The recipe {self.name!r} changes {', '.join(self.changes)} over the training: "
                "say how long that is, training(rounds=epochs * batches)."
            )
        found = self._optimizers(rounds) | self._penalties(rounds)
        if self.loss is not None:
            found["loss"] = self.loss
        if self.augmentation is not None or self.noise is not None:
            found["augmentation"] = self._augmentation(rounds)
        if self.ema_decay is not None:
            found["ema_decay"] = self.ema_decay or None
        if self.frozen_stages:  # behind one alone, hardly anything learns
            found["frozen_stages"] = min(self.frozen_stages, max(inherited_stages - 1, 0))
        return found

    @property
    def changes(self) -> list[str]:
        """What changes over the training, which has to have an end then."""
        weights = falls(self.penalty_end) and any(getattr(self, each) for each in PENALTIES)
        rates = falls(self.learning_rate_end)
        named = {"noise": self.noise, "learning rates": rates, "penalties": weights}
        return [name for name, changing in named.items() if changing]

    def parts(self) -> dict[str, Any]:
        """Return what the recipe sets, plain data, as `run.toml` and a model's card hold it."""
        said = {"recipe": self.name, **asdict(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in said.items()
            if name not in ("name", "why") and value is not None
            if name != "frozen_stages" or value
        }

    def _penalties(self, rounds: int | None) -> dict[str, Any]:
        """Return the penalties, where the recipe says anything of them."""
        said = {name: getattr(self, name) for name in PENALTIES if getattr(self, name) is not None}
        if not said:
            return {}
        end = self.penalty_end
        weights = {
            name: cosine(weight, rounds, end) if falls(end) else weight
            for name, weight in said.items()
            if weight
        }
        return {"penalties": [PENALTIES[name](weight) for name, weight in weights.items()]}

    def _augmentation(self, rounds: int | None) -> Augmentation | None:
        views = [VIEWS[name]() for name in self.augmentation or ()]
        if self.noise:
            assert rounds is not None
            views.append(InstanceNoise(self.noise, rounds))
        return Augmentation(views) if views else None

    def _optimizers(self, rounds: int | None) -> dict[str, Any]:
        """Return both networks' Adam, where the recipe says anything of it."""
        said = (self.learning_rate, self.discriminator_learning_rate, self.learning_rate_end)
        if all(each is None for each in (*said, self.beta_1, self.beta_2)):
            return {}
        first = 2e-4 if self.learning_rate is None else self.learning_rate
        rates = {"generator": first, "discriminator": self.discriminator_learning_rate or first}
        return {
            f"{network}_optimizer": keras.optimizers.Adam(
                cosine(rate, rounds, self.learning_rate_end)
                if falls(self.learning_rate_end)
                else rate,
                beta_1=0.5 if self.beta_1 is None else self.beta_1,
                beta_2=0.999 if self.beta_2 is None else self.beta_2,
                name=f"{network}_adam",
            )
            for network, rate in rates.items()
        }


def falls(end: float | None) -> bool:
    """Whether a number with this share of it at the end changes at all."""
    return end is not None and end < 1.0


def cosine(first: float, rounds: int | None, end: float | None) -> CosineDecay:
    """Return a number that falls to a share of itself along half a cosine."""
    assert rounds is not None
    assert end is not None
    return CosineDecay(first, rounds, alpha=end)
