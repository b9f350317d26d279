"""What of a preset a FastGAN of another size, or of other classes, begins with."""

import numpy as np
import pytest
from keras import ops

import ganzoo

SMALL = {"latent_dim": 3, "base_filters": 1, "seed": 0}


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    """Return the folder of a preset whose weights are no fresh model's."""
    gan = ganzoo.FastGAN((32, 32, 1), class_names=["a", "b"], **SMALL)
    random = np.random.default_rng(0)
    for weight in [*gan.generator.weights, *gan.discriminator.weights]:
        weight.assign(random.uniform(0.5, 1.0, weight.shape).astype("float16"))
    folder = tmp_path_factory.mktemp("preset")
    gan.save_to_preset(folder)
    return folder


def by_place(network):
    """Return all weights by the names of their layers."""
    return {
        (layer.name, weight.name): ops.convert_to_numpy(weight)
        for layer in network.layers
        for weight in layer.weights
    }


def test_a_larger_model_has_all_but_what_is_next_to_the_image(preset):
    small = ganzoo.FastGAN.from_preset(preset)
    large = ganzoo.FastGAN.from_preset(preset, image_shape=(64, 64, 1))
    assert large.reinitialized == (
        "the discriminator's first",
        "the discriminator's halve_1",  # it is excited, at this size
        "the discriminator's halve_3",
        "the discriminator's small_2",
        "the discriminator's small_3",
        "the generator's double_4",
    )
    old, new = by_place(small.generator), by_place(large.generator)
    kept = [place for place in new if place[0].startswith(("stem", "double_1", "double_2"))]
    assert kept
    for place in kept:
        np.testing.assert_array_equal(new[place], old[place])
    old, new = by_place(small.discriminator), by_place(large.discriminator)
    for place in old:
        if place[0].startswith(("halve_1", "judge", "classes")):
            np.testing.assert_array_equal(new[place], old[place])
    assert large.inherited_stages == 0


def test_a_class_that_both_know_draws_what_it_drew(preset):
    old = ganzoo.FastGAN.from_preset(preset)
    new = ganzoo.FastGAN.from_preset(preset, class_names=["c", "b", "d"])
    drawn = [gan.generate(2, labels="b", seed=0) for gan in (old, new)]
    # Spectral normalisation divides the first kernel, whose other rows are new, by another number.
    first = [by_place(gan.generator)["stem_1", "kernel"] for gan in (old, new)]
    np.testing.assert_array_equal(first[0][:3], first[1][:3])
    np.testing.assert_array_equal(first[0][4], first[1][4])
    assert drawn[0].shape == drawn[1].shape
    columns = [by_place(gan.discriminator)["classes_1", "kernel"] for gan in (old, new)]
    np.testing.assert_array_equal(columns[0][:, 1], columns[1][:, 1])
    assert new.reinitialized == ("the classes c, d",)
    assert new.inherited_stages == 3
