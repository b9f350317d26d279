"""Checks of what a family is made of: its arguments and its two networks."""

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from ganzoo.gan import GAN
from ganzoo.gan.weights import named_weights, weight_shapes
from ganzoo.testing.promises import Small, promise, promise_same, refused, variants, vivid
from ganzoo.training.averaging import average_of

HOSTILE = (10**12, -(10**12), math.nan, math.inf, "no such value", {"a": 1})
"""What a stranger's preset may say instead of a number or a name."""


def check_arguments(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that every argument has a lower and an upper bound, or a few known values.

    A preset of a stranger says how large a network is to be: without bounds, it takes all memory.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: an argument may be anything.

    Example:
        ```python
        from pathlib import Path

        import ganzoo
        from ganzoo.testing import check_arguments

        check_arguments(ganzoo.DCGAN, {"image_shape": (9, 8, 1)}, Path())
        ```
    """
    config = family.Arguments(**small).config()
    for field in fields(family.Arguments):
        for value in HOSTILE:
            what = f"{field.name}={value!r} in {family.Arguments.__name__}"
            with refused(what, ValueError, TypeError, because=field.name):
                family.Arguments.from_config({**config, field.name: value})
    with refused("An argument that the family does not have", TypeError):
        family(**small, no_such_argument=1)


def check_config(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that a model's config is plain JSON and builds the same model.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: the config lacks something, or the class is not registered with Keras.
    """
    promise(
        keras.saving.get_registered_object(keras.saving.get_registered_name(family)) is family,
        f"Keras does not know {family.__name__}, so that no .keras file of it can be loaded: "
        'decorate it with @keras.saving.register_keras_serializable("your_package").',
    )
    for arguments in variants(family, small):
        gan = family(**arguments, name="mine")
        again = family.from_config(json.loads(json.dumps(gan.get_config())))
        promise(again.get_config() == gan.get_config(), "The config of a model builds another one.")
        promise(again.name == "mine", "The constructor does not pass the name on.")
        promise_same(
            again.get_weights(),
            gan.get_weights(),
            "Two models of one config have other first weights: draw all of them from the seed "
            "that build_generator and build_discriminator get.",
        )
        other = family(**arguments | {"seed": 6})
        promise(
            all(
                any(not np.array_equal(a, b) for a, b in zip(*networks, strict=True))
                for networks in (
                    (other.generator.get_weights(), gan.generator.get_weights()),
                    (other.discriminator.get_weights(), gan.discriminator.get_weights()),
                )
            ),
            "Another seed makes the same first weights.",
        )


def check_networks(family: type[GAN], small: Small, folder: Path) -> None:
    """Check what goes into both networks and what comes out, and their stages.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: a network is not as `GAN.build_generator` or `GAN.build_discriminator` says.
    """
    for arguments in variants(family, small):
        for dtype in ("float32", "mixed_bfloat16"):
            gan = vivid(family(**arguments, dtype=dtype))
            _check_interface(gan)
            _check_outputs(gan)
        _check_weights(gan)
        _check_stages(gan)


def _check_interface(gan: GAN) -> None:
    for name, network in (("generator", gan.generator), ("discriminator", gan.discriminator)):
        promise(network.name == name, f"The {name} has to be called so, not {network.name!r}.")
        bare = not isinstance(network.input, list | tuple)
        promise(
            bare != bool(gan.num_classes),
            f"The {name} takes a list of inputs with classes, and one that is in no list without.",
        )
    inputs = ["latents", *(["labels"] if gan.num_classes else [])]
    found = [each.name for each in gan.generator.inputs]
    promise(found == inputs, f"The generator's inputs must be called {inputs}, not {found}.")


def _inputs(gan: GAN, first: np.ndarray, label: int) -> Any:
    labels = np.full(len(first), label, np.int32)
    return [first, labels] if gan.num_classes else first


def _check_outputs(gan: GAN) -> None:
    latents = gan.latents(4, seed=0)
    images = ops.convert_to_numpy(gan.generator(_inputs(gan, latents, 0)))
    promise(
        images.shape == (4, *gan.image_shape) and images.dtype == np.float32,
        f"The generator makes {images.dtype} {images.shape} of 4 latents, not float32 "
        f"{(4, *gan.image_shape)}.",
    )
    promise(np.abs(images).max() <= 1.0, "The generator's images are not within [-1, 1].")
    logits = _logits(gan, images, 0)
    promise(
        logits.shape[:1] == (4,) and logits.dtype == np.float32,
        f"The discriminator makes {logits.dtype} {logits.shape} of 4 images, not float32 (4, ...).",
    )
    if gan.num_classes:
        other = ops.convert_to_numpy(gan.generator(_inputs(gan, latents, 1)))
        promise((other != images).any(), "The generator draws the same for every label.")
        other = _logits(gan, images, 1)
        promise((other != logits).any(), "The discriminator's logits do not depend on the label.")


def _logits(gan: GAN, images: np.ndarray, label: int) -> np.ndarray:
    """Return what the discriminator says of images, which may be the first of several outputs."""
    outputs = gan.discriminator(_inputs(gan, images, label))
    return ops.convert_to_numpy(outputs[0] if isinstance(outputs, list | tuple) else outputs)


def _check_weights(gan: GAN) -> None:
    named = named_weights(gan.generator, gan.discriminator)
    promise(
        weight_shapes(type(gan), gan.arguments)
        == {name: tuple(weight.shape) for name, weight in named.items()},
        "Built twice, the networks have other weights: build them from the arguments alone.",
    )
    promise_same(
        average_of(gan.generator).get_weights(),
        gan.generator.get_weights(),
        "A clone of the generator has other weights: build a functional model.",
    )


def _check_stages(gan: GAN) -> None:
    stages = [layer for stage in gan.stages() for layer in stage]
    promise(
        len({id(layer) for layer in stages}) == len(stages)
        and {id(layer) for layer in stages} <= {id(each) for each in gan.discriminator.layers},
        "The stages are not layers of the discriminator, each in one stage.",
    )
    trained = {id(v) for layer in stages for v in layer.trainable_variables}
    promise(
        any(id(v) not in trained for v in gan.discriminator.trainable_variables),
        "All weights of the discriminator are in a stage: nothing is trained if all are frozen.",
    )
