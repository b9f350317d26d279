import warnings
from collections import Counter

import numpy as np
import pytest

from ganzoo.metrics.classes import class_scores, recognised


def certain(classes, confidence=0.9, number=4):
    """Return probabilities of images that are taken for these classes."""
    probabilities = np.full((len(classes), number), (1 - confidence) / (number - 1))
    probabilities[np.arange(len(classes)), classes] = confidence
    return probabilities


def test_scores_by_hand():
    real = certain([0, 1, 2, 3] * 5)
    fake = np.vstack([certain([0, 0, 0, 1], 0.5), certain([1, 2, 3, 3], 0.7)])
    coverage, distance, confidence = class_scores(real, fake)
    assert coverage == 1
    assert distance == pytest.approx(1 / 8)  # one 0 too many, one 2 too few
    assert confidence == pytest.approx(0.6)


def test_equal_to_counting():
    random = np.random.default_rng(0)
    real, fake = random.dirichlet(np.ones(7), 500), random.dirichlet(np.linspace(1, 2, 7), 300)
    shares = [
        {
            label: n / len(p)
            for label, n in Counter(row.index(max(row)) for row in p.tolist()).items()
        }
        for p in (real, fake)
    ]
    expected = sum(max(shares[0][c] - shares[1].get(c, 0), 0) for c in range(7))
    assert class_scores(real, fake).distance == pytest.approx(expected, rel=1e-12)
    assert class_scores(real, real)[:2] == (1, 0)


def test_classes_that_are_absent_are_named():
    real, fake = certain([0, 1, 2, 2]), certain([0, 3, 0, 3])
    with pytest.warns(UserWarning, match="none was taken") as caught:
        coverage, distance, _ = class_scores(real, fake)
    assert {str(warning.message) for warning in caught} == {
        "Of 4 real images none was taken for class 3.",
        "Of 4 fake images none was taken for class 1, 2.",
    }
    assert coverage == pytest.approx(1 / 3)  # of 0, 1 and 2 only 0 is drawn
    assert distance == 0.75
    with warnings.catch_warnings(action="error"):
        class_scores(certain([0, 1, 2, 3]), certain([3, 2, 1, 0]))


def test_recognised_is_the_share_of_what_was_asked_for():
    assert recognised(certain([0, 1, 2, 3, 3]), np.array([0, 1, 2, 2, 3])) == 0.8


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0, 1], r"\(3,\), not \(2,\)"), ([0, 1, 4], "from 0 to 3"), ([0, 1, 0.5], "whole numbers")],
)
def test_labels_that_do_not_fit_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        recognised(certain([0, 1, 2]), np.array(labels))


@pytest.mark.parametrize("logits", [[[2.0, -1.0]], [[0.7, 0.7]], [[1.5, -0.5]], [[0, 0]]])
def test_logits_are_refused(logits):
    real = np.array([[0.5, 0.5], [0.25, 0.75]])
    with pytest.raises(ValueError, match=r"fake images have no probabilities .* softmax"):
        class_scores(real, np.array(logits))
    with pytest.raises(ValueError, match="no probabilities"):
        recognised(np.array(logits), np.array([0]))
    float16 = np.random.default_rng(0).dirichlet(np.ones(2), 99).astype("float16")
    assert 0.5 < class_scores(float16, float16).confidence < 1
