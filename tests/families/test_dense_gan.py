"""What the page's family shows of the interface: its constructor, its name, its features."""

import json

import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo.gan import families

SMALL = {"image_shape": (3, 2, 1), "latent_dim": 4, "units": 5, "seed": 0}


def test_the_constructor_follows_from_the_arguments(dense):
    gan = dense((3, 2, 1), 4, units=5, seed=0, name="mine")
    assert gan.get_config() == dense(**SMALL, name="mine").get_config()
    assert dense(units=5).image_shape == (28, 28, 1)
    assert dense(units=5).name == "dense"
    assert dense(**SMALL, dtype="mixed_bfloat16").dtype_policy.name == "mixed_bfloat16"
    with pytest.raises(TypeError, match="unit"):
        dense(unit=5)
    with pytest.raises(ValueError, match="units must be a whole number, 1 to 4096, not 5000"):
        dense(units=5000)


def test_a_class_is_known_where_it_is_defined(dense, tmp_path):
    again = type("Again", (dense,), {"family": "known-here"})
    assert families.family("known-here") is again
    again(**SMALL).save_to_preset(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["family"] == "known-here"
    assert type(ganzoo.from_preset(tmp_path)) is again
    newer = type("Newer", (dense,), {"family": "known-here"})  # a cell of a notebook, run twice
    assert type(ganzoo.from_preset(tmp_path)) is newer
    without_a_name = type("Unnamed", (newer,), {})
    assert families.family("known-here") is newer
    assert issubclass(without_a_name, newer)


def test_nobody_takes_the_name_of_ganzoos_own(dense):
    type("Taken", (dense,), {"family": "dcgan"})
    assert families.family("dcgan") is ganzoo.DCGAN


def test_features_are_the_mean_over_the_labels_that_they_depend_on(dense):
    """By NumPy: both hidden layers, for each class that the image could be said to be of."""
    gan = dense(**SMALL, num_classes=3)
    random = np.random.default_rng(0)
    for weight in gan.discriminator.weights:
        weight.assign(random.normal(0, 0.5, weight.shape))
    images = random.integers(0, 256, (7, 3, 2, 1), dtype="uint8")
    first, first_bias, second, second_bias = map(
        ops.convert_to_numpy, gan.discriminator.weights[:4]
    )
    expected = 0.0
    for label in np.eye(3):
        seen = np.concatenate([images.reshape(7, 6) / 127.5 - 1, np.tile(label, (7, 1))], axis=1)
        below = seen @ first + first_bias
        below = np.maximum(below, 0.2 * below)
        above = below @ second + second_bias
        above = np.maximum(above, 0.2 * above)
        expected += np.concatenate([below, above], axis=1) / 3
    found = gan.discriminator_features(images, batch_size=2)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
