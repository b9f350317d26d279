"""Every way by which images come in, and every trouble that they bring along: one table."""

import csv
import io
import json
import re
import shutil
import tarfile

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.datasets import ImageSet, read
from ganzoo.pixel_range import check_pixels

CLASSES, COUNT = 3, 6
NAMES = ["cats", "dogs", "mice"]
random = np.random.default_rng(0)
GOOD = random.integers(0, 256, (COUNT, 9, 8, 1), dtype="uint8")
GOOD[0, 0, 0], GOOD[0, 0, 1] = 0, 255  # all of the range
LABELS = np.arange(COUNT, dtype="int32") % CLASSES


class Batches(keras.utils.PyDataset):
    def __init__(self, *batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def tf_data(batch):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("tf.data belongs to another backend")
    import tensorflow as tf

    return tf.data.Dataset.from_tensors(batch)


def loader(batch):
    return loader_of([batch])


def loader_of(batches):
    if keras.backend.backend() != "torch":
        pytest.skip("DataLoader belongs to another backend")
    from torch.utils.data import DataLoader

    return DataLoader(batches, batch_size=None)


def pair(images, labels):
    return (images,) if labels is None else (images, labels)


def named(images, labels):
    return {"image": images} if labels is None else {"image": images, "label": labels}


def saved(folder, images, labels):
    if images.dtype == object:
        pytest.skip("files hold no objects")
    np.save(folder / "images.npy", images)
    return folder / "images.npy", labels


def saved_with_labels(folder, images, labels):
    path, _ = saved(folder, images, labels)
    np.savez(path.with_suffix(".npz"), **named(images, labels))
    return path.with_suffix(".npz")


def iter_of(batches):
    yield from batches


def one_by_one(batch):
    return iter_of([batch])


def fit(gan, *data, **options):
    return gan.fit(*data, **options, verbose=0).history


def validated(gan, data):
    good = pair(GOOD, LABELS if gan.num_classes else None)
    return fit(gan, *good, validation_data=data)


# From a model, a folder to write to, images and labels, to what a user would call.
ARRAYS = {
    "array": lambda gan, _, *data: fit(gan, *data),
    "tensor": lambda gan, _, images, labels: fit(gan, keras.ops.convert_to_tensor(images), labels),
    "list of arrays": lambda gan, _, images, labels: fit(gan, list(images), labels),
    "tuple": lambda gan, _, *data: fit(gan, pair(*data)),
    "dictionary": lambda gan, _, *data: fit(gan, named(*data)),
    ".npy": lambda gan, folder, *data: fit(gan, *saved(folder, *data)),
    ".npz": lambda gan, folder, *data: fit(gan, saved_with_labels(folder, *data)),
    "ImageSet": lambda gan, _, *data: fit(gan, ImageSet(*data)),
    "validation_data": lambda gan, _, *data: validated(gan, pair(*data)),
    "evaluate": lambda gan, _, *data: gan.evaluate(*data),
    "train_on_batch": lambda gan, _, *data: gan.train_on_batch(*data),
    "test_on_batch": lambda gan, _, *data: gan.test_on_batch(*data),
}
BATCHES = {
    "PyDataset": lambda gan, _, *data: fit(gan, Batches(pair(*data))),
    "PyDataset of dictionaries": lambda gan, _, *data: fit(gan, Batches(named(*data))),
    "generator": lambda gan, _, *data: fit(gan, one_by_one(pair(*data)), steps_per_epoch=1),
    "generator of dictionaries": lambda gan, _, *data: fit(
        gan, one_by_one(named(*data)), steps_per_epoch=1
    ),
    "tf.data": lambda gan, _, *data: fit(gan, tf_data(pair(*data))),
    "tf.data of dictionaries": lambda gan, _, *data: fit(gan, tf_data(named(*data))),
    "DataLoader": lambda gan, _, *data: fit(gan, loader(pair(*data))),
    "DataLoader of dictionaries": lambda gan, _, *data: fit(gan, loader(named(*data))),
    "validation batches": lambda gan, _, *data: validated(gan, Batches(pair(*data))),
    "evaluated batches": lambda gan, _, *data: gan.evaluate(Batches(pair(*data))),
}
ROUTES = ARRAYS | BATCHES

FLOATS = GOOD.astype("float32")
WRONG_IMAGES = {
    "in [0, 1]": (FLOATS / 255, r"none is above 1.*Give images \* 255"),
    "in [-1, 1]": (FLOATS / 127.5 - 1, r"from -1 to 1\. Give \(images \+ 1\) \* 127.5"),
    "in [-0.5, 0.5]": (FLOATS / 255 - 0.5, r"Give \(images \+ 0.5\) \* 255"),
    "of 16 bits, as floats": (FLOATS * 257, r"Give images \* \(255 / 65535\)"),
    "standardised": ((FLOATS - 128) / 60, "look standardised"),
    "too bright": (FLOATS * 1.2, "Rescale or clip"),
    "with NaN": (np.where(FLOATS > 250, np.nan, FLOATS), "NaN or infinite"),
    "bool": (GOOD > 99, r"not bool.*images \* np.uint8\(255\)"),
    "0 and 1": ((GOOD > 99).astype("uint8"), r"all would be black. Give images \* 255"),
    "of 16 bits": (GOOD.astype("uint16") * 257, r"in 16 bits: give \(images // 257\)"),
    "of 12 bits in 16": (GOOD.astype("uint16") * 16, r"in 12 bits: give \(images // 16\)"),
    "of 8 bits in 32": (GOOD.astype("int32"), r"give images.astype\('uint8'\)"),
    "around 0": (GOOD.astype("int16") - 128, r"from -128 to 127: give np.rint\(\(images - -128"),
    "channels first": (np.moveaxis(GOOD, -1, 1), r"channels-first: give np.moveaxis"),
    "without channels": (GOOD[..., 0], r"images\[\.\.\., None\]"),
    "flattened": (GOOD.reshape(COUNT, -1), r"flattened: give images.reshape\(-1, 9, 8, 1\)"),
}
# Tensors of some backends, and TensorFlow's own data, have no such numbers.
NO_TENSOR = {"of 16 bits", "of 12 bits in 16"}


@pytest.mark.parametrize("trouble", WRONG_IMAGES)
@pytest.mark.parametrize("route", ROUTES)
def test_wrong_images_are_refused_on_every_route(gan, state, tmp_path, route, trouble):
    images, advice = WRONG_IMAGES[trouble]
    if trouble in NO_TENSOR and (route == "tensor" or "DataLoader" in route):
        pytest.skip("the backend has no such tensor")
    model = gan()
    before = state(model)
    with pytest.raises((ValueError, TypeError), match=advice):
        ROUTES[route](model, tmp_path, images, None)
    for old, new in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("route", BATCHES)
def test_an_unbatched_dataset_is_called_so(gan, tmp_path, route):
    for image in (GOOD[0], np.moveaxis(GOOD[0], -1, 0)):
        with pytest.raises(ValueError, match=r"not a batch: call \.batch\(64\).*DataLoader"):
            BATCHES[route](gan(), tmp_path, image, None)


WRONG_LABELS = {
    "missing": (None, "needs a label for each image"),
    "from 1 on": (LABELS + 1, r"Labels must be 0 to 2 .* reach from 1 to 3: give labels - 1"),
    "too high": (LABELS + 2, r"Labels must be 0 to 2 .* reach from 2 to 4\. Leave"),
    "negative": (LABELS - 1, r"Labels must be 0 to 2 .* reach from -1 to 1"),
    "one-hot": (np.eye(3, dtype="int32")[LABELS], r"labels.argmax\(axis=-1\)"),
    "floats": (LABELS.astype("float32"), "Expected integer labels, not float32"),
    "NaN": (np.where(LABELS > 0, LABELS, np.nan), "Some are NaN or infinite: leave those"),
    "too few": (LABELS[:4], r"labels of shape \(6,\), not \(4,\)"),
    "unknown names": (np.array([*NAMES, "cow", "ox", "cats"]), "'cow' is no class: .*'mice'"),
    "missing names": (np.array([*NAMES, np.nan, *NAMES[:2]], object), "neither numbers nor names"),
}


def conditional(gan, names=None):
    model = gan(CLASSES)
    model.class_names = names
    return model


@pytest.mark.parametrize("trouble", WRONG_LABELS)
@pytest.mark.parametrize("route", ROUTES)
def test_wrong_labels_are_refused_on_every_route(gan, tmp_path, route, trouble):
    labels, advice = WRONG_LABELS[trouble]
    names = "names" in trouble
    if names and ("DataLoader" in route or route == "ImageSet"):
        pytest.skip("holds numbers alone")
    if route == ".npz" and trouble == "missing names":
        pytest.skip("files hold no objects")
    first = trouble == "too few" and route == "tf.data of dictionaries"
    if first or (trouble == "missing names" and "tf.data" in route):
        pytest.skip("TensorFlow sees it first")
    with pytest.raises((ValueError, TypeError), match=advice):
        ROUTES[route](conditional(gan, NAMES if names else None), tmp_path, GOOD, labels)


RIGHT_LABELS = {
    "numbers": LABELS,
    "in a column": LABELS[:, None],
    "bytes": LABELS.astype("uint8"),
    "names": np.array(NAMES)[LABELS],
}


@pytest.mark.parametrize("kind", RIGHT_LABELS)
@pytest.mark.parametrize("route", ROUTES)
def test_labels_of_every_kind_teach_alike(gan, state, tmp_path, route, kind):
    """The same order, and so the same weights, bit for bit."""
    names = kind == "names"
    if names and ("DataLoader" in route or route == "ImageSet"):
        pytest.skip("holds numbers alone")
    model = conditional(gan, NAMES)
    judged = ROUTES[route](model, tmp_path, GOOD, RIGHT_LABELS[kind])
    weights = state(model)
    model = conditional(gan, NAMES)
    expected = ROUTES[route](model, tmp_path, GOOD, LABELS)
    assert judged == expected
    for one, other in zip(weights, state(model), strict=True):
        np.testing.assert_array_equal(one, other)


def test_names_of_classes_name_them(gan, images, labels):
    model = conditional(gan)
    model.fit(images, np.array(NAMES)[labels], verbose=0)
    assert model.class_names == NAMES
    with pytest.raises(ValueError, match=r"has 2 classes \(cats, dogs\), the model has 3"):
        conditional(gan).fit(images, np.array(NAMES)[labels % 2], verbose=0)


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf])
@pytest.mark.parametrize("route", ["array", "PyDataset", "train_on_batch"])
def test_weights_must_be_numbers_from_0_on(gan, route, weight):
    weights = np.ones(COUNT)
    weights[2] = weight
    calls = {
        "array": lambda model: model.fit(GOOD, sample_weight=weights, verbose=0),
        "PyDataset": lambda model: model.fit(
            Batches({"images": GOOD, "sample_weight": weights}), verbose=0
        ),
        "train_on_batch": lambda model: model.train_on_batch(GOOD, sample_weight=weights),
    }
    with pytest.raises(ValueError, match="must be finite, and not negative"):
        calls[route](gan())


LATER = {
    "in [0, 1]": (GOOD / np.float32(255), LABELS, r"Give images \* 255"),
    "in [-1, 1]": (GOOD / np.float32(127.5) - 1, LABELS, r"\(images \+ 1\) \* 127.5"),
    "NaN": (np.full_like(FLOATS, np.nan), LABELS, "NaN or infinite"),
    "labels": (FLOATS, LABELS + 1, "Labels must be 0 to 2"),
}


def stacked(batches):
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.data.Dataset.from_tensor_slices(tuple(map(np.stack, zip(*batches, strict=True))))
    return loader_of(batches)


LATER_ROUTES = {
    "PyDataset": lambda gan, batches: fit(gan, Batches(*batches)),
    "generator": lambda gan, batches: fit(gan, iter_of(batches), steps_per_epoch=4),
    "own dataset": lambda gan, batches: fit(gan, stacked(batches)),
    "validation_data": lambda gan, batches: fit(
        gan, FLOATS, LABELS, validation_data=Batches(*batches)
    ),
    "evaluate": lambda gan, batches: gan.evaluate(Batches(*batches), verbose=0),
}


@pytest.mark.parametrize("trouble", LATER)
@pytest.mark.parametrize("route", LATER_ROUTES)
def test_later_batches_count_too(gan, route, trouble):
    """The error is ours on every backend, though TensorFlow makes one of its own of it."""
    images, labels, advice = LATER[trouble]
    good = (FLOATS, LABELS)
    with pytest.raises(ValueError, match=advice):
        LATER_ROUTES[route](gan(CLASSES), [good, good, good, (images, labels)])


def test_a_dark_batch_among_others_is_no_sign_of_a_scale(gan):
    black, white = np.zeros_like(FLOATS), np.full_like(FLOATS, 255)
    black[0, 0] = 1
    gan().fit(Batches(white, black, black.astype("uint8")), verbose=0)


ADVICE = re.compile(r"[Gg]ive ((?:images|np\.|\().*?)(?: instead|, the same|;|\.(?:\s|$))")


@pytest.mark.parametrize("trouble", WRONG_IMAGES)
def test_advice_is_right_when_it_is_followed(trouble):
    """What is pasted from the message gives back what the images were, to one grey level."""
    images, _ = WRONG_IMAGES[trouble]
    with pytest.raises((ValueError, TypeError)) as refusal:
        read(images, (9, 8, 1))
    found = ADVICE.search(str(refusal.value))
    if not found:
        assert trouble in ("standardised", "too bright", "with NaN")
        return
    followed = eval(found[1], {"images": images, "np": np})
    check_pixels(followed)
    assert read(followed, (9, 8, 1)).images.shape == GOOD.shape
    expected = 255.0 * (GOOD > 99) if trouble in ("bool", "0 and 1") else GOOD
    assert np.abs(followed.astype(float) - expected).max() <= 1


def mean_colour(images):
    return images.mean((1, 2))


def scored(real, fake):
    return ganzoo.metrics.evaluate(real, fake, mean_colour, ["kid"])


def watched(gan, callback):
    return fit(gan, GOOD, LABELS, callbacks=[callback])


LOOKED_AT = {  # where nothing is trained on them
    "evaluate's real": lambda gan, images: scored(images, GOOD),
    "evaluate's fake": lambda gan, images: scored(GOOD, images),
    "EvaluateSamples": lambda gan, images: watched(
        gan, ganzoo.callbacks.EvaluateSamples(images, mean_colour, ["kid"], n=4)
    ),
    "BestSnapshot": lambda gan, images: watched(
        gan, ganzoo.callbacks.BestSnapshot("best.keras", images, n=4)
    ),
    "Doctor": lambda gan, images: watched(gan, ganzoo.callbacks.Doctor(images, n=4)),
    "discriminator_features": lambda gan, images: gan.discriminator_features(images, LABELS),
    "invert": lambda gan, images: ganzoo.latents.invert(gan, images, LABELS, steps=1),
}


@pytest.mark.parametrize("trouble", WRONG_IMAGES)
@pytest.mark.parametrize("route", LOOKED_AT)
def test_wrong_images_are_refused_where_they_are_looked_at(
    gan, state, tmp_path, monkeypatch, route, trouble
):
    monkeypatch.chdir(tmp_path)
    images, said = WRONG_IMAGES[trouble]
    model, before = gan(CLASSES), state(gan(CLASSES))
    if ("channels" in trouble or trouble == "flattened") and "evaluate's" in route:
        said = "same height, width and channels|give "  # which of them is right, nobody knows
    with pytest.raises((ValueError, TypeError), match=said):
        LOOKED_AT[route](model, images)
    for one, other in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_metrics_take_the_same_sets(tmp_path):
    """A set, a list and an array score alike."""
    images = random.integers(0, 256, (20, 9, 8, 1), dtype="uint8")
    means = [
        ganzoo.metrics.evaluate(real, images[::-1], lambda x: x.mean((1, 2)), ["kid"]).scores["kid"]
        for real in (images, ImageSet(images), read(list(images)))
    ]
    assert means[0] == means[1] == means[2]


def pictures(folder, *names):
    """Write `GOOD` as files of these names, by default in folders of their classes."""
    names = names or [f"{NAMES[label]}/{n}.png" for n, label in enumerate(LABELS)]
    for name, pixels in zip(names, GOOD, strict=True):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[..., 0]).save(path)
    return list(names)


def rows_of(folder):
    names = pictures(folder, *(f"{n}.png" for n in range(COUNT)))
    return [{"file_name": n, "kind": NAMES[k]} for n, k in zip(names, LABELS, strict=True)]


def with_csv(folder, name="metadata.csv"):
    rows = rows_of(folder)
    with (folder / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder, "kind"


def with_jsonl(folder):
    text = "\n".join(map(json.dumps, rows_of(folder)))
    (folder / "metadata.jsonl").write_text(text)
    return folder, "kind"


def with_json(folder):
    pairs = [list(row.values()) for row in rows_of(folder)]
    (folder / "dataset.json").write_text(json.dumps({"labels": pairs}))
    return folder, "labels"


def with_tar(folder, shards=2):
    """Write shards as webdataset does: `.cls` and `.json` beside each image."""
    for shard in range(shards):
        with tarfile.open(folder / f"{shard}.tar", "w") as archive:
            for row in rows_of(folder / "apart")[shard::shards]:
                key = row["file_name"].partition(".")[0]
                contents = {
                    "png": (folder / "apart" / row["file_name"]).read_bytes(),
                    "cls": row["kind"].encode(),
                    "json": json.dumps(row).encode(),
                }
                for suffix, content in contents.items():
                    member = tarfile.TarInfo(f"{key}.{suffix}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
    shutil.rmtree(folder / "apart")
    return folder if shards > 1 else folder / "0.tar"


def with_parquet(folder, shards=2):
    """Write shards as the Hub's library does, groups of two rows and the names of classes."""
    pa = pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
    from pyarrow import parquet

    label = {"names": NAMES, "_type": "ClassLabel"}
    features = {"info": {"features": {"image": {"_type": "Image"}, "label": label}}}
    for shard in range(shards):
        rows = rows_of(folder / "apart")[shard::shards]
        images = [
            {"bytes": (folder / "apart" / row["file_name"]).read_bytes(), "path": None}
            for row in rows
        ]
        columns = {
            "image": pa.array(images, pa.struct({"bytes": pa.binary(), "path": pa.string()})),
            "label": pa.array([NAMES.index(row["kind"]) for row in rows]),
            "kind": [row["kind"] for row in rows],
        }
        table = pa.table(columns).replace_schema_metadata({"huggingface": json.dumps(features)})
        name = f"train-{shard:05d}-of-{shards:05d}.parquet"
        parquet.write_table(table, folder / name, row_group_size=2)
    shutil.rmtree(folder / "apart")
    return folder if shards > 1 else folder / name


def with_arrays(folder, several):
    """Write a file for each image in the folder of its class, or shards with labels."""
    for n, (pixels, label) in enumerate(zip(GOOD, LABELS, strict=True)):
        path = folder / NAMES[label] / f"{n}.npy"
        path.parent.mkdir(exist_ok=True)
        np.save(path, pixels)
    if several:
        for path in folder.iterdir():
            shutil.rmtree(path)
        names = np.array(NAMES)[LABELS]
        np.savez(folder / "0.npz", images=GOOD[:4], labels=names[:4])
        np.savez(folder / "1.npz", images=GOOD[4:], labels=names[4:])
    return folder, None


# From a folder to write to, to what `fit` is given: images whose order may be another.
FORMS = {
    "class folders": lambda folder: (pictures(folder) and folder, None),
    "metadata.csv": with_csv,
    "labels.csv": lambda folder: with_csv(folder, "labels.csv"),
    "metadata.jsonl": with_jsonl,
    "dataset.json": with_json,
    "folders of arrays": lambda folder: with_arrays(folder, several=False),
    "shards of arrays": lambda folder: with_arrays(folder, several=True),
    "tar": lambda folder: (with_tar(folder, 1), None),
    "tar shards": lambda folder: (with_tar(folder), None),
    "a list of shards": lambda folder: (sorted(with_tar(folder).glob("*.tar")), None),
    "a pattern of shards": lambda folder: (f"{with_tar(folder)}/{{0..1}}.tar", "kind"),
    "records in tar": lambda folder: (with_tar(folder), "kind"),
    "parquet": lambda folder: (with_parquet(folder, 1), None),
    "parquet shards": lambda folder: (with_parquet(folder), None),
    "another column": lambda folder: (with_parquet(folder), "kind"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_files_trains_as_its_arrays_do(gan, tmp_path, form):
    trains_as_arrays_do(gan, *FORMS[form](tmp_path))


def test_a_data_set_of_the_hub_trains_as_its_arrays_do(gan, tmp_path, hub, monkeypatch):
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))
    folder = with_parquet(tmp_path / "set")
    hub.put(
        "datasets/me/pets", {f"data/{each.name}": each.read_bytes() for each in folder.iterdir()}
    )
    trains_as_arrays_do(gan, "hf://datasets/me/pets", None)


def trains_as_arrays_do(gan, data, labels):
    """Check two rounds with classes, and without."""
    found = read(data, GOOD.shape[1:], labels=labels or "inferred")
    order = [int(np.flatnonzero((GOOD == each).all((1, 2, 3)))[0]) for each in found.images]
    assert sorted(order) == list(range(COUNT))
    np.testing.assert_array_equal(found.labels, LABELS[order])
    assert found.class_names == NAMES
    options = {"batch_size": 3, "steps_per_epoch": 2}
    expected = fit(conditional(gan), GOOD[order], LABELS[order], **options)
    assert fit(conditional(gan), data, labels, **options) == expected
    assert fit(gan(), data, **options) == fit(gan(), GOOD[order], **options)


NO_BATCHES = {
    "paths, one by one": lambda folder: folder.rglob("*.png"),
    "names": lambda folder: iter_of(["a.png", "b.png"]),
    "nothing": lambda folder: iter_of([None]),
}


@pytest.mark.parametrize("kind", NO_BATCHES)
def test_what_is_no_batch_is_called_so(gan, tmp_path, kind):
    pictures(tmp_path)
    with pytest.raises(TypeError, match=r"Expected batches of images, not .*list\(paths\)"):
        fit(gan(), NO_BATCHES[kind](tmp_path))


def test_a_list_of_several_kinds_is_called_so(tmp_path):
    name = pictures(tmp_path)[0]
    with pytest.raises(TypeError, match="here are Image and str"):
        read([str(tmp_path / name), Image.new("L", (8, 9))], (9, 8, 1))


def test_a_split_that_would_lose_a_class_is_refused(gan, state):
    """The end of arrays that are in the order of their classes is the last of them."""
    images, labels = np.concatenate([GOOD] * 2), np.sort(np.tile(LABELS, 2))
    model = gan(CLASSES)
    before = state(model)
    with pytest.raises(ValueError, match="no image to train on of the class 2: shuffle"):
        fit(model, images, labels, validation_split=0.34)
    for one, other in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(one, other)
