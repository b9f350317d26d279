"""The round on networks that are small enough to derive by hand."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from ganzoo import augmentation, losses
from ganzoo.training.adversarial import Batch, Game, play_round
from ganzoo.training.optimizer import AdversarialOptimizer
from training.golden import reference

LATENTS, SHAPE, CLASSES, BATCH = 3, (2, 3, 1), 4, 6
PIXELS = 6


def linear_networks(conditional, norm=False):
    """Return Keras networks: `z A + a + E[y]` to images, and `x b + c + e[y]` to logits."""
    latents, images = keras.Input((LATENTS,)), keras.Input(SHAPE)
    drawn = layers.Dense(PIXELS, name="linear")(latents)
    judged = layers.Flatten()(images)
    if norm:
        drawn = layers.BatchNormalization(momentum=0.9, name="norm")(drawn)
        judged = layers.BatchNormalization(momentum=0.9, name="norm")(judged)
    judged = layers.Dense(1, name="linear")(judged)
    inputs = [latents], [images]
    if conditional:
        for each in inputs:
            each.append(keras.Input((), dtype="int32"))
        one_hot = [ops.one_hot(each[1], CLASSES) for each in inputs]
        drawn = drawn + layers.Dense(PIXELS, use_bias=False, name="asked")(one_hot[0])
        judged = judged + layers.Dense(1, use_bias=False, name="asked")(one_hot[1])
    outputs = ops.reshape(drawn, (-1, *SHAPE)), ops.squeeze(judged, -1)
    return [
        keras.Model(each if conditional else each[0], output)
        for each, output in zip(inputs, outputs, strict=True)
    ]


def draw(weights, latents, labels):
    def back(d):
        d = d.reshape(-1, PIXELS)
        gradients = {"linear/kernel": latents.T @ d, "linear/bias": d.sum(0)}
        if labels is not None:
            gradients["asked/kernel"] = np.eye(CLASSES)[labels].T @ d
        return None, gradients

    drawn = latents @ weights["linear/kernel"] + weights["linear/bias"]
    return drawn + (0 if labels is None else weights["asked/kernel"][labels]), back


def judge(weights, images, labels):
    x = images.reshape(-1, PIXELS)

    def back(d):
        gradients = {"linear/kernel": x.T @ d[:, None], "linear/bias": d.sum(keepdims=True)}
        if labels is not None:
            gradients["asked/kernel"] = np.eye(CLASSES)[labels].T @ d[:, None]
        return d[:, None] * weights["linear/kernel"][:, 0], gradients

    logits = (x @ weights["linear/kernel"] + weights["linear/bias"])[:, 0]
    return logits + (0 if labels is None else weights["asked/kernel"][labels, 0]), back


def fill(networks, random):
    """Give random weights to Keras' networks and return the same ones as float64."""
    copies = []
    for network in networks:
        for weight in network.weights:
            weight.assign(random.normal(0, 0.5, weight.shape))
        copies.append({w.path: np.float64(ops.convert_to_numpy(w)) for w in network.weights})
    return copies


def batch_of(*arrays):
    return Batch(*(each if each is None else ops.convert_to_tensor(each) for each in arrays))


def everything(networks, optimizer):
    return lambda: [v for each in (*networks, optimizer) for v in each.variables]


def of_keras(optimizer, rate):
    return {
        "sgd": lambda: keras.optimizers.SGD(rate),
        "adam": lambda: keras.optimizers.Adam(rate, beta_1=0.5),
    }[optimizer]()


@pytest.mark.parametrize(
    ("loss", "optimizer", "conditional", "weighted", "rounds"),
    [
        ("non_saturating", "sgd", False, False, 1),
        ("non_saturating", "adam", True, True, 3),
        ("least_squares", "sgd", False, True, 2),
        ("hinge", "sgd", True, False, 1),
        ("wasserstein", "sgd", False, True, 6),
        ("relativistic", "sgd", False, False, 1),
        ("relativistic", "sgd", True, True, 3),
    ],
)
def test_rounds_are_those_derived_by_hand(loss, optimizer, conditional, weighted, rounds):
    """Both losses, both scores and all weights, over three rounds: order and gradients."""
    random = np.random.default_rng(8)
    networks = linear_networks(conditional)
    theirs, mine = fill(networks, random)
    pair = AdversarialOptimizer(of_keras(optimizer, 0.05), of_keras(optimizer, 0.2))
    pair.build_pair(*(network.trainable_variables for network in networks))
    by_hand = {"sgd": reference.SGD, "adam": reference.Adam}[optimizer]
    by_hand = {"generator": by_hand(0.05), "discriminator": by_hand(0.2)}
    game = Game(*networks, losses.get(loss), everything(networks, pair))
    # In float32, Adam's 1 - beta_2^t is right to a few 1e-5 of a step that is up to 0.2.
    tolerance = {"sgd": 2e-6, "adam": 2e-5}[optimizer]
    for number in range(3):
        real = random.uniform(-1, 1, (BATCH, *SHAPE)).astype("float32")
        latents = random.normal(size=(BATCH, LATENTS)).astype("float32")
        labels = random.integers(0, CLASSES, BATCH).astype("int32") if conditional else None
        weight = random.uniform(0, 3, BATCH).astype("float32") if weighted else None
        outcome = play_round(
            game,
            pair,
            batch_of(real, labels, weight, latents),
            rounds,
        )
        expected = reference.play_round(
            (draw, theirs),
            (judge, mine),
            by_hand,
            np.float64(real),
            np.float64(latents),
            labels,
            loss,
            1.0 if weight is None else np.float64(weight),
            rounds,
        )
        for name, value in expected.items():
            found = ops.convert_to_numpy(getattr(outcome, name))
            assert found.shape == ()
            np.testing.assert_allclose(found, value, rtol=2e-5, err_msg=name)
        for network, values in zip(networks, (theirs, mine), strict=True):
            for weight in network.weights:
                found = ops.convert_to_numpy(weight)
                np.testing.assert_allclose(found, values[weight.path], rtol=2e-5, atol=tolerance)
        counts = [int(each.iterations) for each in (pair, *pair.optimizers)]
        assert counts == [number + 1, number + 1, rounds * (number + 1)]


@pytest.mark.parametrize("loss", ["hinge", "relativistic"])
def test_batch_statistics_never_mix(loss):
    """The discriminator's norm sees real, fake and fake again; the generator's one batch.

    A moving average after three updates is `0.9^3 old + 0.1 (0.9^2 real + 0.9 fake + fake)`. A loss
    that compares the two sees the real ones again, too, before the fakes.
    """
    random = np.random.default_rng(9)
    networks = linear_networks(conditional=False, norm=True)
    theirs, mine = fill(networks, random)
    pair = AdversarialOptimizer(of_keras("sgd", 0.1), of_keras("sgd", 0.1))
    pair.build_pair(*(network.trainable_variables for network in networks))
    real = random.uniform(-1, 1, (BATCH, *SHAPE)).astype("float32")
    latents = random.normal(size=(BATCH, LATENTS)).astype("float32")
    batch = batch_of(real, None, None, latents)
    play_round(Game(*networks, losses.get(loss), everything(networks, pair)), pair, batch)

    drawn = latents @ theirs["linear/kernel"] + theirs["linear/bias"]
    unit = (drawn - drawn.mean(0)) / np.sqrt(drawn.var(0) + 1e-3)  # Keras' own epsilon
    fake = theirs["norm/gamma"] * unit + theirs["norm/beta"]
    seen = [real.reshape(BATCH, -1), fake, fake]
    if loss == "relativistic":
        seen.insert(2, seen[0])
    found = [{w.path: ops.convert_to_numpy(w) for w in network.weights} for network in networks]
    for name, average in {"norm/moving_mean": np.mean, "norm/moving_variance": np.var}.items():
        expected = 0.9 * theirs[name] + 0.1 * average(drawn, axis=0)
        np.testing.assert_allclose(found[0][name], expected, rtol=1e-5, atol=1e-6)
        expected = mine[name]
        for images in seen:
            expected = 0.9 * expected + 0.1 * average(images, axis=0)
        np.testing.assert_allclose(found[1][name], expected, rtol=1e-5, atol=1e-6)


class Dyed(augmentation.Transformation):
    """Something that leaves no image as it is, and that can be derived by hand."""

    def __call__(self, images, random, rounds):
        return 2.0 * images + 3.0


def test_the_discriminator_sees_augmented_images_alone_and_the_generator_learns_through_it():
    """Real ones, fakes and the fakes that convince: the game of a `2 x + 3` derived by hand."""
    random = np.random.default_rng(8)
    networks = linear_networks(conditional=False)
    theirs, mine = fill(networks, random)
    pair = AdversarialOptimizer(of_keras("sgd", 0.05), of_keras("sgd", 0.2))
    pair.build_pair(*(network.trainable_variables for network in networks))
    view = augmentation.Augmentation([Dyed()])
    game = Game(*networks, losses.get("least_squares"), augmentation=view,
                random=keras.random.SeedGenerator(0))  # fmt: skip
    game = game._replace(state=lambda: [*everything(networks, pair)(), *view.variables,
                                        game.random.state])  # fmt: skip
    real = random.uniform(-1, 1, (BATCH, *SHAPE)).astype("float32")
    latents = random.normal(size=(BATCH, LATENTS)).astype("float32")
    play_round(game, pair, batch_of(real, None, None, latents), discriminator_steps=2)
    reference.play_round(
        (draw, theirs), (judge, mine),
        {"generator": reference.SGD(0.05), "discriminator": reference.SGD(0.2)},
        np.float64(real), np.float64(latents), None, "least_squares", rounds=2,
        view=(lambda images: 2 * images + 3, lambda d: 2 * d),
    )  # fmt: skip
    for network, values in zip(networks, (theirs, mine), strict=True):
        for weight in network.weights:
            found = ops.convert_to_numpy(weight)
            np.testing.assert_allclose(found, values[weight.path], rtol=2e-5, atol=2e-6)
    assert view.variables == []  # it has no numbers of its own


def test_an_augmentation_of_probability_0_is_none():
    """Bit for bit, given the latents. (In `fit` both draw from one stream: other latents.)"""
    ends = []
    for view in (None, augmentation.Augmentation([augmentation.Flip()], 0.0)):
        random = np.random.default_rng(8)
        networks = linear_networks(conditional=False)
        fill(networks, random)
        pair = AdversarialOptimizer(of_keras("adam", 0.05), of_keras("adam", 0.2))
        pair.build_pair(*(network.trainable_variables for network in networks))
        seed = keras.random.SeedGenerator(0)
        changing = [*everything(networks, pair)(), seed.state, *(view.variables if view else [])]
        game = Game(*networks, losses.get("hinge"), lambda each=changing: each,
                    augmentation=view, random=seed)  # fmt: skip
        real = random.uniform(-1, 1, (BATCH, *SHAPE)).astype("float32")
        latents = random.normal(size=(BATCH, LATENTS)).astype("float32")
        play_round(game, pair, batch_of(real, None, None, latents))
        ends.append([ops.convert_to_numpy(v) for each in networks for v in each.weights])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


@keras.saving.register_keras_serializable("ganzoo_tests")
class Counted(keras.layers.Layer):
    """A discriminator of three places, which counts how often it is asked."""

    def __init__(self):
        super().__init__()
        self.asked = 0
        self.dense = layers.Dense(3)

    def call(self, images, training=False):
        self.asked += 1
        return self.dense(ops.reshape(images, (-1, PIXELS)))


@pytest.mark.parametrize(("loss", "asked"), [("hinge", 3), ("relativistic", 4)])
def test_real_images_are_judged_again_only_where_the_loss_looks_at_them(loss, asked):
    """And an image that is judged in three places counts as three judgements of a third each."""
    random = np.random.default_rng(8)
    generator, _ = linear_networks(conditional=False)
    discriminator = Counted()
    discriminator(np.zeros((1, *SHAPE), "float32"))
    networks = generator, discriminator
    theirs, _ = fill([generator, discriminator.dense], random)
    kernel, bias = (np.float64(ops.convert_to_numpy(v)) for v in discriminator.dense.weights)
    pair = AdversarialOptimizer(of_keras("sgd", 0.05), of_keras("sgd", 0.2))
    pair.build_pair(*(network.trainable_variables for network in networks))
    real = random.uniform(-1, 1, (BATCH, *SHAPE)).astype("float32")
    latents = random.normal(size=(BATCH, LATENTS)).astype("float32")
    weight = random.uniform(0, 3, BATCH).astype("float32")
    discriminator.asked = 0
    game = Game(*networks, losses.get(loss), everything(networks, pair))
    outcome = play_round(game, pair, batch_of(real, None, weight, latents))
    assert discriminator.asked == asked

    def judge(weights, images, labels):
        x = images.reshape(-1, PIXELS)

        def back(d):  # `d` of the flat list of places
            d = d.reshape(-1, 3)
            return d @ weights["kernel"].T, {"kernel": x.T @ d, "bias": d.sum(0)}

        return (x @ weights["kernel"] + weights["bias"]).reshape(-1), back

    mine = {"kernel": kernel, "bias": bias}
    expected = reference.play_round(
        (draw, theirs), (judge, mine),
        {"generator": reference.SGD(0.05), "discriminator": reference.SGD(0.2)},
        np.float64(real), np.float64(latents), None, loss, np.float64(weight), places=3,
    )  # fmt: skip
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(outcome, name), value, rtol=2e-5, err_msg=name)
    for found, value in zip(discriminator.dense.weights, mine.values(), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(found), value, rtol=2e-5, atol=2e-6)
    for found in generator.weights:
        value = theirs[found.path]
        np.testing.assert_allclose(ops.convert_to_numpy(found), value, rtol=2e-5, atol=2e-6)


def test_a_batch_that_cannot_be_shared_out_says_what_to_do():
    real, latents = ops.zeros((6, *SHAPE)), ops.zeros((6, LATENTS))
    game = Game(*linear_networks(conditional=False), losses.get("hinge"))
    with pytest.raises(
        ValueError, match=r"batch of 6 images.*4 rounds.*batch_size a multiple of 4"
    ):
        play_round(game, None, Batch(real, None, None, latents), 4)
