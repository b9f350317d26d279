"""`image_folder`: a folder or a zip archive of images as batches."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.folders.picture_files import MEMORY_BUDGET, read_folder
from ganzoo.datasets.folders.prepare import Decode, Fit, Preparation
from ganzoo.datasets.image_set import ImageSet
from ganzoo.types import ImageShape


class ImageFolder(ImageArrays):
    """Batches of the images of a folder; made by `ganzoo.datasets.image_folder`.

    Attributes:
        images: uint8 `(n, height, width, channels)`, in memory or mapped to it.
        labels: int32 `(n,)`, attributes float32 `(n, attributes)`, or None.
        class_names: a name for each label, or None.
        names: the images' files, `n` of them.
        report: a `FolderReport`.
        image_set: all of these in one, as `ganzoo.datasets.read` returns them.
    """

    def __init__(self, image_set: ImageSet, **options: Any) -> None:
        options = {"flip": image_set.flip, "balanced": image_set.balanced, **options}
        super().__init__(image_set.images, image_set.labels, **options)
        self.image_set = image_set
        self.labels = image_set.labels
        self.class_names = image_set.class_names
        self.names = list(image_set.files or ())
        self.report = image_set.report


def image_folder(
    path: str | os.PathLike[str],
    image_shape: ImageShape,
    *,
    labels: str | Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
    fit: Fit = "crop",
    background: str = "white",
    resample: Literal["lanczos", "area"] = "lanczos",
    decode: Decode = "whole",
    batch_size: int = 64,
    steps: int | None = None,
    shuffle: bool = True,
    flip: bool = False,
    balanced: bool = False,
    seed: int = 0,
    strict: bool = False,
    memory_budget: int = MEMORY_BUDGET,
    verbose: bool = True,
) -> ImageFolder:
    """Read every image in a folder or a zip archive, as batches for `fit`.

    JPEG, PNG, GIF and other animations (their first frame), BMP, WebP, TIFF and AVIF, of any mode
    and size, whatever the files are called; the right way up as EXIF says, and in folders within
    the folder too. A file that cannot be used is skipped and named in the report; files are never
    changed. The pixels are decoded once and kept as uint8: in memory, or, above `memory_budget`,
    in the cache folder (see `ganzoo.datasets.load`), where the next run finds them.

    Args:
        path: a folder or a zip archive.
        image_shape: `(height, width, channels)`; 1 channel is grey, 3 are RGB, 4 RGBA.
        labels: `"inferred"` makes each sub-folder a class, in alphabetical order; anything else is
            the column of a `metadata.csv`, `metadata.jsonl`, `labels.csv` or `dataset.json`; a list
            of columns makes them attributes, 0 or 1 each.
        class_names: the classes to use, in the order of their labels; by default sub-folders.
        fit: `"crop"` cuts what does not fit the aspect of `image_shape`, `"pad"` adds `background`
            around it, `"stretch"` distorts.
        background: colour behind transparent pixels, as CSS writes it: a name or `"#rrggbb"`. With
            4 channels, transparency is kept.
        resample: `"lanczos"`, or `"area"`, which averages and cannot ring at hard edges.
        decode: `"fast"` halves JPEG that are far larger than `image_shape` while they are decoded.
        batch_size: images in a batch. Fewer images than that repeat within it.
        steps: batches in an epoch; by default as many as show every image once.
        shuffle: whether each epoch has an order of its own, drawn from the seed and the epoch.
        flip: whether to mirror half of the images, drawn anew for each epoch.
        balanced: whether each class comes equally often, however rare it is.
        seed: what order and mirroring are drawn from.
        strict: whether to stop at the first file that cannot be used.
        memory_budget: most bytes that the pixels may take in memory; 1 GiB by default.
        verbose: whether to print the report and to show a progress bar.

    Returns:
        A `keras.utils.PyDataset` of `(images,)` or `(images, labels)`: uint8
        `(batch_size, height, width, channels)` and int32 `(batch_size,)`. Its attributes `images`,
        `labels`, `class_names`, `names` (the files) and `report` hold all of them at once.

    Raises:
        FileNotFoundError: there is nothing at `path`.
        ValueError: no usable image, no classes where they are asked for, or a wrong argument; with
            `strict`, the first file that cannot be used.

    Example:
        ```python
        import ganzoo
        from PIL import Image

        Image.new("RGB", (640, 480), "teal").save("photo.jpg")
        photos = ganzoo.datasets.image_folder(".", (64, 64, 3))
        gan = ganzoo.DCGAN((64, 64, 3), base_filters=8)
        gan.compile()
        gan.fit(photos, epochs=1, steps_per_epoch=1)
        ```
    """
    several = isinstance(labels, list | tuple) and all(isinstance(each, str) for each in labels)
    columns = labels if several else None
    if not isinstance(labels, str | None) and not columns:
        raise TypeError(
            "labels must be None, 'inferred', the name of a column or a list of such; not "
            f"{labels!r}."
        )
    found = read_folder(
        path,
        Preparation(image_shape, fit, background, resample, decode=decode),
        labels=labels if isinstance(labels, str) else None,
        columns=columns,
        class_names=class_names,
        strict=strict,
        memory_budget=memory_budget,
        verbose=verbose,
    )
    return ImageFolder(
        replace(found, flip=flip, balanced=balanced),
        batch_size=batch_size,
        steps=steps,
        shuffle=shuffle,
        seed=seed,
    )
