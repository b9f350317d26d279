"""From images to scores, whatever the images come in and the features are made by."""

import tracemalloc

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.metrics import Extractor, evaluate
from ganzoo.metrics.metric import METRICS, possible

RANDOM = np.random.default_rng(0)
SHAPE = (6, 5, 3)
REAL = RANDOM.integers(0, 256, (70, *SHAPE), dtype="uint8")
FAKE = RANDOM.integers(30, 200, (50, *SHAPE), dtype="uint8")
PROJECTION = RANDOM.normal(size=(6 * 5 * 3, 4))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path / "home"))


def project(images):
    assert images.dtype == np.uint8
    return images.reshape(len(images), -1) / 255 @ PROJECTION


def softmax(features):
    odds = np.exp(features - project(REAL).mean(axis=0))
    return odds / odds.sum(axis=1, keepdims=True)


KNOWS_CLASSES = Extractor("projection", "ab" * 32, "divided by 255", project, softmax)


def score(real=REAL, fake=FAKE, extractor=project, metrics=("fid",), **options):
    return evaluate(real, fake, extractor, metrics, verbose=False, **options)


@pytest.mark.parametrize("batch_size", [1, 32, 64, 1000])  # 70 and 50 leave partial batches
def test_scores_are_those_of_the_formulas(batch_size):
    labels = np.arange(50) % 4
    real, fake = project(REAL).astype("float32"), project(FAKE).astype("float32")
    metrics = ganzoo.metrics
    expected = [
        metrics.frechet_distance(real, fake),
        *metrics.kernel_distance(real, fake, seed=3),
        *metrics.precision_recall(real, fake),
        *metrics.density_coverage(real, fake),
        *metrics.class_scores(softmax(real), softmax(fake)),
        metrics.recognised(softmax(fake), labels),
    ]
    evaluation = score(REAL, (FAKE, labels), KNOWS_CLASSES, METRICS, seed=3, batch_size=batch_size)
    assert list(evaluation.scores) == [name for m in METRICS.values() for name in m.scores]
    np.testing.assert_allclose(list(evaluation.scores.values()), expected, rtol=1e-5)
    assert evaluation.protocol["metrics"]["kid"] == {"subsets": 100, "subset_size": 25}
    alone = score(extractor=KNOWS_CLASSES, batch_size=batch_size).scores["fid"]  # streamed
    np.testing.assert_allclose(alone, expected[0], rtol=1e-9)


def test_fid_alone_keeps_no_features():
    images = RANDOM.integers(0, 256, (10_000, 1, 1, 4), dtype="uint8")
    widened = RANDOM.normal(size=(4, 64))

    def wide(images):
        return (images.reshape(len(images), 4) @ widened).astype("float32")

    tracemalloc.start()
    try:
        score(images, images, wide)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000 * 64 * 4 / 2  # bytes of one set's features, halved


def test_order_does_not_matter():
    metrics = [name for name in possible(KNOWS_CLASSES, labelled=False) if name != "kid"]
    shuffled = [RANDOM.permutation(images) for images in (REAL, FAKE)]
    one = score(extractor=KNOWS_CLASSES, metrics=metrics, batch_size=32)
    other = score(*shuffled, KNOWS_CLASSES, metrics, batch_size=32)
    np.testing.assert_allclose(
        list(one.scores.values()), list(other.scores.values()), rtol=1e-9, atol=1e-12
    )


def test_the_protocol_says_how():
    protocol = score(seed=7).protocol
    assert protocol["extractor"] == {"name": "project", "sha256": None, "preparation": "uint8"}
    assert (protocol["real"]["n"], protocol["fake"]["n"], protocol["seed"]) == (70, 50, 7)
    assert protocol["image_shape"] == list(SHAPE)
    assert protocol["ganzoo"] == ganzoo.__version__
    brighter = REAL.copy()
    brighter[3, 2, 1, 0] ^= 1
    with pytest.raises(ValueError, match=r"real\.sha256"):
        score().difference(score(real=brighter))
    assert score().difference(score(real=(REAL, None))) == {"fid": 0.0}


def test_the_same_images_however_they_are_stored(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, image in enumerate(REAL):
        Image.fromarray(image).save(folder / f"{number:02}.png")
    expected = score()
    batches = ganzoo.datasets.image_folder(folder, SHAPE, verbose=False)
    for real in (folder, str(folder), batches, keras.ops.convert_to_tensor(REAL)):
        assert score(real).difference(expected) == {"fid": 0.0}
    assert score(folder).protocol["real"]["name"] == "photos"
    same = score(folder, folder, image_shape=SHAPE)
    assert same.scores["fid"] == pytest.approx(0, abs=1e-9)


class Painter:
    """Draws squares of a grey level that the latent says, of a class that the label says."""

    def __init__(self, image_shape=SHAPE, classes=None):
        self.image_shape, self.classes, self.most = image_shape, classes, 0

    def latents(self, n, seed=None):
        return np.random.default_rng(seed).standard_normal((n, 3), dtype="float32")

    def labels(self, n):
        return np.arange(n) % self.classes if self.classes else None

    def draw(self, latents, labels=None):
        self.most = max(self.most, len(latents))
        levels = np.clip(
            128 + 40 * latents[:, :1] + (0 if labels is None else labels[:, None]), 0, 255
        )
        noise = np.clip(128 + 40 * latents[:, 1:], 0, 255)
        flat = np.resize(
            np.concatenate([levels, noise], axis=1).T, (np.prod(self.image_shape), len(latents))
        )
        return flat.T.reshape(-1, *self.image_shape).astype("uint8")


@pytest.mark.parametrize("classes", [None, 4])
def test_a_model_draws_its_images_batch_by_batch(classes):
    painter = Painter(classes=classes)
    images = painter.draw(painter.latents(50, 3), painter.labels(50))
    painter.most = 0
    metrics = [name for name in METRICS if classes or name != "recognised"]
    options = {"extractor": KNOWS_CLASSES, "metrics": metrics, "seed": 3, "batch_size": 8}
    evaluation = score(fake=painter, n=50, **options)
    assert painter.most == 8
    expected = score(fake=(images, painter.labels(50)), **options)
    assert evaluation.difference(expected) == dict.fromkeys(expected.scores, 0.0)
    assert evaluation.protocol == expected.protocol
    assert score(fake=painter, n=50, **options | {"seed": 4}).scores != expected.scores


def test_a_gan_draws_what_it_generates():
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, num_classes=3, base_filters=4, seed=0)
    real = RANDOM.integers(0, 256, (20, 8, 8, 1), dtype="uint8")
    metrics, known = ["fid", "recognised"], Extractor("rows", None, "none", rows, three_classes)
    drawn = score(real, gan, known, metrics, n=20, seed=5)
    generated = gan.generate(20, seed=5), np.arange(20) % 3
    expected = score(real, generated, known, metrics, seed=5)
    for name, difference in drawn.difference(expected).items():
        assert abs(difference) < 1e-3 * expected.scores[name]  # a pixel may be rounded otherwise


def rows(images):
    return images.mean(axis=(2, 3))[:, :3] / 255


def three_classes(features):
    return np.eye(3)[features.argmax(axis=1)]


def test_without_a_number_a_model_draws_ten_thousand():
    painter = Painter((2, 2, 1))
    real = painter.draw(painter.latents(100, 1))
    assert score(real, painter, rows).protocol["fake"]["n"] == 10_000


def peak(work):
    """Return the most memory that arrays took."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def corners(images):
    return images[:, ::32, ::32].reshape(len(images), -1) / 255


def test_memory_does_not_grow_with_the_number_of_drawn_images():
    painter, image = Painter((64, 64, 3)), 64 * 64 * 3
    real = painter.draw(painter.latents(100, 1))
    few, many = (
        peak(lambda n=n: score(real, painter, corners, n=n, batch_size=10)) for n in (200, 1000)
    )
    assert many - few < 800 * image / 50  # all of them take fifty times as much
    assert many < 200 * image


def test_memory_does_not_grow_with_the_number_of_real_images_on_disk(tmp_path):
    painter, image = Painter((64, 64, 3)), 64 * 64 * 3
    fake = painter.draw(painter.latents(100, 1))

    def mapped(n):
        np.save(tmp_path / "real.npy", painter.draw(painter.latents(n, 2)))
        return np.load(tmp_path / "real.npy", mmap_mode="r")

    few, many = (
        peak(lambda real=real: score(real, fake, corners, batch_size=10))
        for real in map(mapped, (200, 1000))
    )
    assert many - few < 800 * image / 50
    assert many < 200 * image


def test_how_files_are_read(tmp_path):
    """The options reach the reader, stand in the protocol, and keep scores apart."""
    for number in range(6):
        pixels = RANDOM.integers(0, 256, (12, 20, 4), dtype="uint8")
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    options = {"fit": "pad", "background": "black"}
    evaluation = score(tmp_path, FAKE, rows, **options)
    folder = ganzoo.datasets.image_folder(tmp_path, SHAPE, **options, verbose=False)
    expected = score(folder.images, FAKE, rows, **options)
    assert evaluation.difference(expected) == {"fid": 0.0}
    few = score(tmp_path, FAKE, rows, **options, limit=4).protocol
    assert few["real"]["n"] == few["fake"]["n"] == 4
    assert evaluation.protocol["reading"] == {"fit": "pad", "background": "black"}
    for other in ({"fit": "stretch"}, {"background": "white"}):
        with pytest.raises(ValueError, match=f"cannot be compared .*{next(iter(other))}"):
            evaluation.difference(score(tmp_path, FAKE, rows, **options | other))
    with pytest.raises(ValueError, match="Unknown fit 'squeeze'"):
        score(tmp_path, FAKE, rows, fit="squeeze")


@pytest.mark.parametrize(
    ("real", "error", "message"),
    [
        (REAL / 255, ValueError, r"Of the real images: .*images \* 255"),
        (REAL * 1.0, TypeError, r"real images must be uint8.*float64: give np.rint\(images\)"),
        (REAL.astype("int64"), TypeError, "not int64"),
        ((REAL > 99).astype("uint8"), ValueError, "none is above 1: all would be black"),
        (REAL[:, :5], ValueError, r"real images of shape \(n, 6, 5, 3\), not \(70, 5, 5, 3\)"),
        (REAL[..., 0], ValueError, "The channels are missing"),
        (REAL[..., :1], ValueError, "the same height, width and channels"),
        (REAL[:1], ValueError, "at least 2 real images"),
        ((REAL, [1, 2]), ValueError, r"labels of shape \(70,\)"),
        ((REAL, np.arange(3)), ValueError, r"labels of shape \(70,\)"),
        (3, TypeError, "not int"),
        ("nowhere", FileNotFoundError, "no folder or zip archive, nor a dataset"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_images_that_cannot_be_scored(real, error, message):
    with pytest.raises(error, match=message):
        score(real)
    if not isinstance(real, str):  # which has no shape of its own
        with pytest.raises((error, ValueError)):
            score(REAL, real)


def test_whatever_the_reader_takes_is_scored():
    assert score(list(REAL)).scores == score(REAL).scores
    assert score(ganzoo.datasets.read(REAL)).scores == score(REAL).scores


def test_two_folders_need_a_size(tmp_path):
    with pytest.raises(ValueError, match="give image_shape"):
        score(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"metrics": ["fip"]}, ValueError, "Unknown metric 'fip'.* Did you mean 'fid'"),
        ({"metrics": []}, ValueError, "at least one metric"),
        ({"metrics": "classes"}, ValueError, "an extractor that knows classes"),
        (
            {"metrics": "recognised", "extractor": KNOWS_CLASSES},
            ValueError,
            r"fake=\(images, labels\)",
        ),
        ({"extractor": "digit"}, ValueError, "Did you mean 'digits'"),
        ({"extractor": 3}, TypeError, "not int"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, not 0"),
        ({"n": 5}, ValueError, "limit takes some"),
        ({"fake": Painter(), "n": 1}, ValueError, "at least 2 generated images, not 1"),
        ({"fake": Painter(), "image_shape": (6, 5, 1)}, ValueError, r"real images of shape"),
        ({"fake": Painter((6, 5, 1)), "image_shape": SHAPE}, ValueError, "give image_shape"),
        (
            {"fake": Painter(), "metrics": "recognised", "extractor": KNOWS_CLASSES},
            ValueError,
            "a model with classes",
        ),
        ({"limit": 1}, ValueError, "limit must be at least 2"),
        ({"extractor": lambda images: images}, ValueError, r"expected \(64, size\)"),
        ({"extractor": lambda images: project(images[1:])}, ValueError, "one row for each"),
        ({"extractor": lambda images: project(images) * np.nan}, ValueError, "NaN"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_scored_by(options, error, message):
    with pytest.raises(error, match=message):
        score(**options)


def test_rows_are_scored_as_their_arrays(tmp_path):
    """Of the column that is asked for."""
    pyarrow = pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
    from pyarrow.parquet import write_table

    def column(images):
        files = []
        for image in images:
            Image.fromarray(image).save(tmp_path / "image.png")
            files.append((tmp_path / "image.png").read_bytes())
        return files

    rows = pyarrow.table({"photo": column(REAL), "mask": column(255 - REAL)})
    write_table(rows, tmp_path / "rows.parquet")
    found = score(tmp_path / "rows.parquet", image_column="photo").scores
    assert found == score().scores
    assert score(tmp_path / "rows.parquet", image_column="mask").scores != found
