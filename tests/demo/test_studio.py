"""What the page draws is what the library draws."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.demo.studio import IN_TURN, Studio
from ganzoo.pictures import image_grid


class Stripes(ganzoo.GAN):
    """A family that no package brings, as plain as can be."""

    family = "stripes"

    @staticmethod
    def build_generator(arguments, seed, dtype):
        latents = keras.Input((arguments.latent_dim,))
        height, width, channels = arguments.image_shape
        x = keras.layers.Dense(width, "tanh", dtype=dtype)(latents)
        x = keras.layers.RepeatVector(height * channels)(x)
        images = keras.layers.Reshape(arguments.image_shape, dtype="float32")(x)
        return keras.Model(latents, images, name="generator")

    @staticmethod
    def build_discriminator(arguments, seed, dtype):
        images = keras.Input(arguments.image_shape)
        logits = keras.layers.Dense(1)(keras.layers.Flatten()(images))
        return keras.Model(images, keras.ops.squeeze(logits, -1), name="discriminator")


@pytest.fixture
def stripes(tmp_path):
    """A page of that family."""
    Stripes((6, 10, 1), latent_dim=2, seed=0).save_to_preset(tmp_path / "stripes")
    return Studio([str(tmp_path / "stripes")])


def test_any_family_is_shown(stripes):
    (model,) = stripes.models
    gan = stripes.gan(model)
    assert type(gan) is Stripes
    assert stripes.labels(model) == []
    expected = image_grid(gan.generate(4, seed=1), 2, scale=600 // 20)
    np.testing.assert_array_equal(pixels(stripes.grid(model, 1, 4, IN_TURN)), pixels(expected))
    itself = pixels(stripes.varied(model, 1, 2, IN_TURN, [0, 0]))
    gone = pixels(stripes.varied(model, 1, 2, IN_TURN, [3, 0]))
    assert np.abs(gone.astype(int) - itself).mean() > 1
    assert pixels(stripes.between(model, 1, 1, 2, IN_TURN)).std() > 1


@pytest.mark.parametrize(
    ("seed", "count", "meant"),
    [
        (None, 5, (0, 5)),
        (3, None, (3, 1)),
        (None, None, (0, 1)),
        (1e12, 5, (2**31 - 1, 5)),
        (-4, 0, (0, 1)),
        (7.0, 1e9, (7, 100)),
        (float("inf"), 2, (2**31 - 1, 2)),
    ],
)
def test_an_emptied_or_wild_field_counts_as_the_nearest_number(studio, seed, count, meant):
    expected = pixels(studio.grid("mnist", *meant, IN_TURN))
    np.testing.assert_array_equal(pixels(studio.grid("mnist", seed, count, IN_TURN)), expected)
    way = pixels(studio.between("mnist", seed, count, None, "7"))
    np.testing.assert_array_equal(way, pixels(studio.between("mnist", *meant, 1, "7")))
    itself = studio.varied("mnist", seed, count, "7", [None] * 6)
    np.testing.assert_array_equal(
        pixels(itself), pixels(studio.varied("mnist", *meant, "7", [0] * 6))
    )


def test_a_model_is_loaded_once_whoever_asks_first(monkeypatch):
    loads = []
    real = ganzoo.from_preset
    monkeypatch.setattr(ganzoo, "from_preset", lambda *a, **k: loads.append(a) or real(*a, **k))
    page = Studio(["mnist"])
    with ThreadPoolExecutor(4) as visitors:
        models = list(visitors.map(lambda _: page.gan("mnist"), range(4)))
    assert len(loads) == 1
    assert len(set(map(id, models))) == 1


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """Two models: digits that come along, and one of no classes."""
    folder = tmp_path_factory.mktemp("plain")
    ganzoo.DCGAN((8, 12, 3), latent_dim=4, base_filters=2, seed=0).save_to_preset(folder)
    return Studio(["mnist", str(folder)])


def pixels(picture):
    return np.asarray(picture)


def test_the_first_images_of_a_seed(studio):
    gan = ganzoo.DCGAN.from_preset("mnist")
    for label, asked in ((IN_TURN, None), ("7", 7)):
        columns = 10 if asked is None else 5
        expected = image_grid(
            gan.generate(20, seed=3, labels=asked), columns, scale=600 // (columns * 28)
        )
        picture = studio.grid("mnist", seed=3, count=20, label=label)
        np.testing.assert_array_equal(pixels(picture), pixels(expected))


def test_an_image_gone_nowhere_is_itself_and_each_direction_changes_it(studio):
    itself = pixels(studio.varied("mnist", 3, 8, IN_TURN, [0] * 6))
    gan = ganzoo.DCGAN.from_preset("mnist")
    eighth = gan.generate(8, seed=3)[-1:]
    np.testing.assert_array_equal(itself, pixels(image_grid(eighth, scale=600 // 28)))
    for direction in range(6):
        gone = pixels(studio.varied("mnist", 3, 8, IN_TURN, 3 * np.eye(6)[direction]))
        assert np.abs(gone.astype(int) - itself).mean() > 1


def test_the_way_between_begins_and_ends_at_the_images(studio):
    folder = studio.models[1]
    way = pixels(studio.between(folder, 5, 2, 4, IN_TURN, steps=9))
    images = ganzoo.DCGAN.from_preset(folder).generate(4, seed=5)
    grid = image_grid(np.stack([images[1]] * 8 + [images[3]]), 3, scale=600 // (3 * 12))
    height = grid.height // 3
    np.testing.assert_array_equal(
        way[:height, : grid.width // 3], pixels(grid)[:height, : grid.width // 3]
    )
    np.testing.assert_array_equal(
        way[-height:, -grid.width // 3 :], pixels(grid)[-height:, -grid.width // 3 :]
    )


def test_visitors_get_no_other_model_and_no_other_class(studio):
    assert studio.labels("mnist") == [IN_TURN, *map(str, range(10))]
    assert studio.labels(studio.models[1]) == []
    with pytest.raises(ValueError, match="no model '/etc'"):
        studio.grid("/etc", 0, 1, IN_TURN)
    with pytest.raises(ValueError, match="no class 'cat'"):
        studio.grid("mnist", 0, 1, "cat")


def test_visitors_at_the_same_time_see_what_each_asked_for(studio):
    def ask(seed):
        gone = studio.varied("mnist", seed, 2, IN_TURN, [0.5] * 6)
        return pixels(studio.grid("mnist", seed, 9, "7")), pixels(gone)

    one_by_one = [ask(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as visitors:
        at_once = list(visitors.map(ask, range(8)))
    for found, expected in zip(at_once, one_by_one, strict=True):
        for picture, own in zip(found, expected, strict=True):
            np.testing.assert_array_equal(picture, own)


def test_attributes_are_asked_for_one_by_one(tmp_path):
    gan = ganzoo.DCGAN((8, 8, 1), 3, attributes=["hat", "beard"], base_filters=2, seed=0)
    gan.save_to_preset(tmp_path / "faces")
    gan, studio = ganzoo.from_preset(tmp_path / "faces"), Studio([str(tmp_path / "faces")])
    (model,) = studio.models
    assert studio.labels(model) == [IN_TURN, "hat", "beard"]
    in_turn, bearded = (pixels(studio.grid(model, 1, 6, each)) for each in (IN_TURN, "beard"))
    expected = image_grid(gan.generate(6, seed=1), 3, scale=600 // 24)
    np.testing.assert_array_equal(in_turn, pixels(expected))
    expected = image_grid(gan.generate(6, {"beard": 1}, seed=1), 3, scale=600 // 24)
    np.testing.assert_array_equal(bearded, pixels(expected))
