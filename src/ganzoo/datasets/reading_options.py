"""How images are to be read: the options of `ganzoo.datasets.read`, wherever they are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganzoo.datasets import choosing
from ganzoo.datasets.checks import check_vector_shape
from ganzoo.datasets.conversions import as_array, as_labels
from ganzoo.datasets.folders.prepare import Decode, Fit, Preparation
from ganzoo.datasets.folders.sub_folders import in_natural_order
from ganzoo.types import ImageShape


@dataclass(frozen=True)
class Options:
    """The options of `ganzoo.datasets.read`, which see."""

    image_shape: ImageShape | None = None
    labels: Any = None
    image_column: str | None = None
    split: str | None = None
    fit: Fit = "crop"
    background: str = "white"
    decode: Decode = "whole"
    limit: int | None = None
    class_names: Sequence[str] | None = None
    attributes: Sequence[str] | None = None
    strict: bool = False
    verbose: bool = False

    def __post_init__(self) -> None:
        if self.limit is not None:
            choosing.check_limit(self.limit, 1)
        if self.attributes is not None and isinstance(self.attributes, str):
            raise TypeError(f"attributes are a list of names, not {self.attributes!r}.")
        if self.attributes and self.class_names:
            raise ValueError("Images have class_names or attributes, not both.")

    @property
    def no_labels(self) -> bool:
        """Whether labels are to be left out."""
        return self.labels is False

    @property
    def inferred(self) -> bool:
        """Whether there are to be classes."""
        return isinstance(self.labels, str) and self.labels == "inferred"

    @property
    def column(self) -> str | None:
        """What holds the labels of files: a column, or `"inferred"`, which are sub-folders."""
        return self.labels if isinstance(self.labels, str) else None

    @property
    def columns(self) -> Sequence[str] | None:
        """What holds the attributes of files: those columns, by default of the same names."""
        if isinstance(self.labels, list | tuple) and self.labels:
            return self.labels if all(isinstance(each, str) for each in self.labels) else None
        return self.attributes if self.labels is None or self.inferred else None

    @property
    def labels_given(self) -> bool:
        """Whether labels were given beside the images."""
        return not (self.labels is None or self.no_labels or isinstance(self.labels, str))

    def given_labels(self) -> dict[str, Any]:
        """Return the labels as numbers, and the classes' names where they are known."""
        if self.column and not self.inferred:
            raise ValueError(
                f"labels={self.column!r} is a column of files' labels, and these are no files of a "
                "folder: give the labels themselves, one for each image."
            )
        if not self.labels_given:
            return {}
        if self.attributes:
            return self._given_vectors(as_array(self.labels), self.attributes)
        labels, names = as_array(self.labels), self.class_names
        if names is None and labels.dtype.kind in "USTO":
            names = in_natural_order(map(str, labels.ravel().tolist()))
        return {"labels": as_labels(labels, names), "class_names": names}

    def _given_vectors(self, vectors: np.ndarray, attributes: Sequence[str]) -> dict[str, Any]:
        check_vector_shape(vectors, None, attributes)
        return {"labels": vectors.astype(np.float32), "attributes": list(attributes)}

    def preparation(self, what: str) -> Preparation:
        """Return what becomes of pictures.

        Raises:
            ValueError: nobody has said in which shape; or another option is wrong.
        """
        if self.image_shape is None:
            raise ValueError(
                f"Of {what}, which may have any size, say which they shall have: "
                "image_shape=(height, width, channels)."
            )
        return Preparation(self.image_shape, self.fit, self.background, decode=self.decode)
