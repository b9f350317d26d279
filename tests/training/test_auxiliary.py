"""A family whose discriminator also learns to rebuild real images from its features.

Small and linear, so that the round is derived by hand: logits for three places of an image,
features beside them, and a decoder that learns with the discriminator.
"""

from dataclasses import dataclass

import keras
import numpy as np
import pytest
from keras import layers, ops

import ganzoo
from ganzoo.callbacks import ExactResume
from ganzoo.gan import GAN, GANArguments, families
from ganzoo.penalties import Penalty
from training.golden import reference

SHAPE, PIXELS, LATENTS, FEATURES, PLACES, BATCH = (2, 3, 1), 6, 3, 4, 3, 4
IMAGES = np.random.default_rng(1).integers(0, 256, (3 * BATCH, *SHAPE), dtype="uint8")
WEIGHT = 0.5  # of the rebuilding


@keras.saving.register_keras_serializable("ganzoo_tests")
class Rebuilding(Penalty):
    """How far images rebuilt from features are from the real ones."""

    def __init__(self, weight=WEIGHT, **options):
        super().__init__(weight, **options)
        self.decoder = layers.Dense(PIXELS, use_bias=False)
        self.decoder.build((None, FEATURES))

    def term(self, judged):
        (features,) = judged.real_features
        rebuilt = ops.reshape(self.decoder(features), (-1, *SHAPE))
        return ops.mean(ops.square(rebuilt - judged.real))


@dataclass
class RebuildingArguments(GANArguments):
    image_shape: tuple[int, int, int] = SHAPE
    latent_dim: int = LATENTS


@keras.saving.register_keras_serializable("ganzoo_tests")
class RebuildingGAN(GAN):
    """A linear generator, and a linear discriminator with features."""

    family = "rebuilding"
    Arguments = RebuildingArguments

    @staticmethod
    def build_generator(arguments, seed, dtype):
        latents = keras.Input((LATENTS,))
        drawn = layers.Dense(PIXELS, use_bias=False, dtype=dtype)(latents)
        images = layers.Reshape(SHAPE, dtype="float32")(drawn)
        return keras.Model(latents, images, name="generator")

    @staticmethod
    def build_discriminator(arguments, seed, dtype):
        images = keras.Input(SHAPE)
        features = layers.Dense(FEATURES, use_bias=False, dtype=dtype)(layers.Flatten()(images))
        logits = layers.Dense(PLACES, use_bias=False, dtype=dtype)(features)
        return keras.Model(images, [logits, features], name="discriminator")

    @staticmethod
    def build_auxiliary(arguments, seed, dtype):
        return Rebuilding()


def draw(weights, latents, labels):
    def back(d):
        return None, {"draw": latents.T @ d.reshape(-1, PIXELS)}

    return (latents @ weights["draw"]).reshape(-1, *SHAPE), back


def judge(weights, images, labels):
    """Return the logits of all places of all images in one list."""
    x = images.reshape(-1, PIXELS)
    features = x @ weights["features"]

    def back(d):
        d = d.reshape(-1, PLACES)
        on_features = d @ weights["logits"].T
        return on_features @ weights["features"].T, {
            "features": x.T @ on_features,
            "logits": features.T @ d,
            "decoder": np.zeros_like(weights["decoder"]),
        }

    return (features @ weights["logits"]).reshape(-1), back


def rebuilding(judge, weights, real, fake, labels):
    x = real.reshape(-1, PIXELS)
    return np.mean((x @ weights["features"] @ weights["decoder"] - x) ** 2)


def parts(gan):
    """Return the variables of both networks by the names of the reference."""
    features, logits = gan.discriminator.weights
    mine = {"features": features, "logits": logits, "decoder": gan.auxiliary.decoder.kernel}
    return {"draw": gan.generator.weights[0]}, mine


def compiled(gan, rates=(0.5, 0.25), **recipe):
    gan.compile(*map(keras.optimizers.SGD, rates), **recipe)
    return gan


@pytest.mark.parametrize("loss", ["least_squares", "relativistic"])
def test_rounds_are_those_derived_by_hand(loss):
    """Decoder, discriminator and generator, over three rounds of two updates each."""
    gan = compiled(RebuildingGAN(seed=1), loss=loss, discriminator_steps=2)
    random, networks = np.random.default_rng(2), []
    for variables in parts(gan):
        values = {name: random.normal(0, 0.5, v.shape) for name, v in variables.items()}
        for name, variable in variables.items():
            variable.assign(values[name])
        networks.append(values)
    theirs, mine = networks
    latents = random.normal(size=(3, BATCH, LATENTS)).astype("float32")
    drawn = ops.convert_to_tensor(latents)
    gan._draw_latents = lambda real, seed: ops.take(drawn, gan.optimizer.iterations, axis=0)
    found = gan.fit(IMAGES, batch_size=BATCH, shuffle=False, verbose=0).history
    rates = {"generator": reference.SGD(0.5), "discriminator": reference.SGD(0.25)}
    logs = [
        reference.play_round(
            (draw, theirs), (judge, mine), rates, images / 127.5 - 1, np.float64(z), None, loss,
            rounds=2, penalties=[(WEIGHT, rebuilding)], places=PLACES,
        )
        for images, z in zip(np.split(IMAGES, 3), latents, strict=True)
    ]  # fmt: skip
    for name, values in found.items():
        assert values[0] == pytest.approx(np.mean([each[name] for each in logs]), rel=1e-4), name
    for variables, values in zip(parts(gan), networks, strict=True):
        for name, variable in variables.items():
            value = ops.convert_to_numpy(variable)
            np.testing.assert_allclose(value, values[name], rtol=1e-4, atol=1e-5, err_msg=name)


def numbers(gan):
    every = gan.variables + gan.optimizer.variables
    return [ops.convert_to_numpy(v) for v in every if "mean" not in v.path.split("/")[0]]


def assert_same(one, other):
    for a, b in zip(numbers(one), numbers(other), strict=True):
        np.testing.assert_array_equal(a, b)


def adam():
    """Return a model with moments for its decoder."""
    gan = RebuildingGAN(seed=1)
    gan.compile(penalties=[ganzoo.penalties.R1(0.1)], ema_decay=0.9)
    return gan


def train(gan, epochs, begin=0, *callbacks):
    gan.fit(IMAGES, batch_size=BATCH, initial_epoch=begin, epochs=epochs, verbose=0,
            callbacks=list(callbacks))  # fmt: skip
    return gan


def test_a_saved_decoder_goes_on_where_it_stood(tmp_path):
    """Bit for bit, its moments too; by a file and by a checkpoint."""
    gan = train(adam(), 2, 0, ExactResume(tmp_path / "run"))
    gan.save(tmp_path / "half.keras")
    loaded = keras.saving.load_model(tmp_path / "half.keras")
    assert_same(loaded, gan)
    restored = adam()
    ExactResume(tmp_path / "run").resume(restored)
    assert_same(restored, gan)
    straight = train(gan, 3, begin=2)
    assert_same(train(loaded, 3, begin=2), straight)
    assert_same(train(restored, 3, begin=2), straight)


def test_a_decoder_survives_another_compile_and_may_be_frozen():
    gan = train(adam(), 1)
    decoder = gan.auxiliary.decoder
    before = ops.convert_to_numpy(decoder.kernel)
    assert np.abs(before).max() > 0
    gan.compile()
    np.testing.assert_array_equal(ops.convert_to_numpy(gan.auxiliary.decoder.kernel), before)
    assert id(decoder.kernel) in [id(v) for v in gan.optimizer.discriminator_variables]
    decoder.trainable = False
    gan.compile()
    train(gan, 1)
    np.testing.assert_array_equal(ops.convert_to_numpy(decoder.kernel), before)


def test_what_is_drawn_and_evaluated_knows_nothing_of_it():
    """An evaluation is of the loss alone, by the mean over places."""
    gan = train(adam(), 1)
    images = gan.generate(4, seed=0)
    judged = gan.evaluate(IMAGES, verbose=0, return_dict=True)
    gan.auxiliary.decoder.kernel.assign(np.full((FEATURES, PIXELS), 9.0))
    assert gan.evaluate(IMAGES, verbose=0, return_dict=True) == judged
    np.testing.assert_array_equal(gan.generate(4, seed=0), images)
    compiled(gan, penalties=[ganzoo.penalties.R1(9.0)])
    assert gan.evaluate(IMAGES, verbose=0, return_dict=True) == judged
    logits, _ = gan.discriminator((IMAGES / 127.5 - 1).astype("float32"))
    real = np.float64(ops.convert_to_numpy(logits))
    assert logits.shape == (len(IMAGES), PLACES)
    assert judged["real_score"] == pytest.approx(reference.sigmoid(real).mean(), rel=1e-5)


def test_a_preset_leaves_it_out(tmp_path, monkeypatch):
    """Both networks come back, and a new decoder learns beside them."""
    monkeypatch.setitem(families.FAMILIES, "rebuilding", f"{__name__}:RebuildingGAN")
    gan = train(adam(), 2)
    gan.save_to_preset(tmp_path / "preset")
    loaded = ganzoo.from_preset(tmp_path / "preset", verbose=False)
    assert type(loaded) is RebuildingGAN
    for one, other in zip(gan.discriminator.weights, loaded.discriminator.weights, strict=True):
        np.testing.assert_allclose(*map(ops.convert_to_numpy, (one, other)), rtol=1e-3)
    fresh = ops.convert_to_numpy(loaded.auxiliary.decoder.kernel)
    assert (fresh != ops.convert_to_numpy(gan.auxiliary.decoder.kernel)).any()
    loaded.compile(**loaded.fine_tuning_recipe() | {"augmentation": None})
    train(loaded, 1)
    assert (ops.convert_to_numpy(loaded.auxiliary.decoder.kernel) != fresh).any()
