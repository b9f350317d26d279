import copy
import warnings

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo

SHAPE, LATENTS = (9, 8, 1), 3
NAMES = ["cat", "dog", "owl"]


def make(**arguments):
    defaults = {"image_shape": SHAPE, "latent_dim": LATENTS, "base_filters": 2, "seed": 4}
    return ganzoo.DCGAN(**{**defaults, **arguments})


@pytest.fixture(scope="module")
def plain():
    return vivid(make())


@pytest.fixture(scope="module")
def animals():
    return vivid(make(class_names=NAMES))


def vivid(model):
    """Make weights so large that images differ: fresh ones draw nothing but grey."""
    random = np.random.default_rng(0)
    for weight in model.weights:
        value = random.uniform(0.1, 1, weight.shape)
        if "kernel" in weight.path:
            value *= random.choice([-1, 1], weight.shape)
        weight.assign(value)
    return model


def values(model):
    return [ops.convert_to_numpy(each) for each in model.weights]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def close(one, other):
    """Whether two pictures are the same to one grey level, and no mere grey."""
    assert np.ptp(one) > 50
    return one.shape == other.shape and np.abs(one.astype(int) - other).max() <= 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (7, 8, 1)}, "height must be a whole number, at least 8, not 7"),
        ({"image_shape": (8, 7, 1)}, "width must be .* at least 8, not 7"),
        ({"image_shape": (8, 8, 0)}, "channels must be .* at least 1, not 0"),
        ({"image_shape": (28, 28)}, r"\(height, width, channels\), e.g. \(28, 28, 1\)"),
        ({"image_shape": 28}, r"\(height, width, channels\)"),
        ({"image_shape": (28.0, 28, 1)}, "height must be a whole number"),
        ({"image_shape": "abc"}, "height must be a whole number"),
        ({"latent_dim": 0}, "latent_dim must be .* 1 to 16384, not 0"),
        ({"latent_dim": 1.5}, "latent_dim must be a whole number"),
        ({"latent_dim": True}, "latent_dim must be a whole number"),
        ({"num_classes": 1}, "num_classes must be .* 2 to 16384, not 1"),
        ({"num_classes": "10"}, "num_classes must be a whole number"),
        ({"class_names": ["a"]}, "num_classes must be .* 2 to 16384"),
        ({"class_names": ["a", "a"]}, "class_names needs 2 different names"),
        ({"class_names": ["a", "b"], "num_classes": 3}, "class_names needs 3 different names"),
        ({"base_filters": 0}, "base_filters must be .* 1 to 512, not 0"),
        ({"base_filters": 513}, "base_filters must be .* 1 to 512, not 513"),
        ({"seed": -1}, "seed must be .* not -1"),
        ({"seed": 2**31}, "seed must be .* not 2147483648"),
        ({"seed": 1.0}, "seed must be a whole number"),
    ],
)
def test_constructor_says_what_an_argument_may_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**arguments)


def test_class_names_set_the_number_of_classes(animals):
    assert animals.num_classes == 3
    assert animals.class_names == NAMES
    assert make(num_classes=np.int64(2)).num_classes == 2


def test_the_seed_decides_the_weights():
    assert_same(values(make()), values(make()))
    other = make(seed=5)
    assert any((a != b).any() for a, b in zip(values(make()), values(other), strict=True))
    keras.utils.set_random_seed(1)
    first = ganzoo.DCGAN(SHAPE, LATENTS, base_filters=2)
    keras.utils.set_random_seed(1)
    assert ganzoo.DCGAN(SHAPE, LATENTS, base_filters=2).seed == first.seed
    assert ganzoo.DCGAN(SHAPE, LATENTS, base_filters=2).seed != first.seed
    assert_same(values(make(seed=first.seed)), values(first))


def test_call_predict_and_generate_draw_the_same(plain):
    """`call` and `predict` in [-1, 1], `generate` as bytes."""
    latents = np.random.default_rng(0).normal(size=(4, LATENTS)).astype("float32")
    called = ops.convert_to_numpy(plain(latents))
    assert called.dtype == "float32"
    assert called.shape == (4, *SHAPE)
    assert np.abs(called).max() <= 1
    np.testing.assert_allclose(plain.predict(latents, verbose=0), called, atol=1e-6)
    drawn = np.random.Generator(np.random.PCG64(9)).standard_normal((4, LATENTS), np.float32)
    expected = (ops.convert_to_numpy(plain(drawn)) + 1) * 127.5
    generated = plain.generate(4, seed=9)
    assert generated.dtype == np.uint8
    assert np.abs(generated - expected).max() <= 0.5 + 1e-3  # rounded, not cut off


@pytest.mark.parametrize("labels", [None, 1, "owl"])
def test_the_first_images_are_those_of_a_smaller_number(animals, labels):
    """Whatever the batch size, also one that does not divide the number."""
    many = animals.generate(20, labels, seed=2)
    for n, batch_size in ((20, 20), (20, 1), (20, 7), (8, 64), (8, 3), (1, 1)):
        few = animals.generate(n, labels, seed=2, batch_size=batch_size)
        assert close(many[:n], few)


def test_generate_shows_its_progress_if_asked(plain, capsys):
    plain.generate(3, seed=0)
    assert not capsys.readouterr().out
    plain.generate(3, seed=0, verbose=1)
    assert "3/3" in capsys.readouterr().out


def test_the_seed_decides_the_images(plain):
    one = plain.generate(4, seed=1)
    np.testing.assert_array_equal(one, plain.generate(4, seed=1))
    assert not close(one, plain.generate(4, seed=2))
    assert not close(plain.generate(4), plain.generate(4))  # no seed: new ones each time
    keras.utils.set_random_seed(1)
    first = plain.generate(4)
    keras.utils.set_random_seed(1)
    assert not close(first, plain.generate(4))


@pytest.mark.parametrize(
    ("labels", "numbers"),
    [
        (None, [0, 1, 2, 0, 1]),
        (2, [2] * 5),
        (np.int64(2), [2] * 5),
        (np.array(2), [2] * 5),
        ("dog", [1] * 5),
        ([1], [1] * 5),
        ([2, 1, 0, 1, 2], [2, 1, 0, 1, 2]),
        (np.array([2, 1, 0, 1, 2]), [2, 1, 0, 1, 2]),
        (("owl", "cat", 1, "dog", 0), [2, 0, 1, 1, 0]),
    ],
    ids=str,
)
def test_labels_choose_the_class(animals, labels, numbers):
    """Against `predict` with the numbers of the classes."""
    latents = np.random.Generator(np.random.PCG64(3)).standard_normal((5, LATENTS), np.float32)
    expected = animals.predict([latents, np.array(numbers, "int32")], verbose=0)
    found = animals.generate(5, labels, seed=3)
    assert close(np.rint((expected + 1) * 127.5).astype("uint8"), found)


def test_names_win_over_numbers():
    """Names may be digits: `labels="1"` is the class with that name."""
    model = vivid(make(class_names=["2", "1", "0"]))
    assert close(model.generate(3, "2", seed=0), model.generate(3, 0, seed=0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be .* at least 1"),
        ({"n": 2.0}, "n must be a whole number"),
        ({"n": 3, "batch_size": 0}, "batch_size must be .* at least 1"),
        ({"n": 3, "labels": 3}, r"Unknown label 3: give 0 to 2 or one of \['cat', 'dog', 'owl'\]"),
        ({"n": 3, "labels": -1}, "Unknown label -1"),
        ({"n": 3, "labels": "cow"}, "Unknown label 'cow'"),
        ({"n": 3, "labels": [0, 1.5, 2]}, "Unknown label 1.5"),
        ({"n": 3, "labels": [0, 1]}, "3 images take one label or 3, not 2"),
        ({"n": 3, "labels": []}, "take one label or 3, not 0"),
    ],
)
def test_generate_says_what_is_wrong(animals, arguments, message):
    with pytest.raises(ValueError, match=message):
        animals.generate(**arguments)


def test_labels_need_classes(plain):
    with pytest.raises(ValueError, match="no classes: call it without labels"):
        plain.generate(3, labels=0)


# Saving and loading


def state(model):
    return [
        *values(model),
        *(ops.convert_to_numpy(each) for each in model.optimizer.variables),
        ops.convert_to_numpy(model.seed_generator.state),
    ]


@pytest.fixture
def images():
    return np.random.default_rng(5).integers(0, 256, (10, *SHAPE), dtype="uint8")


@pytest.mark.parametrize("classes", [None, 3])
def test_a_saved_model_trains_on_as_if_never_saved(tmp_path, images, classes):
    """All state is equal, and the next epoch is bit for bit that of the model in memory."""
    model = make(num_classes=classes)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(1e-2, 2, 0.5)),
        keras.optimizers.SGD(0.01, momentum=0.9),
        loss="hinge",
    )
    labels = None if classes is None else np.arange(10) % classes
    model.fit(images, labels, batch_size=5, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is ganzoo.DCGAN
    assert loaded.compiled
    assert loaded.get_config() == model.get_config()
    assert_same(state(loaded), state(model))
    for each in (model, loaded):
        each.fit(images, labels, batch_size=5, initial_epoch=1, epochs=2, verbose=0)
    assert_same(state(loaded), state(model))
    assert_same(loaded.generate(3, seed=1), model.generate(3, seed=1))


@keras.saving.register_keras_serializable("ganzoo_tests")
class Wasserstein(ganzoo.losses.AdversarialLoss):
    """A user's own loss."""

    def __init__(self, scale=1.0):
        self.scale = scale

    def get_config(self):
        return {"scale": self.scale}


@pytest.mark.parametrize("options", [{"run_eagerly": True}, {"jit_compile": False}], ids=str)
def test_what_compile_was_given_comes_back(tmp_path, options):
    model = make()
    model.compile(
        generator_optimizer=keras.optimizers.RMSprop(0.5, rho=0.25),
        discriminator_optimizer=keras.optimizers.Lion(0.125, clipnorm=3.0),
        loss=Wasserstein(2.5),
        **options,
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for one, other in zip(model.optimizer.optimizers, loaded.optimizer.optimizers, strict=True):
        assert type(one) is type(other)
        assert one.get_config() == other.get_config()
    assert type(loaded.objective.loss) is Wasserstein
    assert loaded.objective.loss.scale == 2.5
    assert {name: getattr(loaded, name) for name in options} == options


def test_a_model_that_was_not_compiled_loads(tmp_path):
    model = make(class_names=NAMES)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert not loaded.compiled
    assert_same(values(loaded), values(model))
    assert_same(loaded.generate(3, "owl", seed=1), model.generate(3, "owl", seed=1))


def test_weights_alone_can_be_saved(tmp_path, animals):
    animals.save_weights(tmp_path / "a.weights.h5")
    other = make(class_names=NAMES, seed=77)
    other.load_weights(tmp_path / "a.weights.h5")
    assert_same(values(other), values(animals))


def test_fine_tuning_is_known_to_a_saved_model(tmp_path):
    gan = ganzoo.from_preset("mnist", num_classes=3, verbose=False)
    gan.save(tmp_path / "gan.keras")
    for other in (keras.saving.load_model(tmp_path / "gan.keras"), copy.deepcopy(gan)):
        assert other.inherited_stages == gan.inherited_stages == 2
        assert other.fine_tuning_recipe()["frozen_stages"] == 1


@pytest.mark.parametrize("name", ["gan.h5", "gan.tf", "gan", "gan.hdf5"])
def test_a_file_that_keras_would_garble_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"ends in \.keras, unlike .*save_to_preset"):
        make().save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError, match=r"gan\.keras could not be written: .*choose another folder"):
        make().save(tmp_path / "file" / "gan.keras")
    path = tmp_path / "gan.keras"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        make().save(path, overwrite=False)
    assert path.read_text() == "mine"
    make().save(path)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


PRECISIONS = ["float64", "float16", "bfloat16"]
if keras.backend.backend() == "jax":  # which says so itself
    PRECISIONS.remove("float64")


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_a_model_of_another_precision_trains_and_is_kept(tmp_path, images, dtype):
    model = make(dtype=dtype)
    model.compile(jit_compile="auto")
    history = model.fit(images, batch_size=5, epochs=2, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    drawn = model.generate(3, seed=0)
    assert drawn.dtype == "uint8"
    model.save(tmp_path / "gan.keras")
    assert_same(keras.saving.load_model(tmp_path / "gan.keras").generate(3, seed=0), drawn)
    model.save_to_preset(tmp_path / "preset")
    again = ganzoo.from_preset(tmp_path / "preset").generate(3, seed=0)
    assert np.abs(again.astype(int) - drawn.astype(int)).max() <= 2


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "mixed_float16"])
def test_a_mixed_precision_model_trains_and_loads(tmp_path, images, dtype):
    """Weights in float32, images within a few grey levels of those in float32."""
    model = vivid(make(dtype=dtype))
    expected = vivid(make()).generate(4, seed=1).astype(int)
    assert np.abs(model.generate(4, seed=1) - expected).mean() < 2
    model.compile()
    model.fit(images, batch_size=5, verbose=0)
    model.save(tmp_path / "model.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.dtype_policy.name == dtype
    assert_same(state(loaded), state(model))
    networks = [loaded.generator, loaded.ema_generator, loaded.discriminator]
    weights = [weight for network in networks for weight in network.weights]
    assert {str(each.dtype) for each in weights} == {"float32"}
