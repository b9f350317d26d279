"""What `fit` reads by itself: folders, archives and datasets by name."""

import zipfile

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.callbacks.exact_resume import ExactResume
from ganzoo.datasets import DATASETS, ImageSet, image_folder, loading, read

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


PIXELS = np.random.default_rng(3).integers(0, 256, (6, *SHAPE), dtype="uint8")
NUMBERS = np.arange(6) % 3


def pictures():
    return [Image.fromarray(pixels[..., 0]) for pixels in PIXELS]


@pytest.fixture
def paths(tmp_path):
    """Return the files of six pictures, whose pixels are `PIXELS`."""
    found = []
    for number, pixels in enumerate(PIXELS):
        path = tmp_path / "pictures" / CLASSES[number % 3] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[..., 0]).save(path)
        found.append(path)
    return found


def as_objects(images):
    column = np.empty(len(images), object)
    column[:] = list(images)
    return column


def test_every_kind_becomes_the_same_set(paths, tmp_path):
    folder = tmp_path / "pictures"
    np.save(tmp_path / "images.npy", PIXELS)
    np.savez(tmp_path / "images.npz", images=PIXELS, labels=NUMBERS)
    np.savez(tmp_path / "split.npz", x_train=PIXELS, y_train=NUMBERS, x_test=PIXELS[:1])
    by_name = np.argsort([str(path) for path in paths])
    kinds = {
        "array": (read(PIXELS, labels=NUMBERS), None),
        "tensor": (read(keras.ops.convert_to_tensor(PIXELS), labels=NUMBERS), None),
        "list of arrays": (read(list(PIXELS), labels=NUMBERS.tolist()), None),
        "list of lists": (read(PIXELS.tolist(), labels=NUMBERS), None),
        "column of pandas": (read(as_objects(PIXELS), labels=NUMBERS), None),
        "tuple": (read((PIXELS, NUMBERS)), None),
        "list of both": (read([PIXELS, NUMBERS]), None),
        "dictionary": (read({"image": PIXELS, "label": NUMBERS}), None),
        ".npy": (read(tmp_path / "images.npy", labels=NUMBERS), "images.npy"),
        ".npz": (read(str(tmp_path / "images.npz")), "images.npz"),
        ".npz with splits": (read(tmp_path / "split.npz"), "split.npz"),
        "paths": (read(paths, SHAPE, labels=NUMBERS), None),
        "paths as text": (read(list(map(str, paths)), SHAPE, labels=NUMBERS), None),
        "pictures": (read(pictures(), SHAPE, labels=NUMBERS), None),
        "ImageSet": (read(read((PIXELS, NUMBERS))), None),
    }
    for kind, (found, name) in kinds.items():
        np.testing.assert_array_equal(found.images, PIXELS, kind)
        np.testing.assert_array_equal(found.labels, NUMBERS, kind)
        assert found.labels.dtype == np.int32
        assert (len(found), found.image_shape, found.name) == (6, SHAPE, name)
    of_files = (folder, zipped(folder), image_folder(folder, SHAPE, labels="inferred"))
    for data, name in zip(of_files, ("pictures", "pictures.zip", "pictures"), strict=True):
        found = read(data, SHAPE, labels="inferred")
        np.testing.assert_array_equal(found.images, PIXELS[by_name])
        np.testing.assert_array_equal(found.labels, NUMBERS[by_name])
        assert (found.class_names, found.name) == (CLASSES, name)
    assert isinstance(kinds[".npy"][0].images, np.memmap)  # not in memory
    assert read(PIXELS).images is PIXELS  # no copy
    assert len(read(tmp_path / "split.npz", split="test")) == 1


def test_labels_may_be_names_in_any_order(paths):
    names = np.array(CLASSES)[NUMBERS]
    found = read(PIXELS, labels=names)
    assert (found.labels.tolist(), found.class_names) == (NUMBERS.tolist(), CLASSES)
    turned = read(PIXELS, labels=names, class_names=CLASSES[::-1])
    assert turned.labels.tolist() == (2 - NUMBERS).tolist()
    assert read((PIXELS, NUMBERS), labels=False).labels is None
    assert read((PIXELS, [f"{number}" for number in range(8, 14)])).class_names[0] == "8"


@pytest.mark.parametrize("kind", ["array", "paths", "pictures", "folder", "named", "weights"])
def test_a_limit_leaves_some_of_every_class(paths, tmp_path, monkeypatch, kind):
    data = {
        "array": PIXELS,
        "paths": paths,
        "pictures": pictures(),
        "folder": tmp_path / "pictures",
        "named": "fashion_mnist",
        "weights": (PIXELS, NUMBERS, np.ones(6)),
    }[kind]
    monkeypatch.setattr(loading, "load", lambda name, split: (PIXELS, NUMBERS))
    labels = {"folder": "inferred", "named": None, "weights": None}.get(kind, NUMBERS)
    found = read(data, SHAPE, labels=labels, limit=4)
    assert (len(found), set(found.labels)) == (4, {0, 1, 2})
    for image, label in zip(found.images, found.labels, strict=True):
        (number,) = np.flatnonzero((image == PIXELS).all((1, 2, 3)))
        assert NUMBERS[number] == label
    assert (found.sample_weight is not None) == (kind == "weights")


def test_files_of_a_list_keep_their_labels_where_others_cannot_be_read(paths):
    paths[1].write_bytes(b"no image")
    found = read(paths, SHAPE, labels=NUMBERS)
    assert found.labels.tolist() == [0, 2, 0, 1, 2]
    np.testing.assert_array_equal(found.images, np.delete(PIXELS, 1, 0))
    assert [why for _, why in found.report.skipped] == ["no image, or of an unknown kind"]
    with pytest.raises(ValueError, match=r"1\.png cannot be used"):
        read(paths, SHAPE, labels=NUMBERS, strict=True)


def test_options_mean_the_same_for_files_pictures_and_names(paths, monkeypatch):
    wide = Image.new("RGB", (40, 20), "teal")
    files = paths[0].with_name("wide.png")
    wide.save(files)
    monkeypatch.setattr(
        loading, "load", lambda name, split: (np.array(wide)[None], np.zeros(1, int))
    )
    for data in ([files], [wide], "fashion_mnist"):
        padded = read(data, (8, 8, 3), fit="pad", background="black", decode="fast").images[0]
        assert (padded[:2] == 0).all()
        assert (padded[3:5] == (0, 128, 128)).all()
        assert (read(data, (8, 8, 3)).images == (0, 128, 128)).all()
        grey = read(data, (8, 8, 1)).images
        assert grey.shape == (1, 8, 8, 1)
        assert read(data, (8, 8, 1), flip=True).flip


def test_named_classes_are_called_and_numbered_as_asked(monkeypatch):
    own = list(DATASETS["fashion_mnist"].class_names)
    monkeypatch.setattr(loading, "load", lambda name, split: (PIXELS, np.arange(6)))
    found = read("fashion_mnist", SHAPE)
    assert (found.class_names, found.split) == (own, "train")
    turned = read("fashion_mnist", SHAPE, class_names=own[::-1])
    assert turned.labels.tolist() == [9, 8, 7, 6, 5, 4]
    called = read("fashion_mnist", SHAPE, class_names=list("abcdefghij"))
    assert (called.labels.tolist(), called.class_names) == (list(range(6)), list("abcdefghij"))
    without = read("fashion_mnist", SHAPE, labels=False)
    assert without.labels is without.class_names is None


def test_files_of_0_and_1_are_black_unless_they_are_multiplied(tmp_path):
    """As masks are, that hold the numbers of classes."""
    Image.fromarray(PIXELS[0, ..., 0] // 128).save(tmp_path / "mask.png")
    with pytest.raises(ValueError, match=r"Give ganzoo.datasets.image_folder\(...\).images \* 255"):
        read(tmp_path, SHAPE)
    assert read(image_folder(tmp_path, SHAPE, verbose=False).images * 255).images.max() == 255


def test_a_home_is_expanded(paths, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    np.save(tmp_path / "images.npy", PIXELS)
    assert len(read("~/pictures", SHAPE)) == len(read("~/images.npy")) == 6
    assert len(read([f"~/pictures/cats/{number}.png" for number in (0, 3)], SHAPE)) == 2


@pytest.mark.parametrize(
    ("data", "options", "error", "message"),
    [
        ("pictures", {}, ValueError, "say which they shall have: image_shape="),
        ([Image.new("L", (4, 4))], {}, ValueError, "Of pictures, which may have any size"),
        ("pictures", {"split": "test"}, ValueError, "split='test' is for named datasets and"),
        (PIXELS, {"split": "test"}, ValueError, "split='test' is for named datasets and"),
        ("images.npz", {"split": "test"}, ValueError, "no images of the split 'test'"),
        ("other.npz", {}, ValueError, "holds 'weights', and no images: call them 'images'"),
        ("damaged.npy", {}, ValueError, "no whole file of arrays"),
        ("pictures/cats/0.png", {"image_shape": SHAPE}, ValueError, "neither a folder nor a whole"),
        (["nowhere.png"], {"image_shape": SHAPE}, FileNotFoundError, "no file at 'nowhere.png'"),
        ("me/pets", {}, FileNotFoundError, r"On the Hub, that is 'hf://datasets/me/pets'\."),
        ("mnist", {"labels": [1, 2]}, TypeError, "labels of 'mnist' come with it"),
        ("pokemon", {"labels": "inferred"}, ValueError, "'pokemon' has no classes"),
        ((PIXELS, NUMBERS), {"labels": NUMBERS}, ValueError, "labels in the tuple, and others"),
        (PIXELS, {"labels": NUMBERS[:3]}, ValueError, r"labels of shape \(6,\), not \(3,\)"),
        (PIXELS, {"image_shape": (8, 8, 1)}, ValueError, r"images of shape \(batch, 8, 8, 1\)"),
        (PIXELS[..., 0], {}, ValueError, "axes batch, height, width and channels"),
        (PIXELS, {"limit": 0}, ValueError, "limit must leave one image at least"),
        (lambda: None, {}, TypeError, "Images are an array, a list of them.* not function"),
    ],
)
def test_what_is_no_set_of_images_is_refused(
    paths, tmp_path, monkeypatch, data, options, error, message
):
    monkeypatch.chdir(tmp_path)
    np.savez("images.npz", images=PIXELS)
    np.savez("other.npz", weights=PIXELS)
    (tmp_path / "damaged.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(error, match=message):
        read(data, **options)


def test_balance_is_kept_wherever_images_go(gan, folder):
    balanced = read(folder, SHAPE, labels="inferred", balanced=True)
    assert read(balanced).balanced
    assert read(balanced.batches()).balanced
    batches = image_folder(folder, SHAPE, labels="inferred", balanced=True, batch_size=3)
    assert read(batches).balanced
    assert sorted(batches[0][1]) == [0, 1, 2]
    assert np.isfinite(losses(gan(3), balanced, validation_data=balanced)).all()
    one = gan(3).evaluate(balanced, verbose=0)  # every image once, however rare its class is
    assert one == gan(3).evaluate(read(folder, SHAPE, labels="inferred"), verbose=0)
    with pytest.raises(ValueError, match="balanced=True needs labels"):
        read(folder, SHAPE, balanced=True)


def test_a_fingerprint_is_of_shape_and_pixels():
    one, same = ImageSet(PIXELS), ImageSet(np.array(PIXELS), NUMBERS, name="other")
    assert one.fingerprint() == same.fingerprint()
    assert one.fingerprint() != ImageSet(PIXELS.reshape(6, 8, 9, 1)).fingerprint()
    assert repr(same) == "ImageSet(other: (6, 9, 8, 1), labelled)"
