"""Which images are changed, how the probability adapts, and that nothing of it is drawn."""

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo import augmentation, backends
from ganzoo.augmentation import AdaptiveAugmentation, Augmentation


@keras.saving.register_keras_serializable("ganzoo_tests")
class Plus(augmentation.Transformation):
    """A user's transformation."""

    def __init__(self, amount):
        self.amount = amount

    def __call__(self, images, random, rounds):
        return images + self.amount

    def get_config(self):
        return {"amount": self.amount}


def viewed(pipeline, images, rounds=0):
    seed = keras.random.SeedGenerator(1)
    return ops.convert_to_numpy(pipeline.view(ops.convert_to_tensor(images), seed, rounds))


def test_each_image_is_changed_with_the_probability():
    """Whole images; every transformation decides for itself."""
    found = viewed(Augmentation([Plus(1.0), Plus(2.0)], 0.3), np.zeros((3000, 2, 3, 1), "float32"))
    assert np.ptp(found, axis=(1, 2, 3)).max() == 0
    kinds, counts = np.unique(found[:, 0, 0, 0], return_counts=True)
    np.testing.assert_array_equal(kinds, [0, 1, 2, 3])
    for count, share in zip(counts, (0.49, 0.21, 0.21, 0.09), strict=True):
        assert abs(count - 3000 * share) < 5 * np.sqrt(3000 * share * (1 - share))


@pytest.mark.parametrize("channels", [1, 3])
def test_probabilities_of_0_and_1_leave_nothing_to_chance(channels):
    images = np.random.default_rng(0).uniform(-1, 1, (200, 5, 8, channels)).astype("float32")
    np.testing.assert_array_equal(viewed(Augmentation(probability=0.0), images), images)
    changed = viewed(Augmentation(), images)
    assert changed.shape == images.shape
    assert np.isfinite(changed).all()
    assert (np.abs(changed - images).max(axis=(1, 2, 3)) > 1e-3).all()
    np.testing.assert_array_equal(viewed(Augmentation([Plus(1.0)]), images), images + 1)


def test_a_probability_may_follow_a_schedule():
    """Of the rounds: none, half and all of the images."""
    rising = keras.optimizers.schedules.PolynomialDecay(0.0, 10, 1.0)
    images = np.zeros((1000, 2, 2, 1), "float32")
    shares = [viewed(Augmentation([Plus(1.0)], rising), images, each).mean() for each in (0, 5, 10)]
    assert shares[0] == 0.0
    assert shares[1] == pytest.approx(0.5, abs=0.08)
    assert shares[2] == 1.0


class Dimmed(augmentation.Brightness):
    """A user's, with a call of its own."""

    def __call__(self, images, random, rounds):
        return 0.5 * super().__call__(images, random, rounds)


ORDERS = {
    3: Augmentation().transformations,
    4: [
        augmentation.Cutout(), augmentation.Contrast(), augmentation.Saturation(), Dimmed(),
        augmentation.Brightness(), augmentation.Flip(), augmentation.Translation(0.5),
    ],
}  # fmt: skip


@pytest.mark.parametrize("channels", ORDERS)
def test_what_is_done_at_once_is_what_is_done_one_by_one(channels):
    """The same random numbers, the same images and the same gradients."""

    def one_by_one(images, random, rounds):
        for each in ORDERS[channels]:
            changed = each(images, random, rounds)
            chosen = keras.random.uniform((len(start), 1, 1, 1), seed=random) < 0.7
            images = ops.where(chosen, changed, images)
        return images

    start = np.random.default_rng(channels).uniform(-1, 1, (40, 9, 6, channels)).astype("float32")
    outer = ops.convert_to_tensor(np.random.default_rng(0).normal(size=start.shape), "float32")
    results = []
    for view in (Augmentation(ORDERS[channels], 0.7).view, one_by_one):
        images, seed = keras.Variable(start), keras.random.SeedGenerator(5)

        def objective(view=view, images=images, seed=seed):
            seen = view(images.value, seed, 3)
            return ops.sum(seen * outer), seen

        _, seen, (gradients,) = backends.current.value_and_gradients(
            objective, [images], lambda images=images, seed=seed: [images, seed.state]
        )
        results.append([ops.convert_to_numpy(each) for each in (seen, gradients, seed.state)])
    for found, expected in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=2e-6)


def test_the_default_is_the_papers_policy():
    names = [type(each).__name__ for each in Augmentation().transformations]
    assert names == ["Brightness", "Saturation", "Contrast", "Translation", "Cutout"]


def test_the_probability_follows_the_sign_of_real_logits():
    """Ten of 100 images in a batch: steps of a tenth, down at 0 and up at 1 no further."""
    pipeline = AdaptiveAugmentation([Plus(1.0)], probability=0.1, target=0.5, images=100)
    found = []
    for sign in [*[1.0] * 13, *[-1.0] * 14]:
        pipeline.observe(ops.convert_to_tensor(sign * np.linspace(0.01, 99, 10), "float32"))
        found.append(float(pipeline.probability))
    # The mean sign after n rounds of +1 is 1 - 0.75^n: 0.25, 0.44, 0.58; then it falls:
    # from 0.976 on by `1.976 * 0.75^n - 1`: 0.48 and less.
    up = [0.0, 0.0, *np.linspace(0.1, 1.0, 10), 1.0]
    down = [*np.linspace(0.9, 0.0, 10), 0.0, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(found, up + down, atol=1e-6)
    expected = 0.0
    for sign in [1.0] * 13 + [-1.0] * 14:
        expected += (sign - expected) / 4
    assert float(pipeline.mean_sign) == pytest.approx(expected, rel=1e-5)


def test_zeros_and_mixed_signs_count_by_their_mean():
    """At the target itself nothing moves."""
    pipeline = AdaptiveAugmentation([Plus(1.0)], probability=0.5, target=0.125, images=8)
    pipeline.observe(ops.convert_to_tensor([3.0, 2.0, 1.0, -5.0], "float32"))
    assert float(pipeline.mean_sign) == 0.125
    assert float(pipeline.probability) == 0.5
    pipeline.observe(ops.convert_to_tensor([0.0, 0.0], "float32"))
    assert float(pipeline.mean_sign) == 0.125 * 0.75
    assert float(pipeline.probability) == 0.25


def test_nothing_of_it_is_drawn_or_evaluated():
    """Images shifted far out of [-1, 1] are what the discriminator sees, and nobody else."""
    images = np.random.default_rng(0).integers(0, 256, (8, 9, 8, 1), dtype="uint8")

    gan = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=0)
    pipeline = AdaptiveAugmentation([Plus(7.0)], probability=1.0, target=-0.99)
    gan.compile("sgd", "sgd", loss="hinge", augmentation=pipeline, ema_decay=0.5)
    gan._draw_latents = lambda real, seed: ops.ones((4, 3))
    gan.fit(images, batch_size=4, epochs=2, verbose=0)
    bare = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=0)  # knows of no training at all
    networks = ("ema_generator", "generator"), ("discriminator", "discriminator")
    for theirs, mine in networks:
        getattr(bare, mine).set_weights(getattr(gan, theirs).get_weights())
    np.testing.assert_array_equal(gan.generate(5, seed=3), bare.generate(5, seed=3))
    bare.generator.set_weights(gan.generator.get_weights())
    bare.compile(loss="hinge")
    bare._draw_latents = gan._draw_latents
    before = float(pipeline.mean_sign)
    judged = [each.evaluate(images, batch_size=4, verbose=0) for each in (gan, bare)]
    assert judged[0] == pytest.approx(judged[1], rel=1e-6)
    assert float(pipeline.mean_sign) == before != 0
    assert float(pipeline.probability) == 1.0


EACH = [
    Augmentation([Plus(0.5), augmentation.Flip()], 0.25, name="mine"),
    Augmentation(probability=keras.optimizers.schedules.PolynomialDecay(0.0, 10, 1.0)),
    AdaptiveAugmentation(
        [augmentation.Translation(0.5), augmentation.Cutout(0.25),
         augmentation.InstanceNoise(0.5, 7)], 0.5, target=0.25, images=99,
    ),
]  # fmt: skip


@pytest.mark.parametrize("pipeline", EACH, ids=lambda each: type(each).__name__)
def test_augmentations_survive_serialisation(pipeline):
    config = keras.saving.serialize_keras_object(pipeline)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(pipeline)
    assert again.get_config() == pipeline.get_config()
    for one, other in zip(again.transformations, pipeline.transformations, strict=True):
        assert type(one) is type(other)
        assert vars(one) == vars(other)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Augmentation([]), ValueError, "at least one"),
        (lambda: Augmentation(augmentation.Flip()), TypeError, "must be a list, e.g."),
        (lambda: Augmentation([augmentation.Flip]), TypeError, r"e\.g\. Flip\(\), not <class"),
        (lambda: Augmentation(["flip"]), TypeError, "not 'flip'"),
        (lambda: Augmentation(probability=1.5), ValueError, "from 0 to 1, not 1.5"),
        (lambda: Augmentation(probability=float("nan")), ValueError, "from 0 to 1"),
        (lambda: AdaptiveAugmentation(target=1.0), ValueError, "target must be between -1 and 1"),
        (lambda: AdaptiveAugmentation(images=0), ValueError, "images from 1"),
        (
            lambda: AdaptiveAugmentation(
                probability=keras.optimizers.schedules.ExponentialDecay(0.5, 9, 0.5)
            ),
            TypeError,
            "adapts itself: begin with a number, not a schedule",
        ),
    ],
)
def test_what_an_augmentation_may_not_be(make, error, message):
    with pytest.raises(error, match=message):
        make()
