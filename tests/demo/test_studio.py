"""What the page draws is what the library draws."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import ganzoo
from ganzoo.demo.studio import IN_TURN, Studio
from ganzoo.pictures import image_grid


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
