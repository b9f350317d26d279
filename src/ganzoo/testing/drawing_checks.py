"""Checks of drawing and of what is done with latents."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import SkipTest

import keras
import numpy as np

from ganzoo import latents as ways
from ganzoo.gan import GAN
from ganzoo.testing.promises import (
    Small,
    close,
    images_of,
    labels_of,
    promise,
    promise_same,
    refused,
    train,
    variants,
    vivid,
)

THREADS = 6


def check_drawing(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that one seed draws the same images, however many and however many at once.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: an image depends on more than its latent and its label.

    Example:
        ```python
        from pathlib import Path

        import ganzoo
        from ganzoo.testing import check_drawing

        small = {"image_shape": (9, 8, 1), "latent_dim": 4, "base_filters": 4}
        check_drawing(ganzoo.DCGAN, small, Path())
        ```
    """
    for arguments in variants(family, small):
        gan = vivid(family(**arguments))
        images = gan.generate(11, seed=3)
        promise(
            images.shape == (11, *gan.image_shape) and images.dtype == np.uint8,
            f"generate(11) returns {images.dtype} {images.shape}.",
        )
        promise(
            (gan.generate(11, seed=4) != images).any() and (images[:1] != images[1:]).any(),
            "Other latents draw the same image.",
        )
        for found, what in (
            (gan.generate(11, seed=3, batch_size=3), "batches of 3"),
            (np.concatenate([gan.generate(5, seed=3), images[5:]]), "a smaller number"),
            (gan.draw(gan.latents(11, seed=3), gan.labels(11)), "its own latents"),
        ):
            promise(close(found, images), f"One seed draws other images in {what}.")
        if gan.num_classes:
            asked = gan.generate(3, labels=1, seed=3)
            promise((asked[0] != images[0]).any(), "Every class looks the same.")
            promise(close(asked[1], images[1]), "A class drawn alone looks otherwise.")
        with refused("generate(0)", ValueError, because="n must be"):
            gan.generate(0)


def check_threads(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that threads get the images as one by one, and an error while the model trains.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: a thread got other images, or a training was disturbed.
    """
    gan = vivid(family(**variants(family, small)[-1]))

    def ask(seed: int) -> np.ndarray:
        return gan.generate(3 + seed, seed=seed)

    def at_once() -> list[np.ndarray]:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(ask, range(THREADS)))

    def within(batch: int, logs: object) -> None:
        promise(close(ask(0)[:3], ask(0)), "A callback draws other images each time.")
        with refused("Drawing while another thread trains", RuntimeError, because="trained"):
            at_once()

    one_by_one = [ask(seed) for seed in range(THREADS)]
    what = "Threads get other images than one by one."
    promise_same(at_once(), one_by_one, what)
    gan.compile()
    look = keras.callbacks.LambdaCallback(on_train_batch_end=within)
    train(gan, images_of(gan), labels_of(gan), watching=[look])
    promise_same(at_once(), [ask(seed) for seed in range(THREADS)], f"After a training: {what}")


def check_latents(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that latents between others are drawn, and that images are found back.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: `draw` loses the arrangement, or `invert` comes no nearer.
    """
    for arguments in variants(family, small):
        gan = vivid(family(**arguments))
        first, last = gan.latents(2, seed=0)
        labels = 1 if gan.num_classes else None
        between = gan.draw(ways.interpolate([first, last], [last, first], 5), labels)
        promise(between.shape == (2, 5, *gan.image_shape), "draw does not keep the arrangement.")
        promise(close(between[0], between[1, ::-1]), "The way back draws other images.")
        numbers = gan.labels(2)
        found = ways.invert(gan, gan.generate(2, seed=0), numbers, restarts=2, steps=60)
        start = ways.invert(gan, gan.generate(2, seed=0), numbers, restarts=2, steps=1)
        promise(
            found.errors.mean() < 0.9 * start.errors.mean(),
            f"invert comes no nearer to images of the model: from {start.errors.mean():.1f} to "
            f"{found.errors.mean():.1f} grey levels. Is there a gradient from images to latents?",
        )


def check_directions(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that there are directions that change what is drawn.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: they are not at right angles, or change nothing.
        SkipTest: the generator begins with a layer that no directions are read from.
    """
    for arguments in variants(family, small):
        gan = vivid(family(**arguments))
        n = min(gan.latent_dim, 3)
        found = directions_of(gan, n)
        promise(
            np.allclose(found @ found.T, np.eye(n), atol=1e-4), "Directions are not orthogonal."
        )
        latent, labels = gan.latents(1, seed=0), 0 if gan.num_classes else None
        gone = gan.draw(np.concatenate([latent, latent + 3 * found[0]]), labels)
        promise((gone[0] != gone[1]).any(), "The strongest direction changes nothing.")


def directions_of(gan: GAN, n: int) -> np.ndarray:
    """Return directions, or leave the check out if none are read from the generator."""
    try:
        return ways.directions(gan, n)
    except ValueError as reason:
        if "this generator begins with" in str(reason):
            raise SkipTest(str(reason)) from reason
        raise


def check_discriminator_features(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that the discriminator's stages give features of images.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: features depend on other images, or are the same for all.
        SkipTest: the discriminator has one layer with weights, so that there are none.
    """
    for arguments in variants(family, small):
        gan = vivid(family(**arguments))
        if not gan.stages():
            raise SkipTest("the discriminator has no stages")
        images = images_of(gan)
        features = gan.discriminator_features(images)
        promise(
            features.shape[0] == len(images)
            and features.ndim == 2
            and features.dtype == np.float32,
            f"Features of {len(images)} images are {features.dtype} {features.shape}.",
        )
        promise(np.isfinite(features).all(), "Features are not finite.")
        promise((features[0] != features[1]).any(), "All images have the same features.")
        by_fives = gan.discriminator_features(images, batch_size=5)
        scale = np.abs(features).max()
        promise(
            np.allclose(by_fives, features, rtol=1e-3, atol=1e-4 * scale),
            "The features of an image depend on the others in its batch.",
        )
        with refused("An image of another shape", ValueError, because="Expected images"):
            gan.discriminator_features(np.zeros((2, 3, 5, 7), "uint8"))
