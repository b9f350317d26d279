"""`ImageSet`: images, and all that is known of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.folders.report import FolderReport
from ganzoo.types import ImageShape


@dataclass(frozen=True, eq=False, repr=False)
class ImageSet:
    """Images, and what is known of them; made by `ganzoo.datasets.read`.

    `fit`, `evaluate`, the callbacks and `ganzoo.metrics.evaluate` take it wherever they take
    images.

    Attributes:
        images: in [0, 255], uint8 or float, `(n, height, width, channels)`; in memory, or mapped to
            it.
        labels: the class of each image, int32 `(n,)`; its attributes, float32 `(n, attributes)`; or
            None.
        sample_weight: the weight of each image, `(n,)`, or None.
        class_names: a name for each class, or None.
        attributes: the names of attributes, or None.
        name: what the public may know the set by: the name of a dataset, or the last part of a
            path. None for arrays.
        split: of a named dataset, or None.
        flip: whether training mirrors half of the images, drawn anew for each epoch.
        balanced: whether training shows each class equally often, however rare it is.
        files: the name of each image's file, below the folder; None for what is no files.
        report: what became of the files, a `FolderReport`; None for what is no files.

    Example:
        ```python
        import ganzoo
        import numpy as np

        pixels = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 1), dtype="uint8")
        images = ganzoo.datasets.read(pixels, flip=True)
        print(len(images), images.image_shape)
        ```
    """

    images: np.ndarray
    labels: np.ndarray | None = None
    sample_weight: np.ndarray | None = None
    class_names: Sequence[str] | None = None
    attributes: Sequence[str] | None = None
    name: str | None = None
    split: str | None = None
    flip: bool = False
    balanced: bool = False
    files: Sequence[str] | None = None
    report: FolderReport | None = None

    def __repr__(self) -> str:
        labelled = "" if self.labels is None else ", labelled"
        return f"ImageSet({self.name or 'images'}: {self.images.shape}{labelled})"

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> ImageShape:
        """Height, width and channels of each image."""
        height, width, channels = self.images.shape[1:]
        return height, width, channels

    @property
    def classes(self) -> np.ndarray | None:
        """The class of each image, int32 `(n,)`; None where there is none, or attributes."""
        return None if self.attributes else self.labels

    def take(self, rows: Any) -> Self:
        """Return some of the images, with their labels and weights.

        Args:
            rows: integers `(k,)`.
        """
        labels, weight = (
            None if each is None else each[rows] for each in (self.labels, self.sample_weight)
        )
        files = None if self.files is None else [self.files[row] for row in rows]
        return replace(
            self, images=self.images[rows], labels=labels, sample_weight=weight, files=files
        )

    def batches(self, **options: Any) -> ImageArrays:
        """Return the images as batches, in an order drawn from `(seed, epoch)`.

        Args:
            **options: `batch_size`, `steps`, `shuffle`, `top_up` and `seed`, as `ImageArrays`
                takes them.
        """
        options = {"flip": self.flip, "balanced": self.balanced, **options}
        return ImageArrays(self.images, self.labels, self.sample_weight, **options)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the images' shape and pixels, in hexadecimal."""
        digest = hashlib.sha256(repr(self.images.shape).encode())
        for image in self.images:  # one by one: they may be mapped from a file larger than memory
            digest.update(image.tobytes())
        return digest.hexdigest()
