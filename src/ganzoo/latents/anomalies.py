"""How unlike what a model has learned images are, and where."""

import math
from typing import Any, NamedTuple

import keras
import numpy as np

from ganzoo.gan.gan import GAN
from ganzoo.latents.inversion import inverted

TYPICAL = 1.0  # weight of their mean square: of rare latents, odd images are drawn, too
FEATURES = 0.1  # their share of the score; the paper's lambda
BATCH = 64  # images whose features are compared at once


class Anomalies(NamedTuple):
    """What `anomalies` says of each image.

    Attributes:
        scores: how odd it is, `(n,)`; compare only those of one model.
        residuals: the sum of absolute differences from what the model draws instead, where white
            and black differ by 2, `(n,)`.
        features: the same between what the discriminator sees in both, `(n,)`.
        maps: where it is odd: the absolute differences in grey levels, the largest of the channels,
            uint8 `(n, height, width, 1)`.
        drawn: what the model draws instead, uint8 `(n, height, width, channels)`.
        labels: of which class, int32 `(n,)`, or attributes `(n, attributes)`; None for an
            unconditional model.

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN.from_preset("mnist")
        images = gan.generate(4, seed=0)
        found = ganzoo.latents.anomalies(gan, images, steps=10)
        rows = np.stack([images, found.drawn, found.maps])
        ganzoo.pictures.image_grid(rows[:, found.scores.argsort()[::-1]])  # the oddest first
        ```
    """

    scores: np.ndarray
    residuals: np.ndarray
    features: np.ndarray
    maps: np.ndarray
    drawn: np.ndarray
    labels: np.ndarray | None


def anomalies(
    model: GAN,
    images: Any,
    labels: Any = None,
    restarts: int = 2,
    steps: int = 100,
    seed: int = 0,
    batch_size: int = 16,
    encoder: keras.Model | None = None,
) -> Anomalies:
    """Score images by how far they are from the nearest that a model draws.

    What the model was trained on is normal. The score is `0.9 * residuals + 0.1 * features`: how
    the pixels differ, and what the discriminator sees in them.

    Args:
        model: a model of any family, trained on normal images.
        images: in [0, 255], uint8 or float, `(n, height, width, channels)` as the model draws them.
        labels: the class that each image should be of, `(n,)`, a number or a name, for a
            conditional model; by default, whatever is like an image of any class is normal.
        restarts: how many latents the search begins with for each image.
        steps: how many steps to descend.
        seed: what the first latents are drawn from.
        batch_size: how many images are searched for at once, which bounds the memory.
        encoder: what `train_encoder` returns; then 1 restart and 50 steps are often enough.

    Returns:
        `Anomalies`: scores and maps, and what they are made of.

    Raises:
        ValueError: images of another shape or range than the model's, labels that it lacks, or none
            for a model of attributes.
        TypeError: images of a dtype that cannot hold them.
        RuntimeError: another thread is training the model.

    Reference:
        [Schlegl et al., 2017](https://arxiv.org/abs/1703.05921), equations 3, 5 and 6.

    Example:
        ```python
        import ganzoo
        import numpy as np

        gan = ganzoo.DCGAN.from_preset("mnist")
        normal, odd = gan.generate(20, labels=7, seed=0), gan.generate(2, labels=4, seed=1)
        options = {"steps": 20, "restarts": 1}
        usual = ganzoo.latents.anomalies(gan, normal, [7] * 20, **options)
        found = ganzoo.latents.anomalies(gan, odd, [7] * 2, **options)
        found.scores > ganzoo.latents.threshold(usual.scores, false_alarms=0.05)
        ```
    """
    search = (restarts, steps, seed, batch_size, encoder)
    found = inverted(model, images, labels, *search, typical=TYPICAL)
    drawn = model.draw(found.latents, found.labels)
    differences = np.abs(np.asarray(images, np.float32) - drawn)
    residuals = differences.sum(axis=(1, 2, 3), dtype=np.float64) / 127.5
    features = feature_differences(model, np.asarray(images), drawn)
    return Anomalies(
        (1 - FEATURES) * residuals + FEATURES * features,
        residuals,
        features,
        np.rint(differences.max(axis=-1, keepdims=True)).astype(np.uint8),
        drawn,
        found.labels,
    )


def feature_differences(model: GAN, images: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return the sum of absolute differences between what the discriminator sees in two images."""
    totals = []
    for start in range(0, len(images), BATCH):
        seen = (
            model.discriminator_features(each[start : start + BATCH]) for each in (images, drawn)
        )
        totals.append(np.abs(np.subtract(*seen)).sum(axis=1, dtype=np.float64))
    return np.concatenate(totals)


def threshold(scores: Any, false_alarms: float = 0.05) -> float:
    """Return the score above which to call an image odd, from the scores of normal images.

    Args:
        scores: of normal images that the model was not trained on, `(n,)`.
        false_alarms: the share of further normal images that may score above it, on average over
            the choice of the `n`.

    Raises:
        ValueError: a share that is not between 0 and 1, or fewer images than `1 / share - 1`, with
            which nothing can be said.

    Reference:
        [Lei et al., 2018](https://arxiv.org/abs/1604.04173), algorithm 2.

    Example:
        ```python
        import ganzoo
        import numpy as np

        scores = np.random.default_rng(0).normal(size=99)  # of normal images
        limit = ganzoo.latents.threshold(scores, false_alarms=0.05)
        assert (scores > limit).sum() == 4  # 5 of 100, the next one among them
        ```
    """
    scores = np.sort(np.ravel(scores))
    if not 0 < false_alarms < 1:
        raise ValueError(f"false_alarms is a share between 0 and 1, not {false_alarms}.")
    rank = math.ceil((len(scores) + 1) * (1 - false_alarms) - 1e-9)
    if rank > len(scores):
        least = math.ceil(1 / false_alarms - 1e-9) - 1
        raise ValueError(
            f"{len(scores)} normal images say nothing of {false_alarms:.0%} false alarms: give "
            f"{least} at least."
        )
    return float(scores[rank - 1])
