"""What cannot be trained on is refused, with words that say what to do instead."""

import importlib.util

import keras
import numpy as np
import pytest

from ganzoo.datasets import checks as inputs

CLASSES = 3
GOOD = np.random.default_rng(0).integers(0, 256, (4, 9, 8, 1)).astype("float32")
LABELS = np.array([0, 2, 1, 0])


def changed(value):
    """Return good images with one pixel changed."""
    images = GOOD.copy()
    images[1, 2, 3] = value
    return images


ONE_ARRAY = "axes batch, height, width and channels"
WRONG_IMAGES = {
    "scaled to [0, 1]": (GOOD / 255, ValueError, r"images \* 255"),
    "scaled to [-1, 1]": (GOOD / 127.5 - 1, ValueError, r"\(images \+ 1\) \* 127.5"),
    "too bright": (changed(300), ValueError, r"to 300\. Rescale or clip"),
    "negative": (changed(-5), ValueError, "from -5 to .*Rescale or clip"),
    "NaN": (changed(np.nan), ValueError, "NaN or infinite pixels; remove"),
    "infinite": (changed(np.inf), ValueError, "NaN or infinite pixels; remove"),
    "int32": (GOOD.astype("int32"), TypeError, r"not int32.*astype\('uint8'\)"),
    "bool": (GOOD > 9, TypeError, r"not bool.*images \* np.uint8\(255\)"),
    "channels first": (np.moveaxis(GOOD, -1, 1), ValueError, r"np.moveaxis\(images, 1, -1\)"),
    "no channels": (GOOD[..., 0], ValueError, r"images\[\.\.\., None\]"),
    "too many channels": (GOOD.repeat(3, -1), ValueError, r"image_shape=\(9, 8, 3\)"),
    "another size": (GOOD[:, 1:], ValueError, r"Resize .*image_shape=\(8, 8, 1\)"),
    "flat": (GOOD.reshape(4, -1), ValueError, r"images.reshape\(-1, 9, 8, 1\)"),
}
NO_DATASET = {
    "a single image": (GOOD[0], ValueError, r"images\[None\]"),
    "empty": (GOOD[:0], ValueError, "no image to train on"),
    "no numbers": (GOOD.astype(str), (TypeError, ValueError), r"uint8"),
    "an empty list": ([], ValueError, "no image to train on"),
    "a list of different sizes": ([GOOD[0], GOOD[0, 1:]], ValueError, "2 different shapes.*resize"),
    "a list of batches": ([GOOD, GOOD], ValueError, ONE_ARRAY),
    "labels without classes": ((GOOD, LABELS), ValueError, "takes images without labels"),
    "four things": ((GOOD, LABELS, LABELS, LABELS), ValueError, "not 4 things"),
    "other names": ({"pictures": GOOD}, TypeError, "'pictures' holds no images.*'image'"),
    "nothing": (None, TypeError, "a dataset of batches, not NoneType"),
    "a number": (3, TypeError, "a dataset of batches, not int"),
}
WRONG_LABELS = {
    "missing": (None, ValueError, r"3 classes.*fit\(images, labels\)"),
    "too large": (LABELS + 1, ValueError, r"Labels must be 0 to 2 .* reach from 1 to 3"),
    "negative": (LABELS - 1, ValueError, r"Labels must be 0 to 2 .* reach from -1 to 1"),
    "one-hot": (np.eye(3, dtype=int)[LABELS], ValueError, r"labels.argmax\(axis=-1\)"),
    "float": (LABELS * 1.0, TypeError, r"not float64.*labels.astype\('int32'\)"),
    "too few": (LABELS[:3], ValueError, r"shape \(4,\), not \(3,\)"),
}


class Dataset(keras.utils.PyDataset):
    def __init__(self, *batch, length=1):
        super().__init__()
        self.batch, self.length = batch, length

    @property
    def num_batches(self):
        return self.length

    def __getitem__(self, index):
        if not 0 <= index < self.length:
            raise IndexError(index)
        return self.batch


class Loader:
    """A dataset of the backend's own kind, whose only batch is the given one."""

    def __new__(cls, *batch):
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            return tf.data.Dataset.from_tensors(batch)
        if keras.backend.backend() == "torch":
            from torch.utils.data import DataLoader

            return DataLoader([batch], batch_size=None)
        return pytest.skip("this backend has no kind of dataset of its own")


@pytest.fixture(params=["array", "PyDataset", "own dataset", "validation_data"])
def attempt(request, gan):
    """Return a function that gives its images and labels to `fit`, in one of four ways."""

    def fit(classes, images, *labels):
        model = gan(classes)
        if request.param == "array":
            model.fit(images, *labels, verbose=0)
        elif request.param == "validation_data":
            good = (GOOD, LABELS) if classes else (GOOD,)
            model.fit(*good, validation_data=(images, *labels), verbose=0)
        else:
            kind = {"PyDataset": Dataset, "own dataset": Loader}[request.param]
            model.fit(kind(images, *labels), verbose=0)

    return fit


@pytest.mark.parametrize("wrong", WRONG_IMAGES)
def test_wrong_images_are_refused(attempt, gan, state, wrong):
    images, error, advice = WRONG_IMAGES[wrong]
    before = state(gan())
    with pytest.raises(error, match=advice):
        attempt(None, images)
    for old, new in zip(before, state(gan()), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("wrong", NO_DATASET)
def test_what_is_no_array_of_images_is_refused(gan, wrong):
    images, error, advice = NO_DATASET[wrong]
    with pytest.raises(error, match=advice):
        gan().fit(images, verbose=0)


@pytest.mark.parametrize("wrong", WRONG_LABELS)
def test_wrong_labels_are_refused(attempt, wrong):
    labels, error, advice = WRONG_LABELS[wrong]
    with pytest.raises(error, match=advice):
        attempt(CLASSES, GOOD, *([] if labels is None else [labels]))


def test_labels_without_classes_are_refused(attempt):
    with pytest.raises(ValueError, match=r"takes images without labels.*num_classes="):
        attempt(None, GOOD, LABELS)


@pytest.mark.parametrize("shape", [(3,), (4, 1), ()])
def test_sample_weights_of_another_shape_are_refused(gan, shape):
    """Broadcast, they would weigh every image with the weights of all."""
    with pytest.raises(ValueError, match=r"sample weights of shape \(4,\)"):
        gan(CLASSES).fit(GOOD, LABELS, sample_weight=np.ones(shape), verbose=0)
    with pytest.raises(ValueError, match=r"sample weights of shape \(4,\)"):
        gan(CLASSES).fit(Dataset(GOOD, LABELS, np.ones(shape)), verbose=0)


@pytest.mark.parametrize(
    ("classes", "batch", "error", "advice"),
    [
        (None, (GOOD[..., 0],), ValueError, r"images\[\.\.\., None\]"),
        (None, (GOOD.astype("int32"),), TypeError, r"astype\('uint8'\)"),
        (None, (GOOD, LABELS), ValueError, "takes images without labels"),
        (CLASSES, (GOOD,), ValueError, r"fit\(images, labels\)"),
        (CLASSES, (GOOD, np.eye(3, dtype="int32")[LABELS]), ValueError, r"argmax\(axis=-1\)"),
        (CLASSES, (GOOD, LABELS, np.ones((4, 1))), ValueError, "sample weights of shape"),
    ],
    ids=["shape", "dtype", "labels", "no labels", "one-hot", "weights"],
)
def test_a_generators_batches_are_checked(gan, classes, batch, error, advice):
    with pytest.raises(error, match=advice):
        gan(classes).fit((each for each in [batch] * 2), steps_per_epoch=2, verbose=0)


@pytest.mark.parametrize("kind", ["PyDataset", "own dataset"])
def test_an_empty_dataset_is_refused(gan, kind):
    if kind == "PyDataset":
        empty = Dataset(length=0)
    elif keras.backend.backend() == "tensorflow":
        empty = Loader(GOOD).take(0)
    else:
        empty = Loader(GOOD)
        empty.dataset.clear()
    with pytest.raises(ValueError, match=r"no image|empty"):
        gan().fit(empty, verbose=0)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (GOOD, None),
        (GOOD.astype("uint8"), None),
        (GOOD.astype("float16"), None),
        (GOOD.astype("float64"), None),
        (GOOD * 0, None),  # all black, which is in both ranges
        (GOOD, LABELS),
        (GOOD, LABELS[:, None]),
        (GOOD, LABELS.astype("uint8")),
        (GOOD, LABELS.tolist()),
    ],
)
def test_good_arrays_pass_as_they_are(images, labels):
    checked = inputs.Checked((9, 8, 1), None if labels is None else CLASSES)
    found = checked.arrays(images, labels, np.ones(4))
    assert found[0] is images  # no copy of what may be large
    if labels is not None:
        np.testing.assert_array_equal(found[1], np.ravel(labels))
        assert found[1].dtype == np.int32


@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="torch is not installed")
def test_tensors_are_arrays():
    """Also those of another framework than the backend's."""
    import torch

    checked = inputs.Checked((9, 8, 1), CLASSES)
    images, labels, _ = checked.arrays(torch.from_numpy(GOOD), torch.from_numpy(LABELS))
    np.testing.assert_array_equal(images, GOOD)
    np.testing.assert_array_equal(labels, LABELS)
    with pytest.raises(ValueError, match=r"images \* 255"):
        checked.arrays(torch.from_numpy(GOOD / 255), torch.from_numpy(LABELS))
