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
        values = random.uniform(0.5, 1.0, weight.shape)
        if weight.name in ("kernel", "direction"):  # the latter belongs to the former
            values = ops.convert_to_numpy(weight) * (2 if weight.name == "kernel" else 1)
        weight.assign(values.astype("float16"))
    folder = tmp_path_factory.mktemp("preset")
    gan.save_to_preset(folder)
    return folder


def networks(gan):
    return gan.generator, gan.discriminator


def by_place(network):
    """Return all weights by the names of their layers."""
    return {
        (layer.name, weight.name): ops.convert_to_numpy(weight)
        for layer in network.layers
        for weight in layer.weights
    }


def test_a_larger_model_has_all_that_the_preset_has(preset):
    small = ganzoo.FastGAN.from_preset(preset)
    large = ganzoo.FastGAN.from_preset(preset, image_shape=(64, 64, 1))
    assert large.arguments.grown_from == 32
    assert large.reinitialized == (
        "the discriminator's first_3",
        "the discriminator's halve_3",
        "the generator's double_4",
        "the generator's image_4",
    )
    for old, new in zip(networks(small), networks(large), strict=True):
        known, found = by_place(old), by_place(new)
        for place, value in known.items():
            np.testing.assert_array_equal(found[place], value)
    assert large.inherited_stages == 0


def doubled(images, axis):
    """Return images of twice the size along an axis: a pixel has 3/4 of what is nearest to it."""
    images = np.moveaxis(images, axis, 0)
    before, after = (
        np.concatenate([images[:1], images[:-1]]),
        np.concatenate([images[1:], images[-1:]]),
    )
    pairs = np.stack([0.75 * images + 0.25 * before, 0.75 * images + 0.25 * after], axis=1)
    return np.moveaxis(pairs.reshape(-1, *images.shape[1:]), 0, axis)


@pytest.mark.parametrize("side", [64, 128])
def test_a_grown_generator_draws_what_the_small_one_did_enlarged(preset, side):
    """Linearly between pixels, in what tanh makes an image of."""
    small = ganzoo.FastGAN.from_preset(preset)
    large = ganzoo.FastGAN.from_preset(preset, image_shape=(side, side, 1), seed=7)
    asked = [small.latents(3, seed=0), np.array([0, 1, 0], "int32")]
    drawn, expected = (ops.convert_to_numpy(gan.generator(asked)) for gan in (large, small))
    assert expected.std() > 0.1
    image = np.arctanh(expected.astype("float64"))
    for _ in range(side // 64):
        image = doubled(doubled(image, 1), 2)
    np.testing.assert_allclose(drawn, np.tanh(image), atol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_a_grown_discriminator_sees_what_the_small_one_did(preset, training):
    """Of an image made smaller: all its logits, and what the decoders are given."""
    small = ganzoo.FastGAN.from_preset(preset)
    large = ganzoo.FastGAN.from_preset(preset, image_shape=(128, 128, 1))
    images = np.random.default_rng(0).uniform(-1, 1, (4, 32, 4, 32, 4, 1)).astype("float32")
    shrunk, labels = images.mean(axis=(2, 4)), np.array([0, 1, 1, 0], "int32")
    seen = [
        gan.discriminator(
            [ops.convert_to_tensor(x), ops.convert_to_tensor(labels)], training=training
        )
        for gan, x in ((large, images.reshape(4, 128, 128, 1)), (small, shrunk))
    ]
    for found, expected in zip(*(map(ops.convert_to_numpy, each) for each in seen), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_a_grown_model_learns_in_its_new_stages_and_shrinks_again(preset, tmp_path):
    large = ganzoo.FastGAN.from_preset(preset, image_shape=(64, 64, 1))
    large.compile()
    images = np.random.default_rng(0).integers(0, 256, (8, 64, 64, 1), "uint8")
    before = [by_place(each) for each in networks(large)]
    large.fit(images, np.arange(8) % 2, epochs=2, verbose=0)
    after = [by_place(each) for each in networks(large)]
    for network, places in ((0, ["double_4_2", "image_4_1"]), (1, ["halve_3_3", "first_3_1"])):
        for layer in places:
            kind = "gamma" if (layer, "gamma") in after[network] else "kernel"
            old, new = (each[network][layer, kind] for each in (before, after))
            assert (old != new).any(), layer
    large.save_to_preset(tmp_path / "large")
    small = ganzoo.FastGAN.from_preset(tmp_path / "large", image_shape=(32, 32, 1))
    assert small.reinitialized == ()
    assert small.arguments.grown_from == 32


def test_stages_of_a_grown_discriminator_are_its_halvings(preset):
    large = ganzoo.FastGAN.from_preset(preset, image_shape=(64, 64, 1))
    names = [[layer.name.rpartition("_")[0] for layer in stage] for stage in large.stages()]
    assert [sorted(set(each)) for each in names] == [
        ["first_3"],
        ["first_2", "halve_3"],
        ["halve_2"],
        ["halve_1"],
    ]
    sizes = [stage[-1].output.shape[1] for stage in large.stages()]
    assert sizes == [64, 32, 16, 8]


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
