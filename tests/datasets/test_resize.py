import numpy as np
import pytest
from PIL import Image

from ganzoo.datasets.resize import resize


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "CMYK")])
def test_equal_to_pillows_own_result(channels, mode):
    images = np.random.default_rng(0).integers(0, 256, (3, 9, 14, channels), dtype=np.uint8)
    for image, resized in zip(images, resize(images, 6, 5), strict=True):
        picture = Image.fromarray(image[..., 0] if channels == 1 else image)
        if channels == 4:
            picture = Image.frombytes(mode, (14, 9), image.tobytes())
        expected = np.asarray(picture.resize((5, 6), Image.Resampling.LANCZOS))
        np.testing.assert_array_equal(resized, expected.reshape(6, 5, channels))


def test_the_same_size_is_not_copied():
    images = np.zeros((2, 8, 8, 1), np.uint8)
    assert resize(images, 8, 8) is images
