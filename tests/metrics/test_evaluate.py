"""From images to scores, whatever the images come in and the features are made by."""

import tracemalloc

import keras
import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.metrics import Extractor, evaluate
from ganzoo.metrics.scores import METRICS, possible

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


@pytest.mark.parametrize(
    ("real", "error", "message"),
    [
        (REAL / 255, TypeError, "real images must be uint8 .* not float64"),
        (REAL.astype("int64"), TypeError, "not int64"),
        ((REAL > 99).astype("uint8"), ValueError, r"look scaled to \[0, 1\]"),
        (REAL[:, :5], ValueError, r"real images of shape \(n, 6, 5, 3\), not \(70, 5, 5, 3\)"),
        (REAL[..., 0], ValueError, "the same height, width and channels"),
        (REAL[:1], ValueError, "at least 2 real images"),
        ((REAL, [1, 2]), TypeError, "not list"),
        ((REAL, np.arange(3)), ValueError, r"labels of shape \(70,\)"),
        (list(REAL), TypeError, "np.stack"),
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
        ({"extractor": lambda images: images}, ValueError, r"expected \(64, size\)"),
        ({"extractor": lambda images: project(images[1:])}, ValueError, "one row for each"),
        ({"extractor": lambda images: project(images) * np.nan}, ValueError, "NaN"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_scored_by(options, error, message):
    with pytest.raises(error, match=message):
        score(**options)
