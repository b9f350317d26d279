"""Metrics of one's own beside those with a name."""

import dataclasses

import numpy as np
import pytest

from ganzoo.metrics import METRICS, Extractor, FeatureSet, Metric, evaluate, kernel_distance

RANDOM = np.random.default_rng(0)
REAL, FAKE = RANDOM.integers(0, 256, (2, 30, 4, 4, 1), dtype="uint8")
LABELS = np.arange(30) % 3


def rows(images):
    return images.mean(axis=(2, 3)) / 255


def three_classes(features):
    return np.eye(3)[features[:, :3].argmax(axis=1)]


EXTRACTOR = Extractor("rows", None, "none", rows, three_classes)


def score(*metrics, real=REAL, fake=FAKE, extractor=EXTRACTOR, **options):
    return evaluate(real, fake, extractor, metrics, verbose=False, **options)


def test_a_metric_sees_what_it_needs_and_no_more():
    seen = {}
    needs = ("statistics", "features", "probabilities", "labels", "extractor", "images")

    def compute(real, fake):
        seen.update(real=real, fake=fake)
        return len(real.images)

    real = REAL, LABELS[::-1]
    assert score(Metric("all", ["all"], compute, needs), real=real, fake=(FAKE, LABELS)).scores == {
        "all": 30.0
    }
    for given, images, labels in (("real", REAL, LABELS[::-1]), ("fake", FAKE, LABELS)):
        found, features = seen[given], rows(images).astype("float32")
        assert found.n == 30
        np.testing.assert_array_equal(found.images, images)
        np.testing.assert_array_equal(found.labels, labels)
        np.testing.assert_array_equal(found.features, features)
        np.testing.assert_array_equal(found.probabilities, three_classes(features))
        np.testing.assert_allclose(found.statistics.mean, np.float64(features).mean(axis=0))
        assert found.extractor.name == "rows"

    def careless(real, fake):
        return fake.features.mean() + real.images.mean()

    both = [Metric("all", ["all"], compute, needs), Metric("one", ["one"], careless)]
    with pytest.raises(AttributeError, match=r"no images here.* what its `needs` name"):
        score(*both, fake=(FAKE, LABELS))
    with pytest.raises(AttributeError, match="no labels here"):
        score(Metric("l", ["l"], lambda real, fake: real.labels, ["labels"]), fake=(FAKE, LABELS))
    with pytest.raises(AttributeError, match="has no 'pixels', only n, "):
        _ = seen["real"].pixels


def test_a_metric_of_images_alone_needs_no_extractor(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_HOME", str(tmp_path))  # there are no weights of Inception
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    brighter = Metric(
        "brighter",
        ["brighter", "darkest"],
        lambda real, fake: (fake.images.mean() - real.images.mean(), fake.images.min()),
        needs=["images"],
    )
    evaluation = score(brighter, extractor="inception")
    assert evaluation.scores == {"brighter": FAKE.mean() - REAL.mean(), "darkest": FAKE.min()}
    assert evaluation.protocol["extractor"] is None
    assert "extractor" not in str(evaluation)
    evaluation.save(tmp_path / "scores.json")
    assert type(evaluation).load(tmp_path / "scores.json") == evaluation


def test_parameters_and_seed_reach_the_metric_and_the_protocol():
    few = dataclasses.replace(
        METRICS["kid"], parameters=lambda fewest: {"subsets": 7, "subset_size": fewest // 3}
    )
    evaluation = score("fid", few, seed=5)
    expected = kernel_distance(
        rows(REAL).astype("float32"), rows(FAKE).astype("float32"), 7, 10, seed=5
    )
    assert tuple(evaluation.scores.values())[1:] == expected
    assert evaluation.protocol["metrics"] == {"fid": {}, "kid": {"subsets": 7, "subset_size": 10}}
    with pytest.raises(ValueError, match=r"metrics\.kid\.subset"):
        evaluation.difference(score("kid", seed=5))


@pytest.mark.parametrize(
    ("metrics", "error", "message"),
    [
        ([Metric("two", ["one", "other"], lambda *_: 3.0)], ValueError, "'two' has 2 scores, but"),
        ([Metric("one", ["one"], lambda *_: [1, 2])], ValueError, r"numbers of shape \(2,\)"),
        (["fid", "fid"], ValueError, r"\['fid'\] stands twice"),
        (["fid", Metric("own", ["fid"], max)], ValueError, r"\['fid'\] stands twice"),
        ([max], TypeError, "or a ganzoo.metrics.Metric, not builtin"),
        ([Metric("one", ["one"], lambda *_: np.nan)], ValueError, "score one is nan"),
    ],
)
def test_metrics_that_cannot_be_told_apart_or_compute_something_else(metrics, error, message):
    with pytest.raises(error, match=message):
        score(*metrics)


def test_a_metric_says_what_it_is():
    with pytest.raises(ValueError, match="'own' needs a list of its scores"):
        Metric("own", "own", max)
    with pytest.raises(ValueError, match=r"some of \['statistics', .*not \['pixels'\]"):
        Metric("own", ["own"], max, needs=["pixels"])
    assert FeatureSet(n=3).n == 3
