"""`image_folder`: a folder or a zip archive of images as batches."""

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.folders.pixels import decode_all, refuse
from ganzoo.datasets.folders.prepare import Fit, Preparation
from ganzoo.datasets.folders.report import FolderReport, nothing_usable
from ganzoo.datasets.folders.sources import Source, find, printable, top_folder
from ganzoo.types import ImageShape

MEMORY_BUDGET = 2**30


class ImageFolder(ImageArrays):
    """Batches of the images of a folder; made by `ganzoo.datasets.image_folder`.

    Attributes:
        images: uint8 `(n, height, width, channels)`, in memory or mapped to it.
        labels: int32 `(n,)`, or None.
        class_names: a name for each label, or None.
        names: the images' files, `n` of them.
        report: a `FolderReport`.
    """

    def __init__(
        self,
        images: np.ndarray,
        names: Sequence[str],
        class_names: Sequence[str] | None,
        report: FolderReport,
        **options: Any,
    ) -> None:
        self.names = list(names)
        self.class_names = None if class_names is None else list(class_names)
        self.labels = None
        if self.class_names is not None:
            number = {name: label for label, name in enumerate(self.class_names)}
            self.labels = np.array([number[top_folder(name)] for name in names], np.int32)
        self.report = report
        super().__init__(images, self.labels, **options)


def image_folder(
    path: str | os.PathLike[str],
    image_shape: ImageShape,
    *,
    labels: Literal["inferred"] | None = None,
    class_names: Sequence[str] | None = None,
    fit: Fit = "crop",
    background: str = "white",
    resample: Literal["lanczos", "area"] = "lanczos",
    batch_size: int = 64,
    steps: int | None = None,
    shuffle: bool = True,
    flip: bool = False,
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
        labels: `"inferred"` makes each sub-folder a class, in alphabetical order.
        class_names: the sub-folders to use as classes, in the order of their labels.
        fit: `"crop"` cuts what does not fit the aspect of `image_shape`, `"pad"` adds `background`
            around it, `"stretch"` distorts.
        background: colour behind transparent pixels, as CSS writes it: a name or `"#rrggbb"`. With
            4 channels, transparency is kept.
        resample: `"lanczos"`, or `"area"`, which averages and cannot ring at hard edges.
        batch_size: images in a batch. Fewer images than that repeat within it.
        steps: batches in an epoch; by default as many as show every image once.
        shuffle: whether each epoch has an order of its own, drawn from the seed and the epoch.
        flip: whether to mirror half of the images, drawn anew for each epoch.
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
    preparation = Preparation(image_shape, fit, background, resample)
    if labels not in (None, "inferred"):
        raise ValueError(f"labels must be None, or 'inferred' from the folders; not {labels!r}.")
    source = find(path)
    classified = labels is not None or class_names is not None
    if classified:
        source = _in_classes(path, source, class_names)
    if strict and source.unusable:
        refuse(*source.unusable[0])
    images, index = decode_all(
        source.entries, preparation, memory_budget=memory_budget, strict=strict, progress=verbose
    )
    unusable = (*source.unusable, *index.unusable)
    if not index.names:
        raise ValueError(nothing_usable(path, source, unusable))
    folders = Counter(map(top_folder, index.names))
    if classified and class_names is None:
        class_names = sorted(folders)
    report = FolderReport(
        path=os.fspath(path),
        image_shape=preparation.image_shape,
        used=len(images),
        classes={name: folders[name] for name in class_names or ()},
        enlarged=tuple(index.enlarged),
        skipped=unusable,
        ignored=source.ignored,
    )
    if verbose:
        print(report)
    return ImageFolder(
        images,
        index.names,
        class_names,
        report,
        batch_size=batch_size,
        steps=steps,
        shuffle=shuffle,
        flip=flip,
        seed=seed,
    )


def _in_classes(
    path: str | os.PathLike[str], source: Source, class_names: Sequence[str] | None
) -> Source:
    """Leave what lies in sub-folders, which must be among the classes where these are given."""
    inside = tuple(entry for entry in source.entries if top_folder(entry.name))
    folders = sorted({top_folder(entry.name) for entry in inside})
    if not folders:
        raise ValueError(
            f"{os.fspath(path)!r} has no sub-folders. For a model with classes, put the images of "
            "each class into a sub-folder of its own."
        )
    if unknown := [name for name in folders if class_names is not None and name not in class_names]:
        raise ValueError(
            f"{os.fspath(path)!r} has the sub-folders {', '.join(map(printable, unknown))}, which "
            f"are none of the classes {list(class_names or ())}. Rename or remove them."
        )
    outside = tuple(
        (entry.name, "lies in no class's sub-folder")
        for entry in source.entries
        if not top_folder(entry.name)
    )
    return Source(inside, (*source.unusable, *outside), source.ignored)
