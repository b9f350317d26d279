"""Grids of samples after each epoch."""

import io

import keras
import numpy as np
import pytest
from kept_models import plain_gan
from PIL import Image

import ganzoo

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), dtype="uint8")


@pytest.fixture
def gan():
    return plain_gan()


def test_a_grid_from_the_same_latents_each_epoch(gan, tmp_path):
    grid = ganzoo.callbacks.SampleGrid(tmp_path, n=6, columns=3, seed=1)
    gan.fit(IMAGES, epochs=2, verbose=0, callbacks=[grid])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["epoch-0001.png", "epoch-0002.png"]
    expected = ganzoo.pictures.image_grid(gan.generate(6, seed=1), columns=3)
    with Image.open(tmp_path / "epoch-0002.png") as written:
        np.testing.assert_array_equal(np.asarray(written), np.asarray(expected))


def test_tensorboard_shows_the_grid(gan, tmp_path):
    pytest.importorskip("tensorboard", reason="shown where TensorBoard is installed")
    tensorflow = pytest.importorskip("tensorflow", reason="Keras' TensorBoard needs it")
    board = keras.callbacks.TensorBoard(tmp_path / "logs", write_graph=False)
    grid = ganzoo.callbacks.SampleGrid(tmp_path / "samples", n=6, tensorboard=board)
    gan.fit(IMAGES, epochs=1, verbose=0, callbacks=[board, grid])
    shown = [
        value.tensor.string_val[2]
        for path in (tmp_path / "logs" / "train").iterdir()
        for record in tensorflow.data.TFRecordDataset(str(path))
        for value in tensorflow.compat.v1.Event.FromString(record.numpy()).summary.value
        if value.tag == "samples"
    ]
    with (
        Image.open(io.BytesIO(shown[0])) as picture,
        Image.open(tmp_path / "samples" / "epoch-0001.png") as written,
    ):
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(written))


@pytest.mark.parametrize("channels", [2, 5])
@pytest.mark.parametrize("name", ["SampleGrid", "TrainingFilm"])
def test_images_that_no_picture_shows_cost_no_epoch(name, channels, tmp_path):
    gan = ganzoo.DCGAN((8, 8, channels), latent_dim=4, base_filters=2, seed=0)
    gan.compile()
    epochs = []
    spy = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.append(epoch))
    callback = getattr(ganzoo.callbacks, name)(tmp_path / "film.gif")
    with pytest.raises(ValueError, match=f"{name} shows images of 1, 3 or 4 .* have {channels}"):
        gan.fit(IMAGES.repeat(channels, -1), epochs=1, verbose=0, callbacks=[spy, callback])
    assert epochs == []
