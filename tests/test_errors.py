"""Errors that speak: whatever a user does wrong in Python is named, with what to do; one table.

What is wrong with the values of images and labels has its table in `datasets/test_routes.py`.
"""

import shutil
import zipfile

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo import DCGAN, callbacks, datasets, latents, losses, metrics, penalties, pictures, runs
from ganzoo.augmentation import Augmentation

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")
FRAME = Image.fromarray(IMAGES[0, ..., 0])
SHAPE = (8, 8, 1)
MOST = 400  # letters of a message, and none of them pixels


def tiny(**options):
    return DCGAN(SHAPE, latent_dim=3, base_filters=2, seed=0, **options)


def pixels(images):
    return images.mean(axis=(1, 2))


@pytest.fixture(scope="module")
def gan():
    gan = tiny()
    gan.compile()
    return gan


@pytest.fixture(scope="module")
def pets():
    gan = tiny(class_names=["cat", "dog"])
    gan.compile()
    return gan


@pytest.fixture(scope="module")
def place(tmp_path_factory, gan):
    """A folder with images, a model, and much that is neither."""
    place = tmp_path_factory.mktemp("place")
    contents = {
        "notes.txt": b"Dear diary",
        "photos.rar": b"Rar!\x1a\x07" + bytes(99),
        "photos.zip": b"PK\x03\x04" + bytes(99),
        "photos.tar.gz": b"\x1f\x8b" + bytes(99),
        "nothing.zip": b"",
        "cut.npy": b"\x93NUMPY",
        "cut.npz": b"PK\x03\x04" + bytes(99),
        "page.json": b"{}",
        "texts/a.txt": b"a",
        "broken/a.png": b"a",
    }
    for name, content in contents.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(content)
    (place / "empty").mkdir()
    for n in range(4):
        path = place / "photos" / ("cats", "dogs")[n % 2] / f"{n}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        FRAME.save(path)
    for part in ("test", "train"):
        shutil.copytree(place / "photos", place / "parts" / part)
    FRAME.save(place / "one.png")
    np.save(place / "objects.npy", np.array([{"a": 1}], object), allow_pickle=True)
    np.save(place / "flat.npy", IMAGES.reshape(8, -1))
    np.savez(place / "others.npz", first=IMAGES)
    np.savez(place / "number.npz", images=3)
    with zipfile.ZipFile(place / "empty.zip", "w"):
        pass
    gan.save_to_preset(place / "model")
    gan.save(place / "gan.keras")
    return place


BUILDING = {
    "no shape": (lambda: DCGAN(64), r"must be \(height, width, channels\), e\.g\. .*, not 64"),
    "two sides": (lambda: DCGAN((28, 28)), r"\(height, width, channels\).*not \(28, 28\)"),
    "channels first": (lambda: DCGAN((3, 64, 64)), r"channels-first: give \(height, width, chan"),
    "too small": (lambda: DCGAN((4, 4, 1)), "height must be a whole number, at least 8, not 4"),
    "too large": (lambda: DCGAN((5000, 5000, 3)), "at most 16,777,216 values"),
    "texts": (lambda: DCGAN(SHAPE, latent_dim="9"), "latent_dim must be a whole number, 1 to"),
    "names as a number": (lambda: DCGAN(SHAPE, num_classes=["a", "b"]), "give the names as class_"),
    "one name": (lambda: DCGAN(SHAPE, class_names="cats"), "class_names must be a list of names"),
    "a name twice": (lambda: DCGAN(SHAPE, class_names=["a", "a"]), "needs 2 different names"),
    "an unknown argument": (lambda: DCGAN(SHAPE, filters=3), "argument 'filters'"),
    "an unknown choice": (lambda: DCGAN(SHAPE, upsampling="x"), "'transposed' or 'resize', not"),
    "no family": (lambda: ganzoo.GAN(SHAPE), r"is what the families share: build .*dcgan"),
}
COMPILING = {
    "loss": (lambda: tiny().compile(loss="wgan"), "Unknown loss 'wgan'. Known: non_saturating"),
    "loss of Keras": (lambda: tiny().compile(loss=keras.losses.Hinge()), "subclassing Adversarial"),
    "optimizer": (lambda: tiny().compile(optimizer="adam"), "generator_optimizer, discriminator_o"),
    "unknown optimizer": (
        lambda: tiny().compile("adma"),
        "generator_optimizer must be a keras.*'ad",
    ),
    "a rate": (
        lambda: tiny().compile(None, 1e-4),
        "discriminator_optimizer must be a keras.*0.0001",
    ),
    "metrics": (lambda: tiny().compile(metrics=["mse"]), r"no argument \['metrics'\].*built in"),
    "average": (lambda: tiny().compile(ema_decay=2), "decay between 0 and 1, e.g. 0.999, or None"),
    "one penalty": (lambda: tiny().compile(penalties=penalties.R1()), "penalties must be a list"),
    "a penalty's name": (lambda: tiny().compile(penalties="r1"), "must be a list.*not 'r1'"),
    "a penalty's class": (
        lambda: tiny().compile(penalties=[penalties.R1]),
        r"objects of.*R1\(\)\]",
    ),
    "a penalty's weight": (lambda: penalties.R1("x"), "weight must be above 0, not 'x'"),
    "margin": (lambda: losses.Hinge(spread=-1), "spread must be from 0 to 1"),
    "augmentation": (
        lambda: tiny().compile(augmentation="flip"),
        "takes a list of transformations",
    ),
    "transformation": (lambda: Augmentation([1]), r"object of ganzoo.augmentation, e.g. Flip\(\)"),
    "rounds": (lambda: tiny().compile(discriminator_steps=0), "whole number from 1, not 0"),
    "stages": (
        lambda: tiny().compile(frozen_stages="all"),
        "frozen_stages must be 0 to 1, not 'al",
    ),
    "steps at once": (lambda: tiny().compile(steps_per_execution=0), "at least 1, not 0"),
    "compiler": (
        lambda: tiny().compile(jit_compile="yes"),
        "must be True, False or 'auto', not 'y",
    ),
    "quantizing": (lambda: tiny().quantize("int8"), r"neither trained nor shared.*export"),
}
FITTING = {
    "nothing": ((), "Images are an array, a list, a folder.*not NoneType"),
    "a number": ((42,), "Images are an array, a list, a folder.*not int"),
    "no images": (([],), "the list is empty"),
    "no parts": (((),), r"\(images, labels, weights\), not 0 things"),
    "other keys": (({"a": IMAGES},), "A batch with 'a' holds no images by any of the names 'image"),
    "numbers": ((range(3),), r"Expected batches of images, not int: 0.*list\(paths\)"),
    "bytes": ((b"photos",), "Expected batches of images, not int"),
    "an empty path": (("",), "The path is empty: give one, or '.' for the current"),
    "nowhere": (("nowhere",), "no folder or zip archive, nor a dataset.*mnist"),
    "a pattern": (("photos/*.png",), "No file fits the pattern"),
    "an address": (("https://x.org/a.zip",), "Nothing is fetched from other places: download it"),
    "a Hub's name": (("me/pets",), "On the Hub, that is 'hf://datasets/me/pets'"),
    "a preset's handle": (("hf://me/pets",), "On the Hub, that is 'hf://datasets/me/pets'"),
    "a list of folders": ((["photos/cats", "photos/dogs"],), "'photos/cats' is a folder: give one"),
    "a missing file": ((["one.png", "two.png"],), "There is no file at 'two.png'"),
    "one picture": (("one.png",), r"a single image \(PNG\). Give its folder, or a list"),
    "a text": (("notes.txt",), "neither a folder nor a whole zip archive: no image"),
    "a RAR archive": (("photos.rar",), "a RAR archive; unpack it"),
    "a gzip archive": (("photos.tar.gz",), "a gzip archive; unpack it"),
    "a cut archive": (("photos.zip",), "it is cut off; copy or download it again"),
    "an empty file": (("nothing.zip",), "the file is empty"),
    "an empty archive": (("empty.zip",), "has no usable image. Found: 0 other files"),
    "an empty folder": (("empty",), "has no usable image. Found: 0 other files"),
    "texts alone": (
        ("texts",),
        "no usable image. Found: 0 other files, 1 hidden files and sidecars",
    ),
    "broken files": (("broken",), r"Found: 1 other files \(1 .png\)(.|\n)*a.png: no image"),
    "a model": (("model",), "is a model, as save_to_preset.*and no folder of images"),
    "a cut array": (("cut.npy",), "'cut.npy' is no whole file of arrays"),
    "cut arrays": (("cut.npz",), "'cut.npz' is no whole file of arrays"),
    "objects": (("objects.npy",), r"holds Python objects, which are not read.*np.stack"),
    "flat images": (("flat.npy",), r"look flattened: give images.reshape\(-1, 8, 8, 1\)"),
    "other names": (("others.npz",), "holds 'first', and no images.*call them 'images'"),
    "a lonely number": (("number.npz",), r"Expected images of shape .*not \(\)"),
    "masked": ((np.ma.masked_greater(IMAGES, 9),), r"is masked: give array.filled\(0\)"),
    "labels": ((IMAGES, np.zeros(8, int)), "has no classes, so it takes images without labels"),
}
MISTYPED = {
    "callbacks": (
        {"callback": []},
        r"fit\(\) has no argument 'callback': did you mean 'callbacks'",
    ),
    "a strange argument": ({"workers": 4}, "fit.. has no argument 'workers': it has x, y, batch_"),
    "no step to validate on": (
        {"validation_steps": 0},
        "validation_steps must be a whole number, at least 1, not 0",
    ),
    "no image to validate on at once": (
        {"validation_batch_size": 0},
        "validation_batch_size must be a whole number, at least 1, not 0",
    ),
    "a callback's name": ({"callbacks": "ExactResume"}, "objects of keras.callbacks.Callback"),
}
DRAWING = {
    "none": (lambda gan, pets: gan.generate(0), "n must be a whole number, at least 1, not 0"),
    "a text": (
        lambda gan, pets: gan.generate("5"),
        "n must be a whole number, at least 1, not '5'",
    ),
    "a seed": (
        lambda gan, pets: gan.generate(1, seed=-1),
        "seed must be a whole number, at least 0",
    ),
    "a seed in letters": (
        lambda gan, pets: gan.generate(1, seed="a"),
        "seed must be a whole number",
    ),
    "no class": (lambda gan, pets: pets.generate(1, "cow"), r"Unknown label 'cow': give 0 to 1 or"),
    "a high class": (
        lambda gan, pets: pets.generate(1, 9),
        "Unknown label 9: give 0 to 1 or one of",
    ),
    "one-hot": (lambda gan, pets: pets.generate(2, np.eye(2)), r"give labels.argmax\(axis=-1\)"),
    "few labels": (
        lambda gan, pets: pets.generate(3, [0, 1]),
        "3 images take one label or 3, not 2",
    ),
    "labels of none": (
        lambda gan, pets: gan.generate(1, 1),
        "has no classes: call it without labels",
    ),
    "letters": (lambda gan, pets: gan.draw("x"), "Latents are numbers, not str"),
    "other latents": (
        lambda gan, pets: gan.draw(np.zeros((2, 5))),
        r"of shape \(..., 3\), not \(2, ",
    ),
    "NaN": (
        lambda gan, pets: gan.draw(np.full((2, 3), np.nan)),
        "Some latents are NaN or infinite",
    ),
    "unlike labels": (
        lambda gan, pets: pets.draw(np.zeros((3, 3)), [0, 1]),
        r"Labels of shape \(2,\) do not fit \(3,\) latents",
    ),
    "a short walk": (lambda gan, pets: latents.walk([], 3), "2 stops at least, not 0"),
    "many directions": (
        lambda gan, pets: latents.directions(gan, 9),
        "n must be 1 to 3, the model's",
    ),
    "no steps": (lambda gan, pets: latents.invert(gan, IMAGES, steps=0), "must be at least 1"),
    "no grid": (lambda gan, pets: pictures.image_grid(IMAGES[0]), "A grid needs images of shape"),
    "no ending": (lambda gan, pets: pictures.save_picture("a", FRAME), "ends in .png, .jpg"),
    "no picture": (lambda gan, pets: pictures.save_picture("a.png", IMAGES[0]), "one of Pillow's"),
    "no frames": (
        lambda gan, pets: pictures.save_film("a.gif", IMAGES[..., 0]),
        "Frames are Pillow",
    ),
    "a film": (lambda gan, pets: pictures.save_film("a.avi", [FRAME]), "ends in .gif, .webp or"),
    "no folder": (
        lambda gan, pets: pictures.save_film("a.gif", "nowhere"),
        "no folder of pictures",
    ),
}
SHARING = {
    "an old ending": (lambda gan: gan.save("gan.h5"), "ends in .keras, unlike 'gan.h5'"),
    "no path": (lambda gan: gan.save_to_preset(""), "The path is empty: give one"),
    "a file": (lambda gan: gan.save_to_preset("notes.txt"), "A part of the path is a file"),
    "a text": (lambda gan: gan.save_to_preset("new", "mine"), "metadata is a dict.*not str"),
    "a set": (lambda gan: gan.save_to_preset("new", {"x": {1}}), "plain data.*not set"),
    "NaN": (lambda gan: gan.save_to_preset("new", {"x": np.nan}), "cannot hold NaN"),
    "an export": (lambda gan: gan.export("a.foo"), r"ends like no format: .*'onnx' \(.onnx\)"),
    "no model": (
        lambda gan: ganzoo.from_preset(None),
        "a name, a folder or a handle.*not NoneType",
    ),
    "a misspelt name": (lambda gan: ganzoo.from_preset("mnits"), "Did you mean 'mnist'"),
    "images": (
        lambda gan: ganzoo.from_preset("photos"),
        "no preset: it has no metadata.json. A pres",
    ),
    "a checkpoint": (
        lambda gan: ganzoo.from_preset("gan.keras"),
        "is a file. A preset is a folder",
    ),
    "another family": (
        lambda gan: ganzoo.FastGAN.from_preset("model"),
        "is a DCGAN, not a FastGAN",
    ),
    "another argument": (
        lambda gan: ganzoo.from_preset("model", filters=3),
        "no argument 'filters'",
    ),
    "a handle": (lambda gan: gan.push_to_hub("gan"), "give 'hf://user/repo'"),
    "no handle": (lambda gan: gan.push_to_hub(None), "A handle is a text such as 'hf://user/repo'"),
}
READING = {
    "a dataset": (lambda: datasets.load("minst"), "Unknown dataset 'minst'.*Did you mean 'mnist'"),
    "a split": (lambda: datasets.load("mnist", "val"), "Unknown split 'val'. Known: train, test"),
    "no shape": (lambda: datasets.read("photos"), r"image_shape=\(height, width, channels\)"),
    "a side": (lambda: datasets.image_folder("photos", 64), r"image_shape=\(height.*not 64"),
    "texts": (lambda: datasets.image_folder("photos", "64x64"), "image_shape=.*not '64x64'"),
    "absurd": (lambda: datasets.image_folder("photos", (10**5, 10**5, 3)), "at most 16,777,216"),
    "two channels": (lambda: datasets.image_folder("photos", (8, 8, 2)), "with 1 .grey., 3 .RGB."),
    "a list": (
        lambda: datasets.image_folder(["photos"], SHAPE),
        "path of a file or folder, not list",
    ),
    "a fit": (lambda: datasets.image_folder("photos", SHAPE, fit="x"), "Known: crop, pad, stretch"),
    "a colour": (
        lambda: datasets.image_folder("photos", SHAPE, background="x"),
        "is no colour: give",
    ),
    "a column": (
        lambda: datasets.read("photos", SHAPE, labels="x"),
        "no column 'x': there is no meta",
    ),
    "parquet's": (
        lambda: datasets.read("photos", SHAPE, image_column="x"),
        "parquet files, and 'pho",
    ),
    "a folder's split": (
        lambda: datasets.read("photos", SHAPE, split="test"),
        "is a folder or an arc",
    ),
    "a split looked at": (
        lambda: datasets.inspect("photos", split="test"),
        "is a folder or an archive",
    ),
    "splits": (
        lambda: datasets.read("parts", SHAPE, labels="inferred"),
        r"look like splits.*train'",
    ),
    "a limit": (lambda: datasets.read(IMAGES, limit="5"), "limit must leave one image.*not '5'"),
    "missing labels": (
        lambda: datasets.read(IMAGES, labels=["a", np.nan] * 4),
        "neither numbers nor",
    ),
    "balance": (lambda: datasets.read(IMAGES, balanced=True), "balanced=True needs labels"),
    "a look at arrays": (lambda: datasets.inspect(IMAGES), "a file or folder, not ndarray"),
    "a look at a name": (lambda: datasets.inspect("mnist"), "'mnist' is known: it needs no look"),
    "a largest side": (lambda: datasets.inspect("photos", "x"), "largest must be a whole number"),
}
SCORING = {
    "an extractor": (lambda gan: metrics.evaluate(IMAGES, gan, "eyes"), "Unknown extractor 'eyes'"),
    "a metric": (lambda gan: metrics.evaluate(IMAGES, gan, pixels, ["fdi"]), "Did you mean 'fid'"),
    "the order": (lambda gan: metrics.evaluate(gan, IMAGES, pixels), "The real images are a model"),
    "one image": (lambda gan: metrics.evaluate(IMAGES, gan, pixels, n=1), "at least 2 generated"),
    "a model's folder": (
        lambda gan: metrics.evaluate(IMAGES, "model", pixels),
        "is a model, as save",
    ),
    "a split": (
        lambda gan: metrics.evaluate("photos", gan, pixels, split="x"),
        "split='x' is for nam",
    ),
    "two folders": (lambda gan: metrics.evaluate("photos", "photos"), "give image_shape"),
    "no features": (
        lambda gan: metrics.evaluate(IMAGES, gan, lambda x: x, n=8),
        r"expected \(8, size",
    ),
    "neighbours": (lambda gan: metrics.nearest_neighbours(*np.ones((2, 5, 2)), k=9), "from 1 to 5"),
    "no scores": (
        lambda gan: metrics.Evaluation.load("page.json"),
        "no evaluation.*has no 'scores'",
    ),
}
WATCHING = {
    "grids in a file": (lambda: callbacks.SampleGrid("notes.txt"), "is a file, and no folder"),
    "grids nowhere": (lambda: callbacks.SampleGrid(""), "The path is empty"),
    "grids of none": (lambda: callbacks.SampleGrid("s", 0), "whole number of images, at least 1"),
    "a film": (lambda: callbacks.TrainingFilm("a.avi"), "or .mp4, unlike 'a.avi'"),
    "curves": (lambda: callbacks.LossCurves("notes.txt"), "is a file, and no folder"),
    "checkpoints": (lambda: callbacks.ExactResume("notes.txt"), "is a file, and no folder"),
    "minutes": (lambda: callbacks.ExactResume("c", minutes="5"), "a number above 0, not '5'"),
    "a snapshot": (lambda: callbacks.BestSnapshot("b.h5", IMAGES), "must end in .keras"),
    "its metric": (
        lambda: callbacks.BestSnapshot("b.keras", IMAGES, metric="x"),
        "Known: fid, kid",
    ),
    "none yet": (
        lambda: callbacks.BestSnapshot("b.keras", IMAGES).restore(None),
        "No best epoch is in",
    ),
    "a roll-back": (
        lambda: callbacks.Doctor(IMAGES, roll_back=True),
        "the BestSnapshot among the ca",
    ),
}
RUNS = {
    "no recipe": (lambda gan: runs.train(tiny(), IMAGES, "r"), r"before the run: gan.compile\(\)"),
    "a plan of none": (lambda gan: runs.plan(tiny(), IMAGES), r"are tried: gan.compile\(\)"),
    "a file": (
        lambda gan: runs.train(gan, IMAGES, "notes.txt/r"),
        "notes.txt is a file, and no fol",
    ),
    "other files": (
        lambda gan: runs.train(gan, IMAGES, "texts"),
        "holds other files, such as a.txt",
    ),
    "among images": (lambda gan: runs.train(gan, "photos", "photos/r"), "lies among the images"),
    "epochs": (lambda gan: runs.train(gan, IMAGES, "r", "5"), "epochs must be a whole number"),
    "batch_size": (
        lambda gan: runs.train(gan, IMAGES, "r", 1, 0),
        "batch_size must be a whole numb",
    ),
    "labels": (
        lambda gan: runs.train(gan, "photos", "r", labels="x"),
        "is for a model with classes",
    ),
    "balance": (
        lambda gan: runs.train(gan, IMAGES, "r", balanced=True),
        "balanced=True needs labels",
    ),
    "metadata": (lambda gan: runs.train(gan, IMAGES, "r", metadata="x"), "metadata is a dict"),
    "one image": (
        lambda gan: runs.train(gan, IMAGES, "r", limit=1),
        "One image cannot be learned from",
    ),
}
TABLES = {"building": BUILDING, "compiling": COMPILING, "reading": READING, "watching": WATCHING}
WITH_A_MODEL = {"sharing": SHARING, "scoring": SCORING, "runs": RUNS}


def refused(call, said):
    """Check that a call is refused in a few plain words."""
    with pytest.raises((ValueError, TypeError, OSError, NotImplementedError), match=said) as raised:
        call()
    assert not isinstance(raised.value, UnicodeError)
    assert len(str(raised.value)) < MOST
    assert "0x" not in str(raised.value)


def cases(tables):
    return [pytest.param(*each, id=f"{table}-{name}") for table in tables
            for name, each in tables[table].items()]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_written(place, monkeypatch):
    monkeypatch.chdir(place)
    before = sorted(place.rglob("*"))
    yield
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize(("call", "said"), cases(TABLES))
def test_what_is_made(call, said):
    refused(call, said)


@pytest.mark.parametrize(("call", "said"), cases(WITH_A_MODEL))
def test_what_is_done_with_a_model(gan, call, said):
    refused(lambda: call(gan), said)


@pytest.mark.parametrize(("call", "said"), cases({"drawing": DRAWING}))
def test_what_is_drawn(gan, pets, call, said):
    refused(lambda: call(gan, pets), said)


@pytest.mark.parametrize(("data", "said"), cases({"fit": FITTING}))
def test_what_is_trained_on(gan, data, said):
    before = gan.get_weights()
    refused(lambda: gan.fit(*data, verbose=0), said)
    for one, other in zip(gan.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("options", "said"), cases({"fit": MISTYPED}))
def test_how_it_is_trained(gan, options, said):
    refused(lambda: gan.fit(IMAGES, **options, verbose=0), said)
