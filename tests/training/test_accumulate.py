"""A batch that is looked at part by part leads to the update of the whole."""

import keras
import numpy as np
import pytest

from families import dense_gan
from ganzoo.augmentation import Augmentation, Cutout, InstanceNoise, Translation
from ganzoo.penalties import R1, GradientPenalty

SHAPE, LATENTS, BATCH, CLASSES = (6, 5, 1), 3, 8, 3
AUGMENTATION = Augmentation([Translation(), Cutout(), InstanceNoise()], 0.7)
RECIPES = {
    "in pairs": {"loss": "relativistic", "penalties": [R1(every=2)], "discriminator_steps": 2},
    "drawing": {"penalties": [GradientPenalty()], "augmentation": AUGMENTATION},
}


def trained(recipe, **changes):
    gan = dense_gan.load()(SHAPE, latent_dim=LATENTS, num_classes=CLASSES, seed=3)
    gan.compile(**recipe | changes)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (5 * BATCH, *SHAPE), dtype="uint8")
    gan.fit(images, random.integers(0, CLASSES, len(images)), batch_size=BATCH, verbose=0)
    return [keras.ops.convert_to_numpy(each) for each in gan.variables]


@pytest.mark.parametrize("name", RECIPES)
def test_parts_lead_where_the_whole_does(name):
    recipe = RECIPES[name]
    whole, parts = trained(recipe), trained(recipe, accumulate=2)
    for expected, found in zip(whole, parts, strict=True):
        distance = np.linalg.norm(expected.astype("float64") - found)
        assert distance <= 1e-5 * np.linalg.norm(expected)


def test_a_batch_without_whole_parts_says_what_to_do():
    gan = dense_gan.load()(SHAPE, latent_dim=LATENTS, seed=3)
    gan.compile(accumulate=3, discriminator_steps=2)
    what = "2 rounds of the discriminator times 3 parts: give batch_size a multiple of 6"
    with pytest.raises(ValueError, match=what):
        gan.fit(np.zeros((8, *SHAPE), "uint8"), batch_size=BATCH, verbose=0)
    with pytest.raises(ValueError, match="accumulate must be a whole number from 1, not 0"):
        gan.compile(accumulate=0)
