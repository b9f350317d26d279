"""Maps that excite others go into ONNX, too: the family's checks are of images without any."""

import pytest

import ganzoo
from ganzoo import testing


@pytest.mark.slow
@pytest.mark.parametrize("width", [128, 144])
def test_excited_maps_are_exported(width, tmp_path):
    small = {"image_shape": (128, width, 1), "latent_dim": 4, "base_filters": 1}
    testing.check_export(ganzoo.FastGAN, small, tmp_path)
