"""`read`: whatever a user calls images, as one `ImageSet`."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from ganzoo.datasets import checks, choosing, hub_sets
from ganzoo.datasets.array_folders import array_files, read_folder_of_arrays
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.conversions import as_array, is_array, unpack
from ganzoo.datasets.folders.folder import ImageFolder
from ganzoo.datasets.folders.picture_files import pictures, read_files, read_folder
from ganzoo.datasets.folders.prepare import Decode, Fit
from ganzoo.datasets.folders.several import Several
from ganzoo.datasets.folders.sources import SHARDS
from ganzoo.datasets.formats import ARRAY_FILES, read_arrays
from ganzoo.datasets.image_set import ImageSet
from ganzoo.datasets.loading import is_path, read_named
from ganzoo.datasets.reading_options import Options
from ganzoo.files import expanded
from ganzoo.pixel_range import check_pixels
from ganzoo.types import ImageShape

BATCH_SIZE = 64


def read(
    data: Any,
    image_shape: ImageShape | None = None,
    *,
    labels: Any = None,
    image_column: str | None = None,
    split: str | None = None,
    fit: Fit = "crop",
    background: str = "white",
    decode: Decode = "whole",
    flip: bool = False,
    balanced: bool = False,
    limit: int | None = None,
    class_names: Sequence[str] | None = None,
    attributes: Sequence[str] | None = None,
    strict: bool = False,
    verbose: bool = False,
) -> ImageSet:
    """Read images, whatever they lie in, as one set: what `fit` and all others do first.

    | data | |
    |---|---|
    | a path | a folder or zip archive of images, a `.npy` or `.npz` file |
    | | a tar archive or parquet file of images, or a folder of such shards |
    | a pattern | of files or shards: `"shards/{000..012}.tar"`, `"photos/*.jpg"` |
    | | a folder of `.npy` or `.npz` files of one shape, an image or several in each |
    | a handle | `"hf://datasets/user/name@revision"`, a data set on the Hugging Face Hub |
    | a name | a key of `ganzoo.datasets.DATASETS`; `"./mnist"` is a folder of that name |
    | a list | of paths, of shards, of Pillow's images, or of arrays of one shape |
    | an array or tensor | `(n, height, width, channels)`, uint8 or float in [0, 255] |
    | a tuple | any of these, with labels: `(images, labels)` or `(images, labels, weights)` |
    | a dictionary | of arrays, by the usual names: `{"images": ..., "labels": ...}` |
    | a set | an `ImageSet`, or what `image_folder` returns |

    Args:
        data: one of the table.
        image_shape: `(height, width, channels)`. Files, pictures and named datasets are brought to
            it, and the former two need it; arrays must have it. By default their own.
        labels: an array or list with the class of each image, a number or a name; `"inferred"`
            makes the sub-folders of a folder its classes, any other text names a column of its
            `metadata.csv`, `metadata.jsonl`, `labels.csv` or `dataset.json`; a list of columns,
            `["smiling", "hat"]`, makes them attributes, of which an image may have several; False
            leaves out those that come with the data. By default those that come with it; a folder
            has none.
        image_column: which column of parquet files holds the images, where it is not plain.
        split: of a named dataset or one on the Hub, `"train"` by default; or of an `.npz` file with
            such names.
        fit: what becomes of pictures of another aspect: `"crop"`, `"pad"` or `"stretch"`.
        background: the colour behind transparent pixels, and around padded pictures.
        decode: `"fast"` halves JPEG that are far larger than `image_shape` while they are decoded,
            which takes a fraction of the time and changes a pixel by one or two grey levels.
        flip: whether training mirrors half of the images, drawn anew for each epoch.
        balanced: whether training shows each class equally often, however rare it is: the images of
            a rare class repeat within an epoch.
        limit: how many images to keep at most. They are drawn, always the same ones, from all
            classes; other files are not opened.
        class_names: the classes in the order of their labels: the sub-folders of a folder, or the
            names among `labels`. By default in alphabetical order, numbers by their value.
        attributes: the names of attributes, where labels are vectors of them, `(n, attributes)`,
            0 or 1 each; or of the columns of files that hold them.
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
    options = Options(
        image_shape,
        labels,
        image_column,
        split,
        fit,
        background,
        decode,
        limit,
        class_names,
        attributes,
        strict,
        verbose,
    )
    found = checked(_found(data, options), image_shape)
    if balanced and found.classes is None:
        raise ValueError("balanced=True needs labels: there is no class to be balanced.")
    return replace(found, flip=flip or found.flip, balanced=balanced or found.balanced)


def _found(data: Any, options: Options) -> ImageSet:
    """Return what the data are, unchecked."""
    if isinstance(data, str) and data in DATASETS:
        return read_named(data, options)
    if isinstance(data, str | os.PathLike):
        return _of_path(data, options)
    if options.split is not None:
        raise ValueError(f"split={options.split!r} is for named datasets and .npz files alone.")
    if isinstance(data, ImageArrays):
        data = set_of(data)
    if isinstance(data, ImageSet):
        return _of_set(data, options)
    if isinstance(data, Mapping):
        return _of_tuple(unpack(data), options)
    if isinstance(data, tuple) or _is_images_and_labels(data):
        return _of_tuple(data, options)
    if isinstance(data, list):
        return _of_list(data, options)
    if is_array(data):
        return _of_set(ImageSet(as_array(data)), options)
    raise TypeError(
        "Images are an array, a list of them, of paths or of Pillow's images, (images, labels), a "
        f"folder, a zip archive or the name of a dataset, not {type(data).__name__}."
    )


def _of_path(path: str | os.PathLike[str], options: Options) -> ImageSet:
    """Read a folder, an archive, or a file of arrays."""
    if hub_sets.is_set(path):
        return replace(_of_files(path, options), split=options.split)
    is_path(path)
    path = expanded(path)
    if path.suffix.lower() in ARRAY_FILES and path.is_file():
        found = _found(read_arrays(path, options.split), replace(options, split=None))
        return replace(found, name=path.name, split=options.split)
    if files := array_files(path, options.image_shape):
        return _of_array_folder(path, files, options)
    if options.split is not None:
        raise ValueError(
            f"split={options.split!r} is for named datasets and .npz files alone: "
            f"{os.fspath(path)!r} is a folder or an archive."
        )
    return _of_files(path, options)


def _of_array_folder(path: Path, files: Sequence[Path], options: Options) -> ImageSet:
    """Read a folder of arrays; its sub-folders are classes, if files have no labels."""
    grey = options.image_shape is not None and options.image_shape[2] == 1
    images, labels, names = read_folder_of_arrays(
        path, files, options.split, options.inferred, grey
    )
    found = _found((images, labels), replace(options, split=None, limit=None))
    found = replace(found, name=path.resolve().name, split=options.split, files=names)
    return _of_set(found, Options(limit=options.limit))


def _of_files(path: str | os.PathLike[str], options: Options) -> ImageSet:
    """Read image files of a folder, an archive, shards or the Hub."""
    if options.labels_given and not options.columns:
        raise TypeError(
            "Labels of a folder, its sub-folders, come with it: give none, or the name of a column "
            "in its metadata.csv."
        )
    return read_folder(
        path,
        options.preparation("files"),
        labels=options.column,
        image_column=options.image_column,
        split=options.split,
        class_names=None if options.no_labels else options.class_names,
        columns=options.columns,
        attributes=options.attributes,
        limit=options.limit,
        strict=options.strict,
        verbose=options.verbose,
    )


def _of_set(found: ImageSet, options: Options) -> ImageSet:
    """Take images that are there already."""
    if not found.images.ndim:
        checks.check_shape(found.images, options.image_shape)
    if options.no_labels:
        found = replace(found, labels=None, class_names=None, attributes=None)
    if options.attributes and found.labels is not None:
        found = replace(found, attributes=found.attributes or list(options.attributes))
    found = replace(found, **options.given_labels())
    labels = found.classes
    if labels is not None:
        checks.check_label_shape(labels, len(found))
        labels = labels.reshape(-1)
    rows = choosing.first_of(len(found), labels, options.limit)
    return found if rows is None else found.take(rows)


def _of_tuple(parts: Sequence[Any], options: Options) -> ImageSet:
    """Read images with labels, and perhaps weights, beside them."""
    if not 1 <= len(parts) <= 3:
        raise ValueError(
            f"A tuple is (images, labels) or (images, labels, weights), not {len(parts)} things: "
            "give several images as a list."
        )
    images, labels, weight = (*parts, None, None)[:3]
    if labels is not None and options.labels_given:
        raise ValueError("There are labels in the tuple, and others beside it: give one.")
    if labels is not None and not options.no_labels:
        options = replace(options, labels=labels)
    if weight is None:
        return _found(images, options)
    found = _found(images, replace(options, limit=None))
    weight = as_array(weight)
    checks.check_weights(weight, len(found))
    found = replace(found, sample_weight=weight)
    return _of_set(found, Options(limit=options.limit))


def _of_list(parts: list[Any], options: Options) -> ImageSet:
    """Read a list of paths, of pictures or of arrays."""
    if not parts:
        raise ValueError("There is no image to train on: the list is empty.")
    if all(isinstance(each, str | os.PathLike) for each in parts):
        if all(Path(each).suffix.lower() in SHARDS for each in parts):
            return _of_files(Several(tuple(map(expanded, parts))), options)
        return _of_pictures(parts, options)
    if all(isinstance(each, Image.Image) for each in parts):
        return _of_pictures(parts, options)
    if any(isinstance(each, str | os.PathLike | Image.Image) for each in parts):
        kinds = sorted({type(each).__name__ for each in parts})
        raise TypeError(
            "A list of images holds paths, Pillow's pictures or arrays, and not several of "
            f"them: here are {' and '.join(kinds)}."
        )
    images = as_array(parts)
    of_python = isinstance(parts[0], list) and images.dtype == np.int64
    if of_python and (images & 255 == images).all():  # it has one kind of whole numbers
        images = images.astype(np.uint8)
    return _of_set(ImageSet(images), options)


def _of_pictures(parts: list[Any], options: Options) -> ImageSet:
    """Read a list of paths or of Pillow's pictures."""
    known = options.given_labels()
    labels, classes = known.get("labels"), None
    if labels is not None and options.attributes:
        checks.check_vector_shape(labels, len(parts), options.attributes)
    elif labels is not None:
        checks.check_label_shape(labels, len(parts))
        classes = labels = labels.reshape(-1)
    rows = choosing.first_of(len(parts), classes, options.limit)
    rows = np.arange(len(parts)) if rows is None else rows
    chosen = [parts[row] for row in rows]
    if isinstance(parts[0], Image.Image):
        found = ImageSet(pictures(chosen, options.preparation("pictures")))
    else:
        prepare = options.preparation("files")
        found, usable = read_files(chosen, prepare, strict=options.strict, verbose=options.verbose)
        rows = rows[usable]
    return replace(found, **(known | {"labels": None if labels is None else labels[rows]}))


def is_images(data: Any) -> bool:
    """Whether `read` takes it; anything else can be a dataset of batches at most."""
    if isinstance(data, keras.utils.PyDataset):
        return isinstance(data, ImageArrays)
    known = (str, os.PathLike, ImageSet, Mapping, tuple, list)
    return isinstance(data, known) or is_array(data)


def set_of(batches: ImageArrays) -> ImageSet:
    """Return the images of batches, all at once."""
    if isinstance(batches, ImageFolder):
        return batches.image_set
    found = ImageSet(batches.images, *batches.targets)
    found = replace(found, flip=batches.flip, balanced=batches.balanced)
    return found if batches.count == len(found) else found.take(batches.rows)


def checked(found: ImageSet, image_shape: ImageShape | None = None) -> ImageSet:
    """Return a set, its labels int32 `(n,)` or attributes float32, after looking at every value.

    Args:
        found: what was read.
        image_shape: what each image must have, or None.

    Raises:
        ValueError: images, labels or weights of another shape or range.
        TypeError: a dtype that cannot hold them.
    """
    checks.check_shape(found.images, image_shape)
    check_pixels(found.images, of_files=found.report is not None)
    if found.sample_weight is not None:
        checks.check_weights(found.sample_weight, len(found))
    if found.labels is None:
        return found
    if found.attributes:
        checks.check_vector_shape(found.labels, len(found), found.attributes)
        checks.check_vectors(found.labels)
        return replace(found, labels=found.labels.astype(np.float32))
    classes = None if found.class_names is None else len(found.class_names)
    checks.check_label_shape(found.labels, len(found), classes)
    labels = found.labels.reshape(-1).astype(np.int32)
    if classes is not None:
        checks.check_labels(labels, classes)
    return replace(found, labels=labels)


def _is_images_and_labels(data: Any) -> bool:
    """Whether a list is images with labels, as Keras takes them, rather than many images."""
    if not isinstance(data, list) or len(data) not in (2, 3):
        return False
    images, *others = (getattr(each, "ndim", None) for each in data)
    return images == 4 and all(each in (1, 2) for each in others)
