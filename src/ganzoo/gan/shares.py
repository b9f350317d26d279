"""How a batch is divided: among devices, updates of the discriminator, and parts."""

import math
from typing import Any

import numpy as np
from keras import ops

from ganzoo import backends
from ganzoo.datasets import checks
from ganzoo.datasets.arrays import ImageArrays, Places
from ganzoo.types import Tensor


def parts(model: Any) -> dict[str, int]:
    """Return into how many equal parts a batch is divided, by what they are for."""
    return {
        "rounds of the discriminator": model.objective.discriminator_steps,
        "parts": model.objective.accumulate,
        "devices": backends.current.shares(model),
    }


def shared_out(model: Any, arrays: ImageArrays) -> ImageArrays:
    """Return batches of which this process reads its share.

    Raises:
        ValueError: a batch has no whole number of images for every device and every part.
    """
    counts = parts(model)
    whole = math.prod(counts.values())
    if arrays.batch_size % whole:
        among = " times ".join(f"{count} {what}" for what, count in counts.items() if count > 1)
        raise ValueError(
            f"A batch of {arrays.batch_size} images cannot be shared out to {among}: give "
            f"batch_size a multiple of {whole}."
        )
    places = training_places(model)
    return arrays if places is None else arrays.changed(places=places, top_up=True)


def training_places(model: Any) -> Places | None:
    """Return what chooses a process's share of a batch, topped up to what can be shared out."""
    counts = parts(model)
    shares, whole = counts["devices"], math.prod(counts.values())
    if shares == 1:
        return None
    return lambda count: backends.current.rows(rounded_up(count, whole), shares) % count


def judging_places(model: Any) -> Places | None:
    """Return what repeats a batch, if each of several devices is to judge the whole of it."""
    copies = backends.current.copies(model)
    return None if copies == 1 else lambda count: np.tile(np.arange(count), copies)


def brings_its_share(dataset: Any) -> bool:
    """Whether batches are a process's own already, as by a `DistributedSampler` of torch."""
    return getattr(getattr(dataset, "sampler", None), "num_replicas", 1) > 1


def own_part(model: Any, batch: checks.Arrays) -> checks.Arrays:
    """Return what this process reads of a batch to be trained on."""
    places = training_places(model)
    if places is None:
        return batch
    images, *others = batch
    rows = places(len(images))
    labels, weight = (None if each is None else each[rows] for each in others)
    return images[rows], labels, weight


def topped_up(batch: tuple[Tensor | None, ...], multiple: int) -> tuple[Tensor | None, ...]:
    """Return a batch with a multiple of so many images; if need be, the first ones repeat.

    Args:
        batch: tensors `(n, ...)`, the first of which is not None.
        multiple: into how many equal parts it is to be shared out.
    """
    assert batch[0] is not None
    size = batch[0].shape[0]  # None where TensorFlow does not know it
    if multiple == 1 or (size is not None and size % multiple == 0):
        return batch
    count = ops.shape(batch[0])[0]
    rows = ops.arange(rounded_up(count, multiple)) % count
    return tuple(None if each is None else ops.take(each, rows, axis=0) for each in batch)


def rounded_up(count: Any, multiple: int) -> Any:
    """Return the next multiple of a number."""
    return (count + multiple - 1) // multiple * multiple
