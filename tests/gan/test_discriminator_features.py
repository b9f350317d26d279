import math

import numpy as np
import pytest

import ganzoo
from ganzoo.dcgan.dcgan_networks import build_discriminator, discriminator_stages
from ganzoo.gan.discriminator_features import build_feature_reader
from training.golden import reference

CASES = [((9, 8, 1), None), ((15, 17, 2), 3), ((40, 33, 1), None)]  # 1, 2 and 3 convolutions


def model(image_shape, classes):
    """Return a model with vivid weights, and its discriminator's as the reference names them."""
    gan = ganzoo.DCGAN(image_shape, 3, classes, base_filters=2, seed=1)
    random = np.random.default_rng(0)
    weights = reference.random_weights(random, image_shape, 3, classes or 0, 2, size=0.5)[1]
    for name, variable in reference.named_weights(gan.discriminator).items():
        variable.assign(weights[name])
    return gan, weights


def maps(weights, images):
    """Return every convolution's activations, by NumPy in float64."""
    x, found = images / 127.5 - 1, []
    for depth in range(sum(name.startswith("conv") for name in weights)):
        x, _ = reference.halve(x, weights[f"conv{depth}"], "")
        if depth > 0:
            x, _ = reference.batch_norm(x, weights, f"norm{depth - 1}", training=False)
        x, _ = reference.leaky(x, reference.SLOPE)
        found.append(x)
    return found


def pooled(maps):
    """Return the largest values in the cells of a 4 x 4 grid: `(n, 16 * channels)`."""
    height, width = (
        [slice(side * i // 4, math.ceil(side * (i + 1) / 4)) for i in range(4)]
        for side in maps.shape[1:3]
    )
    cells = [maps[:, rows, columns].max(axis=(1, 2)) for rows in height for columns in width]
    return np.concatenate(cells, axis=1)


@pytest.mark.parametrize(("image_shape", "classes"), CASES, ids=str)
def test_features_are_every_layers_pooled_activations(image_shape, classes):
    gan, weights = model(image_shape, classes)
    images = np.random.default_rng(2).integers(0, 256, (6, *image_shape), dtype="uint8")
    expected = np.concatenate([pooled(each) for each in maps(weights, images)], axis=1)
    features = gan.discriminator_features(images, batch_size=3)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_neither_dtype_nor_batches_matter():
    gan, _ = model((9, 8, 1), None)
    images = np.random.default_rng(2).integers(0, 256, (5, 9, 8, 1), dtype="uint8")
    features = gan.discriminator_features(images)
    floats = gan.discriminator_features(images.astype("float32"), batch_size=4)
    np.testing.assert_allclose(floats, features, rtol=1e-4, atol=1e-5)


def test_a_28x28_image_has_the_papers_grid_of_all_maps():
    """14 x 14 x 64 and 7 x 7 x 128, each as 4 x 4."""
    discriminator = build_discriminator((28, 28, 1), None, 64, 0)
    reader = build_feature_reader(discriminator, discriminator_stages(discriminator), (28, 28, 1))
    assert reader.output.shape == (None, 16 * (64 + 128))


def test_other_images_are_refused():
    gan = ganzoo.DCGAN((9, 8, 1), num_classes=2, base_filters=2, seed=0)
    images = np.full((2, 9, 8, 1), 0.5, "float32")
    with pytest.raises(ValueError, match=r"Expected images of shape \(batch, 9, 8, 1\)"):
        gan.discriminator_features(np.zeros((2, 8, 8, 1), "uint8"))
    with pytest.raises(ValueError, match="Give images \\* 255 instead"):
        gan.discriminator_features(images)
    with pytest.raises(ValueError, match="batch_size must be a whole number, at least 1, not 0"):
        gan.discriminator_features(images * 255, batch_size=0)
