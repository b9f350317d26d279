"""A preset of one backend on another: from the Hub, and back to it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo import DCGAN

FOLDER = Path(__file__).parent / "golden"


def error(picture, gan):
    """Return the largest difference to the picture that was drawn when the preset was saved."""
    drawn = ganzoo.pictures.image_grid(gan.generate(100, seed=0), gan.num_classes)
    return np.abs(np.asarray(drawn, "int") - np.asarray(picture, "int")).max()


@pytest.mark.parametrize("backend", ["jax", "tensorflow", "torch"])
def test_a_preset_goes_round(hub, backend, tmp_path):
    with Image.open(FOLDER / backend / "samples.png") as picture:
        assert np.asarray(picture).std() > 20
        ganzoo.upload_preset("hf://me/gan", FOLDER / backend)
        gan = DCGAN.from_preset("hf://me/gan", compile=False)
        assert error(picture, gan) <= 1
        gan.save_to_preset(tmp_path)
    weights = [folder / "model.safetensors" for folder in (FOLDER / backend, tmp_path)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
