"""The random network against its own description in NumPy, and what its scores say."""

import math

import numpy as np
import pytest

import ganzoo
from ganzoo.metrics import extractors, frechet_distance


def reference(images):
    """Do as the extractor's preparation says."""
    random = np.random.default_rng(0)
    maps, parts, filters = images / 127.5 - 1, [], 8
    while not parts or min(maps.shape[1:3]) > 2:
        maps = convolved(maps, random, filters)
        parts.append(pooled(maps))
        filters = min(2 * filters, 64)
    return np.concatenate(parts, axis=1)


def convolved(maps, random, filters):
    channels = maps.shape[-1]
    kernel = random.normal(0, math.sqrt(2 / (1.04 * 16 * channels)), (4, 4, channels, filters))
    sides = [math.ceil(side / 2) for side in maps.shape[1:3]]
    margin = [2 * (side - 1) + 4 - old for side, old in zip(sides, maps.shape[1:3], strict=True)]
    padding = [(0, 0), *((each // 2, each - each // 2) for each in margin), (0, 0)]
    maps = np.pad(maps, padding)
    rows = [
        [
            np.tensordot(maps[:, 2 * y : 2 * y + 4, 2 * x : 2 * x + 4], kernel, 3)
            for x in range(sides[1])
        ]
        for y in range(sides[0])
    ]
    outputs = np.moveaxis(np.array(rows), 2, 0)
    return np.where(outputs > 0, outputs, 0.2 * outputs)


def pooled(maps):
    """Return the largest values in each quarter; odd sides share their middle."""
    height, width = (math.ceil(side / 2) for side in maps.shape[1:3])
    quarters = [maps[:, :height], maps[:, -height:]]
    cells = [[rows[:, :, :width], rows[:, :, -width:]] for rows in quarters]
    return (
        np.array([[c.max(axis=(1, 2)) for c in row] for row in cells])
        .transpose(2, 0, 1, 3)
        .reshape(len(maps), -1)
    )


@pytest.mark.parametrize("shape", [(28, 28, 1), (9, 14, 3)], ids=str)
def test_features_are_those_of_the_description(shape):
    images = np.random.default_rng(1).integers(0, 256, (3, *shape), dtype="uint8")
    features = extractors.get("random").features(images)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, reference(images), atol=2e-5)


def test_the_worse_the_images_the_higher_the_score():
    """Squares of any place and size: fewer kinds, more noise and less contrast are farther away."""
    random = np.random.default_rng(0)

    def squares(n, places=6, noise=0, contrast=1.0):
        images = np.zeros((n, 12, 12, 1))
        for image in images:
            y, x = random.integers(0, places, 2)
            image[y : y + random.integers(3, 7), x : x + 4] = random.integers(128, 256)
        images += random.normal(0, noise, images.shape)
        images = 127.5 + contrast * (images - 127.5)
        return images.clip(0, 255).astype("uint8")

    features = extractors.get("random").features
    real = features(squares(600))
    for changes in (
        [{}, {"noise": 8}, {"noise": 30}],
        [{}, {"places": 5}, {"places": 2}],
        [{}, {"contrast": 0.8}, {"contrast": 0.2}],
    ):
        distances = [frechet_distance(real, features(squares(600, **each))) for each in changes]
        assert distances == sorted(distances)
        assert distances[-1] > 2 * distances[0]


def test_it_is_chosen_by_name():
    images = np.random.default_rng(0).integers(0, 256, (2, 300, 8, 8, 1), dtype="uint8")
    evaluation = ganzoo.metrics.evaluate(*images, "random", ["fid"], verbose=False)
    assert evaluation.protocol["extractor"]["name"] == "random"
    assert len(evaluation.protocol["extractor"]["sha256"]) == 64
