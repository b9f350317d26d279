"""Directions against what they are to be: orthonormal, and the strongest first."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import ganzoo


@pytest.mark.parametrize("num_classes", [None, 3])
def test_no_other_direction_changes_the_stem_more(num_classes):
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=7, base_filters=2, num_classes=num_classes, seed=1)
    found = ganzoo.latents.directions(gan, 7)
    np.testing.assert_allclose(found @ found.T, np.eye(7), atol=1e-5)
    dense = next(each for each in gan.generator.layers if isinstance(each, layers.Dense))
    kernel = ops.convert_to_numpy(dense.kernel)[:7]
    strengths = np.linalg.norm(found @ kernel, axis=1)
    np.testing.assert_allclose(strengths, np.linalg.svd(kernel, compute_uv=False), rtol=1e-4)
    assert (np.take_along_axis(found, np.abs(found).argmax(1)[:, None], 1) > 0).all()


def test_as_many_as_there_are():
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=7, base_filters=2)
    for wrong in (0, 8):
        with pytest.raises(ValueError, match="n must be 1 to 7"):
            ganzoo.latents.directions(gan, wrong)


def beginning(*begin):
    """Return a model whose generator begins with these layers, and its output behind the last."""

    class Beginning(ganzoo.GAN):
        family = "beginning"

        @staticmethod
        def build_generator(arguments, seed, dtype):
            latents = keras.Input((arguments.latent_dim,), name="latents")
            x = latents
            for layer in begin:
                x = layer(x)
            images = layers.Dense(1)(layers.Flatten()(x))
            images = layers.Reshape((1, 1, 1))(images)
            return keras.Model(latents, images, name="generator")

        @staticmethod
        def build_discriminator(arguments, seed, dtype):
            images = keras.Input(arguments.image_shape, name="images")
            return keras.Model(images, layers.Flatten()(images)[:, 0], name="discriminator")

    gan = Beginning((1, 1, 1), latent_dim=5, seed=0)
    return gan, keras.Model(gan.generator.input, begin[-1].output)


@pytest.mark.parametrize(("strides", "padding"), [(1, "valid"), (4, "same")])
def test_a_generator_may_begin_with_a_transposed_convolution(strides, padding):
    """What goes along a direction is measured: as far as the singular values of the way say."""
    unfold = layers.Conv2DTranspose(3, 4, strides, padding)
    gan, first = beginning(layers.Reshape((1, 1, 5)), unfold)
    found = ganzoo.latents.directions(gan, 5)
    np.testing.assert_allclose(found @ found.T, np.eye(5), atol=1e-5)

    def behind(latents):
        return ops.convert_to_numpy(first(latents.astype("float32"))).reshape(5, -1)

    moved = np.linalg.norm(behind(1 + found) - behind(np.ones((5, 5))), axis=1)
    way = behind(np.eye(5)) - behind(np.zeros((5, 5)))
    np.testing.assert_allclose(moved, np.linalg.svd(way, compute_uv=False), rtol=1e-4)


@pytest.mark.parametrize(
    ("begin", "message"),
    [
        ([layers.Reshape((5, 1)), layers.Conv1D(2, 1, name="other")], r"layer 'other' \(Conv1D\)"),
        ([layers.Reshape((1, 5, 1)), layers.Conv2DTranspose(2, 1, name="parts")], "layer 'parts'"),
    ],
    ids=["no such layer", "a part of the latents"],
)
def test_a_generator_that_begins_otherwise_is_told(begin, message):
    gan, _ = beginning(*begin)
    with pytest.raises(ValueError, match=f"latents of 5 numbers .* begins with the {message}"):
        ganzoo.latents.directions(gan, 1)
