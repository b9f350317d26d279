"""`read`: whatever a user calls images, as one `ImageSet`."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from ganzoo.datasets import checks, choosing
from ganzoo.datasets.array_files import ARRAY_FILES, arrays_in
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.folders.classes import in_natural_order
from ganzoo.datasets.folders.folder import ImageFolder
from ganzoo.datasets.folders.picture_files import pictures, read_files, read_folder
from ganzoo.datasets.folders.prepare import Fit, Preparation
from ganzoo.datasets.image_set import ImageSet
from ganzoo.datasets.loading import archive_of, is_path, load
from ganzoo.datasets.pixel_range import check_pixels
from ganzoo.types import ImageShape

BATCH_SIZE = 64


def read(
    data: Any,
    image_shape: ImageShape | None = None,
    *,
    labels: Any = None,
    split: str | None = None,
    fit: Fit = "crop",
    background: str = "white",
    flip: bool = False,
    limit: int | None = None,
    class_names: Sequence[str] | None = None,
    strict: bool = False,
    verbose: bool = False,
) -> ImageSet:
    """Read images, whatever they lie in, as one set: what `fit` and all others do first.

    | data | |
    |---|---|
    | a path | a folder or zip archive of images, a `.npy` or `.npz` file |
    | a name | a key of `ganzoo.datasets.DATASETS`; `"./mnist"` is a folder of that name |
    | a list | of paths, of Pillow's images, or of arrays of one shape |
    | an array or tensor | `(n, height, width, channels)`, uint8 or float in [0, 255] |
    | a tuple | any of these, with labels: `(images, labels)` or `(images, labels, weights)` |
    | a dictionary | of arrays, by the usual names: `{"images": ..., "labels": ...}` |
    | a set | an `ImageSet`, or what `image_folder` returns |

    Args:
        data: one of the table.
        image_shape: `(height, width, channels)`. Files, pictures and named datasets are brought to
            it, and the former two need it; arrays must have it. By default their own.
        labels: an array or list with the class of each image, a number or a name; `"inferred"`
            makes the sub-folders of a folder its classes; False leaves out those that come with
            the data. By default those that come with it; a folder has none.
        split: of a named dataset, `"train"` by default; or of an `.npz` file with such names.
        fit: what becomes of pictures of another aspect: `"crop"`, `"pad"` or `"stretch"`.
        background: the colour behind transparent pixels, and around padded pictures.
        flip: whether training mirrors half of the images, drawn anew for each epoch.
        limit: how many images to keep at most. They are drawn, always the same ones, from all
            classes; other files are not opened.
        class_names: the classes in the order of their labels: the sub-folders of a folder, or the
            names among `labels`. By default in alphabetical order, numbers by their value.
        strict: whether to stop at the first file that cannot be used, rather than to skip it.
        verbose: whether to print what became of files, and to show a progress bar.

    Raises:
        FileNotFoundError: there is no such path or name.
        ValueError: no usable image, images of different shapes or of another range, or labels that
            do not fit them.
        TypeError: what is no set of images, or a dtype that cannot hold them.

    Example:
        ```python
        import ganzoo
        from PIL import Image

        pictures = [Image.new("RGB", (640, 480), colour) for colour in ("teal", "plum")]
        images = ganzoo.datasets.read(pictures, (64, 64, 3), labels=["cold", "warm"])
        print(images.images.shape, images.labels, images.class_names)
        ```
    """
    reader = Reader(
        image_shape, labels, split, fit, background, limit, class_names, strict, verbose
    )
    found = checked(reader.found(data), image_shape)
    return replace(found, flip=True) if flip else found


@dataclass(frozen=True)
class Reader:
    """How to read; one method for each kind of data."""

    image_shape: ImageShape | None
    labels: Any
    split: str | None
    fit: Fit
    background: str
    limit: int | None
    class_names: Sequence[str] | None
    strict: bool
    verbose: bool

    def found(self, data: Any) -> ImageSet:
        """Return what the data are, unchecked."""
        if isinstance(data, str) and data in DATASETS:
            return self.of_name(data)
        if isinstance(data, str | os.PathLike):
            return self.of_path(data)
        if self.split is not None:
            raise ValueError(f"split={self.split!r} is for named datasets and .npz files alone.")
        if isinstance(data, ImageArrays):
            return self.of_set(set_of(data))
        if isinstance(data, ImageSet):
            return self.of_set(data)
        if isinstance(data, Mapping):
            return self.of_tuple(checks.unpack(data))
        if isinstance(data, tuple) or _is_images_and_labels(data):
            return self.of_tuple(data)
        if isinstance(data, list):
            return self.of_list(data)
        if checks.is_array(data):
            return self.of_arrays(data)
        raise TypeError(
            "Images are an array, a list of them, of paths or of Pillow's images, (images, labels), "
            f"a folder, a zip archive or the name of a dataset, not {type(data).__name__}."
        )

    def of_name(self, name: str) -> ImageSet:
        """Read a dataset of the catalog."""
        dataset, split = DATASETS[name], self.split or "train"
        if self._labels_given():
            raise TypeError(f"The labels of {name!r} come with it: give none.")
        if self.labels == "inferred" and not dataset.class_names:
            raise ValueError(f"{name!r} has no classes: read it without labels.")
        shape = tuple(self.image_shape or dataset.image_shape)
        usual = shape == dataset.image_shape and self.fit == "crop" and self.background == "white"
        if dataset.format == "zip" and not usual:
            return self._archive(name, split)
        images, labels = load(name, split)
        rows = choosing.first_of(len(images), labels, self.limit)
        if rows is not None:
            images, labels = images[rows], None if labels is None else labels[rows]
        if images.shape[1:] != shape:
            prepare = Preparation(shape, self.fit, self.background)
            images = np.stack([prepare.array(each) for each in images])
        names = dataset.class_names if labels is not None and self.labels is not False else None
        found = ImageSet(images, class_names=names and list(names), name=name, split=split)
        return found if names is None else self._renamed(replace(found, labels=labels))

    def of_path(self, path: str | os.PathLike[str]) -> ImageSet:
        """Read a folder, an archive, or a file of arrays."""
        is_path(path)
        path = Path(path).expanduser()
        if path.suffix.lower() in ARRAY_FILES and path.is_file():
            return self._array_file(path)
        if self.split is not None:
            raise ValueError(
                f"split={self.split!r} is for named datasets and .npz files alone: "
                f"{os.fspath(path)!r} is a folder or an archive."
            )
        if self._labels_given():
            raise TypeError("Labels of a folder are its sub-folders: give none.")
        return read_folder(
            path,
            self._preparation("files"),
            classified=self.labels == "inferred",
            class_names=None if self.labels is False else self.class_names,
            limit=self.limit,
            strict=self.strict,
            verbose=self.verbose,
        )

    def of_set(self, found: ImageSet) -> ImageSet:
        """Take a set that was read before."""
        if self.labels is False:
            found = replace(found, labels=None, class_names=None)
        elif self._labels_given():
            found = replace(found, **self._labels_and_names(self.labels))
        return self._limited(found)

    def of_tuple(self, parts: Any) -> ImageSet:
        """Read images with labels, and perhaps weights, beside them."""
        if not 1 <= len(parts) <= 3:
            raise ValueError(
                f"A tuple is (images, labels) or (images, labels, weights), not {len(parts)} "
                "things: give several images as a list."
            )
        images, labels, weight = (*parts, None, None)[:3]
        if labels is not None and self._labels_given():
            raise ValueError("There are labels in the tuple, and others beside it: give one.")
        labels = self.labels if labels is None or self.labels is False else labels
        whole = replace(self, labels=labels, limit=None if weight is not None else self.limit)
        found = whole.found(images)
        if weight is None:
            return found
        weight = checks.as_array(weight)
        checks.check_weights(weight, len(found))
        return self._limited(replace(found, sample_weight=weight))

    def of_list(self, parts: list[Any]) -> ImageSet:
        """Read a list of paths, of pictures or of arrays."""
        if not parts:
            raise ValueError("There is no image to train on: the list is empty.")
        files = all(isinstance(each, str | os.PathLike) for each in parts)
        if not files and not all(isinstance(each, Image.Image) for each in parts):
            return self.of_arrays(parts)
        known = self._labels_and_names(self.labels) if self._labels_given() else {}
        labels = known.get("labels")
        if labels is not None:
            checks.check_label_shape(labels, len(parts))
        rows = choosing.first_of(len(parts), labels, self.limit)
        rows = np.arange(len(parts)) if rows is None else rows
        chosen = [parts[row] for row in rows]
        if files:
            found, usable = read_files(
                chosen, self._preparation("files"), strict=self.strict, verbose=self.verbose
            )
            rows = rows[usable]
        else:
            found = ImageSet(pictures(chosen, self._preparation("pictures")))
        return replace(found, **(known | {"labels": None if labels is None else labels[rows]}))

    def of_arrays(self, images: Any) -> ImageSet:
        """Take an array, or stack a list of them."""
        found = ImageSet(checks.as_array(images))
        if self._labels_given():
            found = replace(found, **self._labels_and_names(self.labels))
        return self._limited(found)

    def _labels_given(self) -> bool:
        return self.labels is not None and not (
            self.labels is False or (isinstance(self.labels, str) and self.labels == "inferred")
        )

    def _labels_and_names(self, labels: Any) -> dict[str, Any]:
        """Return labels as numbers, and the names of the classes if they were names or are known."""
        labels, names = checks.as_array(labels), self.class_names
        if names is None and labels.dtype.kind in "USTO":
            names = in_natural_order(map(str, labels.ravel().tolist()))
        return {"labels": checks.as_labels(labels, names), "class_names": names}

    def _limited(self, found: ImageSet) -> ImageSet:
        labels = None if found.labels is None else found.labels.reshape(-1)
        if labels is not None and len(labels) != len(found):
            return found  # the check says so
        rows = choosing.first_of(len(found), labels, self.limit)
        return found if rows is None else found.take(rows)

    def _renamed(self, found: ImageSet) -> ImageSet:
        """Let the classes of a named dataset be called, and numbered, as asked for."""
        own, asked = found.class_names or (), self.class_names
        if asked is None or len(asked) != len(own):
            return found
        if set(asked) == set(own):
            numbers = np.array([list(asked).index(name) for name in own], np.int32)
            found = replace(found, labels=numbers[found.labels])
        return replace(found, class_names=list(asked))

    def _archive(self, name: str, split: str) -> ImageSet:
        """Read a named archive of pictures in another shape than the catalog's."""
        dataset = DATASETS[name]
        shape = self.image_shape or dataset.image_shape
        found = read_folder(
            archive_of(name, split),
            Preparation(shape, self.fit, self.background),
            class_names=dataset.class_names or None,
            limit=self.limit,
            strict=True,
            verbose=self.verbose,
        )
        found = replace(found, name=name, split=split)
        if self.labels is False or found.labels is None:
            return replace(found, labels=None, class_names=None)
        return self._renamed(found)

    def _array_file(self, path: Path) -> ImageSet:
        arrays = arrays_in(path, self.split)
        found = replace(self, split=None).found(arrays)
        return replace(found, name=path.name, split=self.split)

    def _preparation(self, what: str) -> Preparation:
        if self.image_shape is None:
            raise ValueError(
                f"Of {what}, which may have any size, say which they shall have: "
                "image_shape=(height, width, channels)."
            )
        return Preparation(self.image_shape, self.fit, self.background)


def is_images(data: Any) -> bool:
    """Whether `read` takes it; anything else can be a dataset of batches at most."""
    known = str | os.PathLike | ImageSet | ImageArrays | Mapping | tuple | list
    return isinstance(data, known) or (
        checks.is_array(data) and not isinstance(data, keras.utils.PyDataset)
    )


def set_of(batches: ImageArrays) -> ImageSet:
    """Return the images of batches, all at once."""
    if isinstance(batches, ImageFolder):
        return batches.image_set
    found = ImageSet(batches.images, *batches.targets, flip=batches.flip)
    return found if batches.count == len(found) else found.take(batches.rows)


def checked(found: ImageSet, image_shape: ImageShape | None = None) -> ImageSet:
    """Return a set, its labels int32 `(n,)`, after looking at every value.

    Args:
        found: what was read.
        image_shape: what each image must have, or None.

    Raises:
        ValueError: images, labels or weights of another shape or range.
        TypeError: a dtype that cannot hold them.
    """
    checks.check_shape(found.images, image_shape)
    check_pixels(found.images)
    if found.sample_weight is not None:
        checks.check_weights(found.sample_weight, len(found))
    if found.labels is None:
        return found
    classes = None if found.class_names is None else len(found.class_names)
    checks.check_label_shape(found.labels, len(found), classes)
    labels = found.labels.reshape(-1).astype(np.int32)
    checks.check_labels(labels, classes)
    return replace(found, labels=labels)


def _is_images_and_labels(data: Any) -> bool:
    """Whether a list is images with labels, as Keras takes them, rather than many images."""
    if not isinstance(data, list) or len(data) not in (2, 3):
        return False
    images, *others = (getattr(each, "ndim", None) for each in data)
    return images == 4 and all(each in (1, 2) for each in others)
