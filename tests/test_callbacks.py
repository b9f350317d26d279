import numpy as np
import pytest
from PIL import Image

import ganzoo

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


@pytest.fixture
def gan():
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
    gan.compile()
    return gan


def test_a_grid_from_the_same_latents_each_epoch(gan, tmp_path):
    grid = ganzoo.callbacks.SampleGrid(tmp_path, n=6, columns=3, seed=1)
    gan.fit(IMAGES, epochs=2, verbose=0, callbacks=[grid])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["epoch-0001.png", "epoch-0002.png"]
    expected = ganzoo.pictures.image_grid(gan.generate(6, seed=1), columns=3)
    with Image.open(tmp_path / "epoch-0002.png") as written:
        np.testing.assert_array_equal(np.asarray(written), np.asarray(expected))


def test_drawing_does_not_change_the_training(gan, tmp_path):
    plain = ganzoo.DCGAN.from_config(gan.get_config())
    plain.compile()
    plain.fit(IMAGES, epochs=2, verbose=0)
    gan.fit(IMAGES, epochs=2, verbose=0, callbacks=[ganzoo.callbacks.SampleGrid(tmp_path)])
    np.testing.assert_array_equal(gan.generate(4, seed=0), plain.generate(4, seed=0))


def test_a_picture_that_cannot_be_written_costs_no_training(gan, tmp_path):
    (tmp_path / "samples").write_text("a file where the folder should be")
    grid = ganzoo.callbacks.SampleGrid(tmp_path / "samples", n=1)
    with pytest.warns(UserWarning, match="No sample grid") as caught:
        history = gan.fit(IMAGES, epochs=3, verbose=0, callbacks=[grid])
    assert sum("No sample grid" in str(each.message) for each in caught) == 1
    assert len(history.epoch) == 3
