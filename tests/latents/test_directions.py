"""Directions against what they are to be: orthonormal, and the strongest first."""

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
