"""What determines a FastGAN, and what it trains with."""

import numpy as np
import pytest

import ganzoo
from ganzoo.fastgan.fastgan_arguments import FastGANArguments
from ganzoo.gan import feeding
from ganzoo.gan.weights import weight_shapes
from ganzoo.layers import Normal


@pytest.mark.any_backend
def test_the_papers_networks_have_the_papers_parameters():
    """At 256 pixels: 29.1 and 8.4 million, but for the small image, which nobody draws here."""
    shapes = weight_shapes(ganzoo.FastGAN, FastGANArguments((256, 256, 3)))
    learned = {"generator": 0, "discriminator": 0}
    for name, shape in shapes.items():
        network, _, kind = name.split(".")
        if kind in ("kernel", "gamma", "beta", "scale"):
            learned[network] += int(np.prod(shape))
    assert learned == {"generator": 29_127_654, "discriminator": 8_386_672}


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((64, 96, 3), (64, 96, 3)),
        ((28, 28, 1), (32, 32, 1)),
        ((20, 30, 4), (32, 48, 4)),
        ((100, 75, 3), (104, 72, 3)),
        ((127, 131, 3), (128, 128, 3)),
        ((250, 264, 3), (256, 256, 3)),
        ((300, 500, 3), (288, 512, 3)),
    ],
)
def test_images_get_the_nearest_shape_that_there_is(shape, expected):
    assert FastGANArguments.nearest_shape(shape) == expected
    assert FastGANArguments(expected).image_shape == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_shape": (100, 75, 3)}, r"multiples of 8 .* e.g. \(104, 72, 3\), not \(100, 75"),
        ({"image_shape": (16, 64, 3)}, "height must be a whole number, at least 32"),
        ({"upsampling": "bicubic"}, "'nearest' or 'bilinear', not 'bicubic'"),
        ({"grown_from": 16}, "grown_from must be a whole number, 32 to 4096, not 16"),
        ({"base_filters": 300}, "base_filters must be a whole number, 1 to 256, not 300"),
    ],
)
@pytest.mark.any_backend
def test_what_no_fastgan_can_be(changes, message):
    with pytest.raises(ValueError, match=message):
        ganzoo.FastGAN(**{"image_shape": (32, 32, 1)} | changes)


@pytest.mark.parametrize(
    ("side", "places"), [(32, 25), (64, 25), (128, 25), (144, 36), (512, 25), (2048, 25)]
)
@pytest.mark.any_backend
def test_both_networks_fit_every_size(side, places, monkeypatch):
    """The larger one judges 25 places or so of a square image, the smaller one as many."""
    monkeypatch.setattr(Normal, "__call__", lambda self, shape, dtype=None: np.zeros(shape))
    arguments = FastGANArguments((side, side, 3), 8, base_filters=1)
    generator = ganzoo.FastGAN.build_generator(arguments, 0, "float32")
    assert generator.output.shape == (None, side, side, 3)
    logits, last, small, middle = ganzoo.FastGAN.build_discriminator(arguments, 0, None).outputs
    assert logits.shape == (None, 2 * places)
    assert last.shape[1:3] == small.shape[1:3] == tuple(each // 2 for each in middle.shape[1:3])


def test_it_trains_as_its_paper_does_where_the_user_says_nothing():
    gan = ganzoo.FastGAN((32, 32, 1), 4, base_filters=1)
    gan.compile()
    assert gan.objective.loss.get_config() == {"spread": 0.2}
    kinds = [type(each).__name__ for each in gan.objective.augmentation.transformations]
    assert kinds == ["Brightness", "Saturation", "Contrast", "Translation"]
    images = ganzoo.datasets.read(np.zeros((20, 32, 32, 1), "uint8"), gan.image_shape)
    assert feeding.batches_of(gan, None, images).batch_size == 8
    gan.compile(loss="non_saturating", augmentation=None, ema_decay=None)
    assert isinstance(gan.objective.loss, ganzoo.losses.NonSaturating)
    assert gan.objective.augmentation is gan.objective.ema_decay is gan.ema_generator is None
