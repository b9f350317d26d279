"""`evaluate`: from images to scores and their protocol."""

from collections.abc import Iterable
from typing import Any

from ganzoo.metrics import extractors
from ganzoo.metrics.evaluator import BATCH_SIZE, Evaluator
from ganzoo.metrics.images import read_pair
from ganzoo.metrics.record import Evaluation
from ganzoo.types import ImageShape


def evaluate(
    real: Any,
    fake: Any,
    extractor: Any = "inception",
    metrics: Iterable[str] = ("fid", "kid"),
    *,
    image_shape: ImageShape | None = None,
    split: str | None = None,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
    verbose: bool = True,
) -> Evaluation:
    """Score generated images against real ones.

    The features of the real images are kept in the cache folder (see `ganzoo.datasets.load`), under
    `features/`, and found there by the images' pixels and the extractor's weights.

    Args:
        real: uint8 images `(n, height, width, channels)` from 0 to 255; a `(images, labels)` tuple
            of them; a `ganzoo.datasets.image_folder`; a folder or zip archive of images; or a name
            that `ganzoo.datasets.load` knows.
        fake: the same of generated images, with the classes that were asked for as labels.
        extractor: what makes features of images: `"inception"` is the network that published
            numbers use, `"digits"` and `"fashion"` are small ones that come along for MNIST and
            Fashion-MNIST. Or a Keras model, which is called on float32 images from 0 to 255, or a
            callable, which gets uint8 images; both return features `(batch, size)`.
        metrics: any of `"fid"`, `"kid"`, `"precision_recall"`, `"density_coverage"` and, with an
            extractor that knows classes, `"classes"` and, for fakes with labels, `"recognised"`.
            FID alone keeps no image's features.
        image_shape: `(height, width, channels)` that folders are read in; by default that of the
            other images.
        split: of a named dataset; by default `"test"`, or `"train"` where there is no other.
        batch_size: images that the extractor gets at once.
        seed: what subsets are drawn from.
        verbose: whether to say what a folder holds, and to show the progress of long work.

    Returns:
        An `Evaluation`: `scores`, numbers by name, and the `protocol` that they were made by.

    Raises:
        ValueError: images that cannot be scored, or an unknown name; says which, and what to do.
        TypeError: images that are not uint8, or something that is no extractor.

    Example:
        ```python
        import ganzoo

        gan = ganzoo.DCGAN.from_preset("mnist")
        evaluation = ganzoo.metrics.evaluate("mnist", gan.generate(10_000, seed=0), "digits")
        print(evaluation.scores["fid"])
        print(evaluation)
        ```
    """
    real, fake = read_pair(real, fake, split, image_shape, verbose)
    evaluator = Evaluator(
        real,
        extractors.get(extractor),
        metrics,
        labelled=fake.labels is not None,
        batch_size=batch_size,
        seed=seed,
        verbose=verbose,
    )
    return evaluator(fake, verbose)
