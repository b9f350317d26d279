"""What `fit` reads by itself: folders, archives and datasets by name."""

import zipfile

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.callbacks.exact_resume import ExactResume
from ganzoo.datasets import DATASETS, image_folder

SHAPE = (9, 8, 1)
CLASSES = ["cats", "dogs", "mice"]


@pytest.fixture
def folder(tmp_path):
    """Return a folder of eleven pictures in three sub-folders, and a broken one."""
    random = np.random.default_rng(0)
    for number in range(11):
        path = tmp_path / "photos" / CLASSES[number % 3] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (20, 30), dtype="uint8")).save(path)
    (tmp_path / "photos" / "cats" / "broken.png").write_bytes(b"")
    return tmp_path / "photos"


def losses(model, *data, **options):
    history = model.fit(*data, verbose=0, **{"epochs": 2, "batch_size": 4, **options}).history
    return np.array(list(history.values()))


def zipped(folder):
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as archive:
        for path in folder.rglob("*.png"):
            archive.write(path, path.relative_to(folder))
    return folder.with_suffix(".zip")


@pytest.mark.parametrize("classes", [None, 3])
def test_a_path_trains_as_its_arrays_do(gan, folder, classes):
    read = image_folder(folder, SHAPE, labels="inferred" if classes else None, verbose=False)
    assert read.images.shape == (11, *SHAPE)
    arrays = (read.images,) if classes is None else (read.images, read.labels)
    expected = losses(gan(classes), *arrays)
    batches = image_folder(
        folder, SHAPE, labels=read.class_names and "inferred", batch_size=4, seed=gan().seed
    )
    for data in (folder, str(folder), zipped(folder)):
        np.testing.assert_array_equal(losses(gan(classes), data), expected)
    np.testing.assert_array_equal(losses(gan(classes), batches, batch_size=None), expected)


def test_a_folder_validates_and_is_evaluated(gan, folder):
    read = image_folder(folder, SHAPE, verbose=False)
    expected = losses(gan(), folder, validation_data=(read.images,))
    assert expected.shape == (8, 2)
    np.testing.assert_array_equal(losses(gan(), folder, validation_data=folder), expected)
    model = gan()
    assert model.evaluate(folder, verbose=0) == model.evaluate(read.images, verbose=0)


def test_an_interrupted_training_on_a_folder_goes_on_in_its_order(gan, folder, tmp_path):
    def batches():  # three epochs need three orders and three drawings of what is mirrored
        return image_folder(folder, SHAPE, batch_size=4, flip=True, seed=5, verbose=False)

    options = {"batch_size": None, "steps_per_epoch": 2}
    expected = losses(gan(), batches(), **options, epochs=3)
    stopped = [ExactResume(tmp_path / "checkpoints")]
    losses(gan(), batches(), **options, epochs=1, callbacks=stopped)
    later = losses(gan(), batches(), **options, epochs=3, callbacks=stopped)
    np.testing.assert_array_equal(later, expected[:, 1:])


def test_sub_folders_name_the_classes_of_a_model(gan, folder, tmp_path):
    model = gan(3)
    assert model.class_names is None
    model.fit(folder, batch_size=4, verbose=0)
    assert model.class_names == CLASSES
    model.save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").class_names == CLASSES


def test_labels_follow_the_names_that_the_model_has(folder):
    """A model that calls its classes in another order gets the labels in that order."""
    model = ganzoo.DCGAN(SHAPE, class_names=CLASSES[::-1], base_filters=2)
    read = image_folder(folder, SHAPE, class_names=CLASSES[::-1], verbose=False)
    assert [name.split("/")[0] for name in read.names] == [CLASSES[::-1][n] for n in read.labels]
    model.compile()
    assert np.isfinite(losses(model, folder, epochs=1)).all()
    with pytest.raises(ValueError, match=r"stand for \['cats'.*the model's for \['mice'"):
        model.fit(image_folder(folder, SHAPE, labels="inferred", verbose=False), verbose=0)


@pytest.mark.parametrize(
    ("classes", "data", "labels", "error", "message"),
    [
        (None, "nowhere", None, FileNotFoundError, "'nowhere' is no folder or zip archive.*mnist"),
        (2, "photos", None, ValueError, r"has 3 classes \(cats, dogs, mice\), the model has 2"),
        (3, "photos", [0] * 11, TypeError, "its sub-folders, come with it: give none"),
        (3, "photos/cats", None, ValueError, "has no sub-folders"),
        (None, "photos/cats/broken.png", None, ValueError, "neither a folder nor a whole zip"),
        (None, "fashion_mnist", None, ValueError, "cannot be downloaded|SHA-256"),
    ],
)
def test_what_cannot_be_read_is_refused(
    gan, folder, monkeypatch, classes, data, labels, error, message
):
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("GANZOO_HOME", str(folder.parent))
    for file in DATASETS["fashion_mnist"].files["train"]:  # no request goes out
        path = folder.parent / "fashion_mnist" / file.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"another file")
    with pytest.raises(error, match=message):
        gan(classes).fit(data, labels, verbose=0)
