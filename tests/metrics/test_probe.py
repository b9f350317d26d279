import sys

import numpy as np
import pytest

from ganzoo.metrics.probe import REGULARISATION, linear_probe


@pytest.fixture
def sets():
    """Three overlapping classes: features and labels to train on, then to test on."""
    pytest.importorskip("sklearn", reason="needs scikit-learn")
    random = np.random.default_rng(0)
    labels = np.arange(600) % 3
    features = random.normal(size=(600, 12)) + 0.8 * np.eye(3, 12)[labels]
    return features[:300], labels[:300], features[300:], labels[300:]


def l2_machine(features, signs):
    """Minimise |w|^2 / 2 + C * sum(max(0, 1 - sign * score)^2) by Newton's method."""
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        inside = signs * (features @ weights) < 1
        some, doubled = features[inside], 2 * REGULARISATION
        curvature = np.eye(len(weights)) + doubled * some.T @ some
        weights = np.linalg.solve(curvature, doubled * some.T @ signs[inside])
    return weights


def test_the_probe_is_the_papers_classifier(sets):
    """Against our own support vector machines, one class against the rest."""
    train, train_labels, test, test_labels = sets
    mean, deviation = train.mean(axis=0), train.std(axis=0)

    def prepared(features):
        return np.c_[(features - mean) / deviation, np.ones(len(features))]

    machines = [
        l2_machine(prepared(train), np.where(train_labels == each, 1, -1)) for each in range(3)
    ]
    expected = np.mean((prepared(test) @ np.transpose(machines)).argmax(axis=1) == test_labels)
    assert 0.5 < expected < 0.8
    assert linear_probe(*sets) == pytest.approx(expected, abs=1e-9)


def test_the_scale_of_features_does_not_matter(sets):
    train, train_labels, test, test_labels = sets
    scale, shift = np.logspace(-6, 6, 12), np.linspace(-9, 9, 12)
    moved = [features * scale + shift * scale for features in (train, test)]
    assert linear_probe(moved[0], train_labels, moved[1], test_labels) == linear_probe(*sets)


def test_features_and_labels_must_fit(sets):
    train, train_labels, test, test_labels = sets
    for wrong in (
        (train, train_labels[1:], test, test_labels),
        (train, np.zeros(300, int), test, test_labels),
        (train, train_labels, test[:, 1:], test_labels),
        (np.where(train > 2, np.nan, train), train_labels, test, test_labels),
    ):
        with pytest.raises(ValueError, match=r"inconsistent|classes|features|NaN"):
            linear_probe(*wrong)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"pip install scikit-learn"):
        linear_probe(np.ones((2, 1)), [0, 1], np.ones((2, 1)), [0, 1])
