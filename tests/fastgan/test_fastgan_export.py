"""What the checks of a family do not export, whose images are small: excited maps, grown images."""

import pytest

import ganzoo
from ganzoo import testing


@pytest.mark.slow
@pytest.mark.parametrize(("width", "first"), [(128, 128), (144, 128), (128, 32)])
def test_excited_maps_and_grown_images_are_exported(width, first, tmp_path):
    small = {"image_shape": (128, width, 1), "grown_from": first}
    small |= {"latent_dim": 4, "base_filters": 1}
    testing.check_export(ganzoo.FastGAN, small, tmp_path)
