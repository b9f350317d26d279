"""What determines a DCGAN's networks: the checked arguments, and the weights they call for."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ganzoo.dcgan.networks import MOST_FILTERS, SMALLEST_SIDE, feature_shapes
from ganzoo.types import ImageShape

MOST_SEED = 2**31 - 1
MOST_VALUES = 2**24  # in an image: 2048 x 2048 with four channels
DTYPES = ("float32", "float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16")
UPSAMPLINGS = {"transposed": (4, 4), "resize": (3, 3)}  # with the sizes of the kernels
NORMS = ("batch", "spectral", None)
BATCH_NORM = ("gamma", "beta", "moving_mean", "moving_variance")

Shapes = dict[str, tuple[int, ...]]
"""Shapes of weights by the names that presets give them."""


@dataclass
class Architecture:
    """The arguments of `ganzoo.DCGAN` that its networks and their first weights follow from.

    Raises:
        ValueError: an argument is out of its range; says which, and what it may be.
    """

    image_shape: ImageShape
    latent_dim: int = 100
    num_classes: int | None = None
    class_names: Sequence[str] | None = None
    base_filters: int = 64
    discriminator_filters: int | None = None
    discriminator_norm: str | None = "batch"
    upsampling: str = "transposed"
    seed: int | None = None

    def __post_init__(self) -> None:
        self.image_shape = _checked_shape(self.image_shape)
        self.latent_dim = checked("latent_dim", self.latent_dim, 1)
        self.base_filters = checked("base_filters", self.base_filters, 1, MOST_FILTERS)
        if self.discriminator_filters is not None:
            self.discriminator_filters = checked(
                "discriminator_filters", self.discriminator_filters, 1, MOST_FILTERS
            )
        if self.seed is not None:
            self.seed = checked("seed", self.seed, 0, MOST_SEED)
        if self.discriminator_norm not in NORMS:
            raise ValueError(
                "discriminator_norm must be 'batch', 'spectral' or None, "
                f"not {self.discriminator_norm!r}."
            )
        if self.upsampling not in UPSAMPLINGS:
            raise ValueError(
                f"upsampling must be 'transposed' or 'resize', not {self.upsampling!r}."
            )
        names = self.class_names
        if names is not None:
            if isinstance(names, str) or not isinstance(names, Sequence):
                raise ValueError(f"class_names must be a list of names, not {names!r}.")
            self.class_names = [str(each) for each in names]
            self.num_classes = len(names) if self.num_classes is None else self.num_classes
        if self.num_classes is not None:
            self.num_classes = checked("num_classes", self.num_classes, 2)
        if names is not None and len(set(self.class_names or ())) != self.num_classes:
            raise ValueError(f"class_names needs {self.num_classes} different names: {names}.")

    def generator_maps(self) -> list[ImageShape]:
        """Return the shapes of the generator's feature maps, up to the image."""
        return feature_shapes(self.image_shape, self.base_filters)

    def discriminator_maps(self) -> list[ImageShape]:
        """Return the shapes of the discriminator's feature maps, from the image on."""
        filters = self.discriminator_filters or self.base_filters
        return feature_shapes(self.image_shape, filters)[::-1]

    def weight_shapes(self) -> Shapes:
        """Return the shapes of both networks' weights, without building the networks."""
        networks = {"generator": self._generator(), "discriminator": self._discriminator()}
        return {
            f"{network}.{index:02}.{name}": shape
            for network, weights in networks.items()
            for index, (name, shape) in enumerate(weights)
        }

    def _generator(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        stem, *stages = self.generator_maps()
        yield "kernel", (self.latent_dim + (self.num_classes or 0), math.prod(stem))
        channels = stem[-1]
        for _, _, filters in stages:
            yield from ((name, (channels,)) for name in BATCH_NORM)
            yield "kernel", (*UPSAMPLINGS[self.upsampling], filters, channels)
            channels = filters

    def _discriminator(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        (_, _, channels), *stages = self.discriminator_maps()
        for depth, (_, _, filters) in enumerate(stages):
            yield "kernel", (4, 4, channels, filters)
            if self.discriminator_norm != "batch":
                yield "bias", (filters,)
            elif depth > 0:
                yield from ((name, (filters,)) for name in BATCH_NORM)
            if self.discriminator_norm == "spectral":
                yield "direction", (filters,)
            channels = filters
        for units in (self.num_classes, 1):
            if units:
                yield "kernel", (math.prod(stages[-1]), units)
                if self.discriminator_norm == "spectral":
                    yield "direction", (units,)


def from_config(config: Mapping[str, Any]) -> Architecture:
    """Return the architecture that a stranger's config describes, in plain numbers and strings.

    Raises:
        TypeError: `image_shape` is missing.
        ValueError: a value is of another kind, or out of its range.
    """
    if (dtype := config.get("dtype", "float32")) not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, not {dtype!r}.")
    class_names = config.get("class_names") or []
    texts = [config.get("name", ""), *(class_names if isinstance(class_names, list) else [])]
    if wrong := [each for each in texts if not isinstance(each, str)]:
        raise ValueError(f"name and class_names must be strings, not {wrong[0]!r}.")
    known = [field.name for field in fields(Architecture)]
    return Architecture(**{name: config[name] for name in known if name in config})


def checked(name: str, value: Any, lowest: int, highest: int | None = None) -> int:
    """Return an argument as an int within its range."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < lowest or (highest is not None and value > highest):
        bounds = f"at least {lowest}" if highest is None else f"{lowest} to {highest}"
        raise ValueError(f"{name} must be a whole number, {bounds}, not {value!r}.")
    return int(value)


def _checked_shape(image_shape: Any) -> ImageShape:
    if not isinstance(image_shape, Sequence) or len(image_shape) != 3:
        raise ValueError(
            f"image_shape must be (height, width, channels), e.g. (28, 28, 1), not {image_shape!r}."
        )
    height, width, channels = image_shape
    shape = (
        checked("image_shape's height", height, SMALLEST_SIDE),
        checked("image_shape's width", width, SMALLEST_SIDE),
        checked("image_shape's number of channels", channels, 1),
    )
    if math.prod(shape) > MOST_VALUES:
        raise ValueError(
            f"image_shape must be of at most {MOST_VALUES:,} values, not {image_shape!r}."
        )
    return shape
