"""Models that are asked for several attributes at once: maths, files, and what they learn."""

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.layers.spectral_norm import SpectralNorm

NAMES = ["smiling", "hat", "beard"]
KINDS = (ganzoo.DCGAN, ganzoo.FastGAN)
SHAPE = (32, 32, 1)


def built(kind, **changes):
    asked = {"attributes": NAMES, "latent_dim": 3, "base_filters": 2, "seed": 0}
    return kind(SHAPE, **(asked | changes))


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def as_array(tensor):
    return np.array(keras.ops.convert_to_numpy(tensor))


def kernel_of(layer):
    return as_array(
        layer.divided(training=False) if isinstance(layer, SpectralNorm) else layer.kernel
    )


def first_of(network, size):
    """Return the first layer of a network whose kernel has so many rows."""
    return next(
        layer for layer in network.layers if getattr(layer, "kernel", random(0)).shape[0] == size
    )


def weights_of(gan):
    return [as_array(each) for each in [*gan.generator.weights, *gan.discriminator.weights]]


@pytest.fixture
def images():
    return np.random.default_rng(1).integers(0, 256, (8, *SHAPE), dtype="uint8")


@pytest.fixture
def vectors():
    return np.random.default_rng(2).integers(0, 2, (8, 3))


@pytest.mark.parametrize("kind", KINDS)
def test_attributes_are_joined_to_the_latents(kind):
    gan = built(kind)
    latents, asked = random(4, 3), np.abs(random(4, 3, seed=1)).clip(0, 1)
    layer = first_of(gan.generator, 6)
    found = keras.Model(gan.generator.inputs, layer.output)([latents, asked])
    expected = np.concatenate([latents, asked], axis=1) @ kernel_of(layer)
    np.testing.assert_allclose(as_array(found).reshape(4, -1), expected, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_logit_gains_the_sum_of_the_vectors_of_its_attributes(kind):
    gan = built(kind)
    head = [layer for layer in gan.discriminator.layers if getattr(layer, "units", 0) == 3][-1]
    seen = keras.Model(gan.discriminator.inputs[0], head.input)
    judge = keras.Model(gan.discriminator.inputs, gan.discriminator.outputs[0])
    faces, asked = random(4, *SHAPE), np.abs(random(4, 3, seed=1)).clip(0, 1)
    rows = kernel_of(head).T  # an embedding for each attribute
    expected = np.einsum("nf,kf,nk->n", as_array(seen(faces)), rows, asked)
    bare, full = (as_array(judge([faces, each])).reshape(4, -1) for each in (0 * asked, asked))
    np.testing.assert_allclose(full - bare, np.tile(expected[:, None], bare.shape[1]), atol=1e-4)


AS = ({"attributes": NAMES}, {"attributes": None, "num_classes": 3})


@pytest.mark.parametrize("kind", KINDS)
def test_one_attribute_each_is_the_same_as_classes(kind):
    """Given the same weights, which the same seed gives them."""
    numbers, faces = np.arange(6) % 3, random(6, *SHAPE)
    mine, theirs = (built(kind, **each) for each in AS)
    drawn, other = (each.generate(6, labels=asked, seed=1)
                    for each, asked in ((mine, np.eye(3)[numbers]), (theirs, numbers)))  # fmt: skip
    np.testing.assert_array_equal(drawn, other)
    vectors = np.eye(3, dtype="float32")[numbers]
    judged = keras.tree.flatten(mine.discriminator([faces, vectors]))[0]
    other = keras.tree.flatten(theirs.discriminator([faces, numbers]))[0]
    np.testing.assert_allclose(as_array(judged), as_array(other), atol=1e-6)


def test_one_attribute_each_trains_as_classes_do(images):
    numbers = np.arange(8) % 3
    trained = []
    for changes, labels in zip(AS, (np.eye(3)[numbers], numbers), strict=True):
        gan = built(ganzoo.DCGAN, **changes)
        gan.compile()
        gan.train_on_batch(images, labels)
        trained.append(weights_of(gan))
    for one, two in zip(*trained, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-5)


def test_presets_and_files_of_keras_know_the_names(images, vectors, tmp_path):
    gan = built(ganzoo.DCGAN)
    gan.compile()
    gan.fit(images, vectors, batch_size=4, verbose=0)
    gan.save_to_preset(tmp_path / "preset")
    gan.save(tmp_path / "gan.keras")
    drawn = gan.generate(4, labels={"hat": 1, "beard": [0, 1, 0, 0.5]}, seed=0)
    again = ganzoo.from_preset(tmp_path / "preset")
    assert again.attributes == NAMES
    asked = [[0, 1, 0], [0, 1, 1], [0, 1, 0], [0, 1, 0.5]]
    assert np.abs(drawn.astype(int) - again.generate(4, asked, seed=0)).max() <= 2  # half precision
    again = keras.saving.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(drawn, again.generate(4, asked, seed=0))
    for each in (gan, again):
        each.fit(images, vectors, batch_size=4, epochs=2, initial_epoch=1, verbose=0)
    for one, two in zip(weights_of(gan), weights_of(again), strict=True):
        np.testing.assert_array_equal(one, two)
    assert "| Attributes | smiling, hat, beard |" in (tmp_path / "preset/README.md").read_text()


@pytest.mark.any_backend
@pytest.mark.parametrize("kind", KINDS)
def test_an_attribute_that_both_know_is_transplanted(kind, tmp_path):
    gan = built(kind)
    gan.save_to_preset(tmp_path / "preset")
    other = ganzoo.from_preset(tmp_path / "preset", attributes=["hat", "glasses"])
    assert other.reinitialized == ("the attributes glasses",)
    mine, theirs = (each.generate(4, labels={"hat": 1}, seed=0) for each in (gan, other))
    assert np.abs(mine.astype(int) - theirs).max() <= 2  # half precision


@pytest.mark.any_backend
def test_a_model_of_attributes_becomes_one_of_another_kind(tmp_path):
    built(ganzoo.DCGAN).save_to_preset(tmp_path / "preset")
    plain = ganzoo.from_preset(tmp_path / "preset", num_classes=None)
    assert (plain.attributes, plain.num_classes, plain.reinitialized) == (None, None, ())
    classes = ganzoo.from_preset(tmp_path / "preset", class_names=["hat", "none"], verbose=False)
    assert classes.reinitialized == ("the classes hat, none",)


def test_a_stopped_training_goes_on_exactly(images, vectors, tmp_path):
    def trained(epochs, folder):
        gan = built(ganzoo.DCGAN)
        gan.compile()
        resume = ganzoo.callbacks.ExactResume(tmp_path / folder)
        gan.fit(images, vectors, batch_size=4, epochs=epochs, callbacks=[resume], verbose=0)
        return weights_of(gan)

    whole = trained(3, "whole")
    trained(1, "stopped")
    for one, two in zip(whole, trained(3, "stopped"), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.any_backend
def test_an_attribute_changes_the_picture_as_it_did_the_images():
    """One makes the upper half brighter by 100, the other the left half by 80; or both do."""
    random = np.random.default_rng(0)
    asked = random.integers(0, 2, (512, 2))
    images = np.full((512, 8, 8, 1), 40, "uint8") + random.integers(0, 30, (512, 1, 1, 1), "uint8")
    images[asked[:, 0] == 1, :4] += 100
    images[asked[:, 1] == 1, :, :4] += 80
    networks = {"base_filters": 8, "discriminator_norm": "spectral", "seed": 0}
    gan = ganzoo.DCGAN((8, 8, 1), 8, attributes=["above", "left"], **networks)
    adam = {"learning_rate": 2e-3, "beta_1": 0.5}
    gan.compile(keras.optimizers.Adam(**adam), keras.optimizers.Adam(**adam), loss="hinge")
    gan.fit(images, asked, epochs=8, batch_size=32, verbose=0)

    def mean(above, left):
        drawn = gan.generate(64, labels={"above": above, "left": left}, seed=0)[..., 0]
        return drawn.astype(float).mean(axis=0)

    means = np.array([[mean(above, left) for left in (0, 1)] for above in (0, 1)])
    for other in (0, 1):  # whatever the other one is
        above, left = means[1, other] - means[0, other], means[other, 1] - means[other, 0]
        found = [above[:4].mean(), above[4:].mean(), left[:, :4].mean(), left[:, 4:].mean()]
        np.testing.assert_allclose(found, [100, 0, 80, 0], atol=30)


@pytest.mark.any_backend
def test_how_attributes_are_asked_for():
    gan = built(ganzoo.DCGAN)
    in_turn = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    np.testing.assert_array_equal(gan.labels(5), in_turn)
    np.testing.assert_array_equal(gan.labels(2, {"beard": 1}), [[0, 0, 1]] * 2)
    np.testing.assert_array_equal(gan.labels(2, {"hat": [True, False]}), [[0, 1, 0], [0, 0, 0]])
    np.testing.assert_array_equal(gan.labels(2, [1, 0, 0.5]), [[1, 0, 0.5]] * 2)
    latents = gan.latents(2, seed=0)
    table = gan.draw(latents[:, None], np.eye(3))  # each latent with each attribute
    assert table.shape == (2, 3, *SHAPE)
    for column, name in enumerate(NAMES):
        np.testing.assert_array_equal(table[:, column], gan.draw(latents, {name: 1}))
    assert gan.discriminator_features(np.zeros((2, *SHAPE), "uint8")).shape[0] == 2


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda gan, *_: gan.generate(2, {"had": 1}), "Unknown attribute 'had': choose of"),
        (lambda gan, *_: gan.generate(2, 1), r"give labels=\{'smiling': 1\}, or vectors of shape"),
        (lambda gan, *_: gan.generate(2, "hat"), r"give labels=\{'smiling': 1\}"),
        (lambda gan, *_: gan.generate(2, [1, 0]), r"vectors of shape \(\.\.\., 3\) in the order"),
        (lambda gan, *_: gan.generate(2, {"hat": 2}), "from 0, without, to 1, with"),
        (lambda gan, *_: gan.generate(2, {"hat": [1, 0, 1]}), r"of one or of 2, not of shape \(3,"),
        (lambda gan, *_: gan.draw(gan.latents(2)), "has the attributes smiling, hat, beard: call"),
        (lambda gan, x, _: gan.fit(x), "so it needs a vector of them for each image"),
        (lambda gan, x, y: gan.fit(x, y[:, :2]), r"shape \(batch, 3\), a vector of smiling, hat,"),
        (lambda gan, x, y: gan.fit(x, y[:4]), r"shape \(8, 3\), a vector of smiling, hat, beard"),
        (lambda gan, x, y: gan.fit(x, 2 * y - 1), "Give vectors > 0 where they are -1 and 1"),
        (lambda gan, x, y: gan.fit(x, y, class_weight={0: 1}), "class_weight needs a model with"),
        (lambda gan, x, y: gan.fit(x, 0 * y), "No image differs from the others in smiling, hat"),
        (lambda gan, x, y: gan.train_on_batch(x, y[:, 0]), r"not \(8,\)"),
        (lambda gan, x, y: gan.fit(ganzoo.datasets.read(x, labels=y, attributes=[*"abc"])),
         r"have the attributes \['a', 'b', 'c'\], the model has \['smiling'"),
        (lambda gan, x, _: ganzoo.latents.invert(gan, x), "Say which attributes the images have"),
        (lambda gan, x, _: ganzoo.metrics.evaluate(x, gan, "random", n=8), "images with theirs"),
        (lambda *_: built(ganzoo.DCGAN, num_classes=2), "give num_classes or class_names, or else"),
        (lambda *_: built(ganzoo.DCGAN, attributes=["a", "a"]), "16,384 different names"),
        (lambda *_: built(ganzoo.DCGAN, attributes=[]), "16,384 different names"),
        (lambda *_: built(ganzoo.DCGAN, attributes="hat"), "attributes must be a list of names"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_says_why(act, message, images, vectors):
    gan = built(ganzoo.DCGAN)
    gan.compile()
    with pytest.raises((ValueError, UserWarning), match=message):
        act(gan, images, vectors)


@pytest.mark.any_backend
def test_a_family_whose_networks_take_no_attributes_says_so():
    class Deaf(ganzoo.DCGAN):
        family = "deaf"

        @staticmethod
        def build_generator(arguments, seed, dtype):
            return ganzoo.DCGAN(arguments.image_shape).generator

    with pytest.raises(ValueError, match="family deaf take no attributes: choose another"):
        built(Deaf)


@pytest.mark.any_backend
def test_a_model_is_scored_with_the_attributes_of_the_real_images():
    """One that draws what it is asked for is perfect, though few of the images are bright."""

    class Perfect:
        image_shape, attributes = (4, 4, 1), ["bright"]

        def latents(self, n, seed=None):
            return np.zeros((n, 1))

        def labels(self, n):
            return np.ones((n, 1))  # all bright, unless it is asked otherwise

        def draw(self, latents, labels=None):
            return np.full((len(latents), 4, 4, 1), 200, "uint8") * (labels > 0)[..., None, None]

    asked = (np.arange(40) % 4 == 0)[:, None]
    images = np.full((40, 4, 4, 1), 200, "uint8") * asked[..., None, None]
    real = ganzoo.datasets.read(images, labels=asked, attributes=["bright"])
    found = ganzoo.metrics.evaluate(
        real, Perfect(), lambda x: x[:, 0, :2, 0] / 255 + [[0, 1]], "fid", n=80
    )
    assert found.scores["fid"] == pytest.approx(0, abs=1e-3)


@pytest.mark.any_backend
def test_latents_are_found_for_known_attributes(images):
    gan = built(ganzoo.DCGAN)
    asked = np.eye(3)[:2]
    found = ganzoo.latents.invert(gan, images[:2], labels=asked, steps=2, restarts=2)
    np.testing.assert_array_equal(found.labels, asked)
    drawn = gan.draw(found.latents, found.labels).astype(float)
    np.testing.assert_allclose(
        np.sqrt(np.square(drawn - images[:2]).mean(axis=(1, 2, 3))), found.errors, atol=0.6
    )


@pytest.mark.slow
def test_an_onnx_file_takes_vectors(tmp_path):
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip(
        {"jax": "jax2onnx", "tensorflow": "tf2onnx", "torch": "onnx"}[keras.backend.backend()]
    )
    gan = built(ganzoo.DCGAN)
    gan.export(tmp_path / "gan.onnx")
    session = runtime.InferenceSession(tmp_path / "gan.onnx")
    latents, labels = gan.latents(5, seed=0), gan.labels(5)
    (found,) = session.run(None, {"latents": latents, "labels": labels})
    assert np.abs(found.astype(int) - gan.draw(latents, labels)).max() <= 1
