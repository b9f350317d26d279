"""What the constructor of every family takes: plain numbers and strings, each within a bound.

Bounds matter where a stranger's preset says how large a network is to be.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import chain
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np

from ganzoo.pixel_range import MOST_VALUES
from ganzoo.types import ImageShape

MOST_SEED = 2**31 - 1
MOST_LATENTS = 2**14
MOST_CLASSES = 2**14
Pairs = list[tuple[int, int]]
"""What belongs together, by its number in a new model and in a preset."""
DTYPES = ("float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16")


@dataclass
class GANArguments:
    """The arguments that all families share; a family subclasses it to add and check its own.

    Args:
        image_shape: `(height, width, channels)`, each side at least `smallest_side`.
        latent_dim: how many normally distributed numbers an image is drawn from, 1 to 16,384.
        num_classes: number of classes, 2 to 16,384, or None for an unconditional model.
        class_names: a name for each class; sets `num_classes`.
        attributes: names of what an image may have several of, instead of classes.
        seed: what initial weights, latents and the order of images are drawn from, or None.

    Raises:
        ValueError: an argument is out of its range; says which, and what it may be.

    Example:
        ```python
        from dataclasses import dataclass

        from ganzoo.gan import GANArguments, checked

        @dataclass
        class MyArguments(GANArguments):
            units: int = 128

            def __post_init__(self):
                super().__post_init__()
                self.units = checked("units", self.units, 1, 4096)
        ```
    """

    image_shape: ImageShape
    latent_dim: int = 100
    num_classes: int | None = None
    class_names: Sequence[str] | None = None
    attributes: Sequence[str] | None = None
    seed: int | None = None

    smallest_side: ClassVar[int] = 1

    def __post_init__(self) -> None:
        self.image_shape = self._checked_shape(self.image_shape)
        self.latent_dim = checked("latent_dim", self.latent_dim, 1, MOST_LATENTS)
        if self.seed is not None:
            self.seed = checked("seed", self.seed, 0, MOST_SEED)
        names = self.class_names
        if names is not None:
            self.class_names = _listed("class_names", names)
            self.num_classes = len(names) if self.num_classes is None else self.num_classes
        if isinstance(self.num_classes, list | tuple):
            raise ValueError("num_classes is a number: give the names as class_names=[...].")
        if self.num_classes is not None:
            self.num_classes = checked("num_classes", self.num_classes, 2, MOST_CLASSES)
        if names is not None and len(set(self.class_names or ())) != self.num_classes:
            raise ValueError(f"class_names needs {self.num_classes} different names: {names}.")
        if self.attributes is not None:
            self.attributes = self._checked_attributes(self.attributes)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Return the arguments that a stranger's config holds.

        Args:
            config: of a model; `dtype` and `name` are checked, too.

        Raises:
            TypeError: an argument is missing.
            ValueError: an argument is unknown, of another kind, or out of its range.
        """
        known = [field.name for field in fields(cls)]
        if unknown := sorted(config.keys() - {*known, "dtype", "name"}):
            raise ValueError(f"there is no argument {unknown[0][:80]!r}.")
        if (dtype := config.get("dtype", "float32")) not in DTYPES:
            raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, not {dtype!r:.80}.")
        names = [config.get(each) for each in ("class_names", "attributes")]
        lists = [each for each in names if isinstance(each, list)]
        texts = [config.get("name", ""), *chain.from_iterable(lists)]
        if wrong := [each for each in texts if not isinstance(each, str)]:
            raise ValueError(
                f"name, class_names and attributes must be strings, not {wrong[0]!r:.80}."
            )
        for name, value in config.items():
            if not is_plain(value):
                raise ValueError(
                    f"{name} must be a finite number, a text or a list of such, not {value!r:.80}."
                )
        return cls(**{name: config[name] for name in known if name in config})

    @classmethod
    def nearest_shape(cls, image_shape: ImageShape) -> ImageShape:
        """Return the image shape nearest to one that the family can have; by default that one."""
        return image_shape

    @property
    def label_size(self) -> int:
        """How many numbers the vector of a label has; 0 for an unconditional model."""
        return len(self.attributes or ()) or self.num_classes or 0

    def config(self) -> dict[str, Any]:
        """Return the arguments as JSON holds them."""
        return asdict(self) | {"image_shape": list(self.image_shape)}

    def _checked_attributes(self, attributes: Any) -> list[str]:
        names = _listed("attributes", attributes)
        if self.num_classes is not None:
            raise ValueError(
                "A model is of classes, of which an image has one, or of attributes, of which it "
                "may have several: give num_classes or class_names, or else attributes."
            )
        if not 1 <= len(set(names)) == len(names) <= MOST_CLASSES:
            raise ValueError(
                f"attributes must be 1 to {MOST_CLASSES:,} different names, not {names!r:.80}."
            )
        return names

    def _checked_shape(self, image_shape: Any) -> ImageShape:
        if not isinstance(image_shape, Sequence) or len(image_shape) != 3:
            raise ValueError(
                "image_shape must be (height, width, channels), e.g. (28, 28, 1), "
                f"not {image_shape!r}."
            )
        height, width, channels = image_shape
        numbers = all(isinstance(each, int) for each in image_shape)
        if numbers and height in (1, 3, 4) and height < self.smallest_side <= min(width, channels):
            raise ValueError(
                f"image_shape={image_shape!r} looks channels-first: give (height, width, channels)."
            )
        shape = (
            checked("image_shape's height", height, self.smallest_side),
            checked("image_shape's width", width, self.smallest_side),
            checked("image_shape's number of channels", channels, 1),
        )
        if math.prod(shape) > MOST_VALUES:
            raise ValueError(
                f"image_shape must be of at most {MOST_VALUES:,} values, not {image_shape!r}."
            )
        return shape


def shared_classes(source: GANArguments, target: GANArguments) -> Pairs:
    """Return which classes, or attributes, of a preset, `source`, and of a new model are one."""
    pairs = ((source.class_names, target.class_names), (source.attributes, target.attributes))
    for old, new in pairs:
        if old and new:
            return [(to, old.index(name)) for to, name in enumerate(new) if name in old]
    same = source.num_classes == target.num_classes
    return [(each, each) for each in range(target.num_classes or 0)] if same else []


def new_classes(target: GANArguments, shared: Pairs) -> list[str]:
    """Return, in words, the classes or attributes of a new model that are not among the shared."""
    names = target.attributes or target.class_names or range(target.num_classes or 0)
    known = {number for number, _ in shared}
    lacking = [str(name) for number, name in enumerate(names) if number not in known]
    what = "attributes" if target.attributes else "classes"
    return [f"the {what} {', '.join(lacking)}"] if lacking else []


def _listed(argument: str, names: Any) -> list[str]:
    """Return names as a list of texts."""
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise ValueError(f"{argument} must be a list of names, not {names!r}.")
    return [str(each) for each in names]


def is_plain(value: Any, depth: int = 2) -> bool:
    """Whether a value can do nothing: Keras would look up a class for some dicts."""
    if isinstance(value, list | tuple):
        return depth > 0 and all(is_plain(each, depth - 1) for each in value)
    if isinstance(value, str | Integral) or value is None:
        return True
    return isinstance(value, Real) and math.isfinite(value)


def checked(name: str, value: Any, lowest: int, highest: int | None = None) -> int:
    """Return an argument as an int within its range.

    Args:
        name: what the user calls it.
        value: what the user gave.
        lowest: the least that it may be.
        highest: the most, or None.

    Raises:
        ValueError: it is no whole number, or out of its range.

    Example:
        ```python
        from ganzoo.gan import checked

        checked("units", 128, 1, 4096)  # 128
        ```
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < lowest or (highest is not None and value > highest):
        bounds = f"at least {lowest}" if highest is None else f"{lowest} to {highest}"
        raise ValueError(f"{name} must be a whole number, {bounds}, not {value!r}.")
    return int(value)
