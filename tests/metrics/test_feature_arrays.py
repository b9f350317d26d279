import re

import numpy as np
import pytest

from ganzoo.metrics.classes import class_scores
from ganzoo.metrics.fid import frechet_distance
from ganzoo.metrics.kid import kernel_distance
from ganzoo.metrics.neighbours import nearest_neighbours
from ganzoo.metrics.precision_recall import density_coverage, precision_recall

OF_TWO = [frechet_distance, kernel_distance, precision_recall, density_coverage]
OF_ONE = [nearest_neighbours, class_scores]

good = np.random.default_rng(0).dirichlet(np.ones(3), size=20)


def replaced(value):
    features = good.copy()
    features[3, 1] = value
    return features


@pytest.mark.parametrize("score", OF_TWO + OF_ONE)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (replaced(np.nan), "{} features hold NaN or infinite numbers"),
        (replaced(-np.inf), "{} features hold NaN or infinite numbers"),
        (good[0], "{} features must be of shape (n, size), one row for each image, not (3,)"),
        (good.reshape(2, 5, 6), "{} features must be of shape (n, size)"),
        (good[:, :0], "{} features must be of shape (n, size)"),
        (good[:0], "0 {} images are too few"),
    ],
    ids=["NaN", "infinite", "one axis", "three axes", "no column", "no row"],
)
def test_features_without_sense_are_refused(score, bad, message):
    with pytest.raises(ValueError, match=re.escape(message.format("real"))):
        score(bad, good)
    with pytest.raises(ValueError, match=re.escape(message.format("fake"))):
        score(good, bad)


@pytest.mark.parametrize("score", OF_TWO)
def test_one_image_is_too_few(score):
    with pytest.raises(ValueError, match="1 real images are too few: this needs 2 or more"):
        score(good[:1], good)
    with pytest.raises(ValueError, match="1 fake images are too few: this needs 2 or more"):
        score(good, good[:1])


@pytest.mark.parametrize("score", OF_TWO + OF_ONE)
def test_features_of_two_extractors_are_refused(score):
    with pytest.raises(ValueError, match=r"3 real features and 2 fake ones: .* same extractor"):
        score(good, good[:, :2])
