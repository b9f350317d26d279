"""The images of a run: where they are, as the model takes them, and what a card says of them."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.hub_sets import address, is_set, parse
from ganzoo.datasets.image_set import ImageSet
from ganzoo.datasets.reading import read
from ganzoo.files import expanded
from ganzoo.gan import GAN
from ganzoo.runs.run_folder import CLASSES, IMAGES

FEWEST = 2  # images that can be learned from


def place_of(data: Any, folder: Path) -> str | None:
    """Return a dataset's name or the whole path of files, which the folder must lie outside of."""
    if not isinstance(data, str | os.PathLike):
        return None
    if isinstance(data, str) and (data in DATASETS or is_set(data)):
        return data
    path = expanded(data).resolve()
    if folder.resolve().is_relative_to(path):
        raise ValueError(f"{folder} lies among the images in {path}: choose a folder outside.")
    return str(path)


def images_for(
    gan: GAN, data: Any, labels: str | Sequence[str] | None = None, **reading: Any
) -> ImageSet:
    """Read images as a model takes them; one without names for its classes gets theirs.

    Args:
        gan: the model.
        data: what `read` takes.
        labels: the column or columns of files' labels, if they are no sub-folders.
        **reading: other options of `read`.

    Raises:
        ValueError: they do not fit, or are too few to learn from.
    """
    if labels and not gan.conditional:
        raise ValueError(
            f"labels={labels!r} is for a model with classes: build it with num_classes=..., or "
            "leave labels out."
        )
    if gan.attributes and isinstance(labels, str):
        labels = [labels]
    named = isinstance(data, str) and data in DATASETS
    files = isinstance(data, str | os.PathLike | list) and not named
    asked = labels or ("inferred" if files and gan.num_classes else None)
    images = read(
        data,
        gan.image_shape,
        labels=asked if gan.conditional else False,
        class_names=gan.class_names,
        attributes=gan.attributes,
        **reading,
    )
    if len(images) < FEWEST:
        raise ValueError(
            f"One image cannot be learned from: give at least {FEWEST}, and hundreds to learn well."
        )
    if gan.num_classes and not gan.class_names and images.class_names:
        if len(images.class_names) != gan.num_classes:
            raise ValueError(
                f"The images have {len(images.class_names)} classes "
                f"({', '.join(images.class_names)}), the model has {gan.num_classes}. Build it "
                f"with class_names={list(images.class_names)}, or take other images."
            )
        gan.class_names = list(images.class_names)
    return images


def told(images: ImageSet) -> dict[str, Any]:
    """Return what a run notes of its images, to know them again."""
    return {
        IMAGES: images.fingerprint(),
        CLASSES: images.attributes or images.class_names,
        "flip": images.flip,
        "balanced": images.balanced,
    }


def scored_images(images: ImageSet) -> Any:
    """Return the images as callbacks compare them: uint8, with labels where there are some."""
    pixels = images.images
    if pixels.dtype != np.uint8:
        pixels = np.rint(pixels).astype(np.uint8)
    return pixels if images.labels is None else (pixels, images.labels)


def provenance(images: ImageSet) -> dict[str, str]:
    """Return what a card says of images; of files a name alone, as cards are public."""
    if images.name and is_set(images.name):
        handle = parse(images.name)
        said = {"name": handle.repository, "revision": handle.revision or ""}
        return {**said, "source": address(images.name)}
    if images.name not in DATASETS:
        return {"name": images.name or "images"}
    dataset = DATASETS[images.name]
    return {"name": images.name, "source": dataset.source, "rights": dataset.licence}
