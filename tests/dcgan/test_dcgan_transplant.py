"""A preset in another shape or with other classes: what fits is the preset's, the rest is new."""

import numpy as np
import pytest
from keras import ops
from PIL import Image

import ganzoo
from ganzoo.layers import BatchNorm, Conv2D, Conv2DTranspose

PETS = ["cat", "dog", "owl"]
LATENTS = 3


NORMS = ("batch", "spectral")


@pytest.fixture(scope="module")
def presets(tmp_path_factory):
    """Return the folders of two presets of two stages whose weights are like no fresh ones."""
    folder = tmp_path_factory.mktemp("presets")
    for norm in NORMS:
        sizes = {"latent_dim": LATENTS, "base_filters": 2, "discriminator_filters": 3, "seed": 1}
        gan = ganzoo.DCGAN((16, 16, 3), class_names=PETS, discriminator_norm=norm, **sizes)
        random = np.random.default_rng(0)
        for weight in gan.weights:
            weight.assign(random.uniform(1.0, 2.0, weight.shape).astype("float16"))
        gan.save_to_preset(folder / norm)
    return {norm: folder / norm for norm in NORMS}


@pytest.fixture(scope="module")
def sources(presets):
    """Return the models of these presets."""
    return {norm: load(folder) for norm, folder in presets.items()}


@pytest.fixture
def preset(presets):
    return presets["batch"]


@pytest.fixture
def source(sources):
    return sources["batch"]


def load(preset, **changes):
    return ganzoo.DCGAN.from_preset(preset, compile=False, **changes)


def values(layer):
    return [ops.convert_to_numpy(weight) for weight in layer.weights]


def convolutions(gan):
    """Return the weights of convolutions and of batch norms, by place as counted from the image."""
    up = [each for each in gan.generator.layers if isinstance(each, Conv2DTranspose)]
    down = [each for each in gan.discriminator.layers if isinstance(each, Conv2D)]
    norms = [each for each in gan.generator.layers if isinstance(each, BatchNorm)]
    others = [each for each in gan.discriminator.layers if isinstance(each, BatchNorm)]
    kinds = {"up": up[::-1], "down": down, "up norm": norms[::-1], "down norm": others}
    return {(kind, place): values(e) for kind in kinds for place, e in enumerate(kinds[kind])}


def dense(gan):
    """Return the dense kernels: latents and classes to a map, a map to classes and logit."""
    stem = next(each for each in gan.generator.layers if "dense" in each.name)
    heads = [values(each)[0] for each in gan.discriminator.layers if "dense" in each.name]
    logit = next(each for each in heads if each.shape[1] == 1)
    classes = next((each for each in heads if each.shape[1] > 1), None)
    return values(stem)[0], logit, classes


def equal(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


CASES = {  # changes, the convolutions that start afresh, and that in words
    "a stage more": (
        {"image_shape": (32, 32, 3), "num_classes": None},
        {("up", 2), ("down", 2), ("up norm", 2), ("down norm", 1)},
        [
            "the generator's 4x4x8 to 8x8x4",
            "the discriminator's 8x8x6 to 4x4x12",
            "the generator's latents to 4x4x8",
            "the discriminator's 4x4x12 to logit",
        ],
    ),
    "a stage less": (
        {"image_shape": (8, 8, 3)},
        set(),
        [
            "the generator's latents to 4x4x2",
            "the discriminator's 4x4x3 to logit",
            "the classes cat, dog, owl",
        ],
    ),
    "grey": (
        {"image_shape": (16, 16, 1)},
        {("up", 0), ("down", 0)},
        ["the generator's 8x8x2 to 16x16x1", "the discriminator's 16x16x1 to 8x8x3"],
    ),
    "another size of as many stages": ({"image_shape": (24, 20, 3)}, set(), []),
    "no classes": ({"num_classes": None}, set(), []),
    "other classes": ({"class_names": ["emu", "cat"]}, set(), ["the classes emu"]),
    "more classes": ({"num_classes": 5}, set(), ["the classes 0, 1, 2, 3, 4"]),
    "the same": ({"num_classes": 3, "seed": 7, "dtype": "mixed_bfloat16"}, set(), []),
}


@pytest.mark.parametrize(
    ("norm", "case"),
    [*(("batch", case) for case in CASES), ("spectral", "grey"), ("spectral", "a stage more")],
)
def test_convolutions_that_fit_are_the_presets_and_others_are_new(
    presets, sources, norm, case, capsys
):
    """Against the preset, and against a new model of the same configuration."""
    changes, expected, afresh = CASES[case]
    gan, source = load(presets[norm], **changes), convolutions(sources[norm])
    new = convolutions(ganzoo.DCGAN(**gan.get_config()))
    for place, found in convolutions(gan).items():
        if place in expected:
            assert place not in source or not equal(found[:1], source[place][:1])
            assert equal(found[:1], new[place][:1])
        else:
            assert equal(found, source[place])
    assert list(gan.reinitialized) == afresh
    assert ("starts afresh: " + ", ".join(afresh) in capsys.readouterr().out) == bool(afresh)
    stages = [place for kind, place in convolutions(gan) if kind == "down"]
    inherited = next((each for each in stages if ("down", each) in expected), len(stages))
    assert gan.fine_tuning_recipe()["frozen_stages"] == (inherited > 1)


def resized(rows, before, after):
    """Resize `(n, height * width * filters)` upwards by Pillow's bilinear filter."""
    maps = np.moveaxis(rows.reshape(len(rows), *before, -1), -1, 1).reshape(-1, *before)
    maps = [Image.fromarray(each).resize(after[::-1], Image.Resampling.BILINEAR) for each in maps]
    maps = np.stack(maps).reshape(len(rows), -1, *after)
    return np.moveaxis(maps, 1, -1).reshape(len(rows), -1)


@pytest.mark.parametrize("shape", [(16, 16, 3), (24, 20, 3)])
def test_dense_layers_are_resized_and_classes_keep_their_names(preset, source, shape):
    """Against Pillow; in their own size they are equal. A logit adds up to as much as before."""
    names = ["owl", "emu", "cat"]
    gan = load(preset, image_shape=shape, class_names=names)
    fresh = ganzoo.DCGAN(**gan.get_config())
    before, after = (4, 4), (shape[0] // 4, shape[1] // 4)
    area = before[0] * before[1] / (after[0] * after[1])
    stem, logit, classes = dense(source)
    new_stem, new_logit, new_classes = dense(gan)
    fresh_stem, _, fresh_classes = dense(fresh)
    stem = resized(stem, before, after)
    logit, classes = (resized(each.T, before, after).T * area for each in (logit, classes))
    close = {"rtol": 1e-5} if shape != (16, 16, 3) else {"rtol": 0}
    np.testing.assert_allclose(new_stem[:LATENTS], stem[:LATENTS], **close)
    np.testing.assert_allclose(new_logit, logit, **close)
    for number, known in enumerate([2, None, 0]):
        expected_row, expected_column = fresh_stem[LATENTS + number], fresh_classes[:, number]
        if known is not None:
            expected_row, expected_column = stem[LATENTS + known], classes[:, known]
        np.testing.assert_allclose(new_stem[LATENTS + number], expected_row, **close)
        np.testing.assert_allclose(new_classes[:, number], expected_column, **close)


def test_an_unconditional_preset_gets_classes(preset, source, tmp_path):
    """And the other way round, latents and logit stay."""
    plain = load(preset, num_classes=None)
    plain.save_to_preset(tmp_path)
    gan = load(tmp_path, class_names=["emu", "gnu"])
    assert gan.reinitialized == ("the classes emu, gnu",)
    for each in (plain, gan):
        np.testing.assert_array_equal(dense(each)[0][:LATENTS], dense(source)[0][:LATENTS])
        np.testing.assert_array_equal(dense(each)[1], dense(source)[1])
    assert dense(plain)[2] is None
    assert len(dense(plain)[0]) == LATENTS


def test_names_for_classes_that_had_none(presets, sources, tmp_path):
    """The same number of classes: a name is no other class."""
    load(presets["spectral"], class_names=None).save_to_preset(tmp_path)
    gan = load(tmp_path, class_names=["emu", "gnu", "yak"])
    assert gan.reinitialized == ()
    assert all(
        equal(a, b)
        for a, b in zip(
            map(values, gan.layers), map(values, sources["spectral"].layers), strict=True
        )
    )


def test_only_what_a_preset_taught_is_frozen(preset):
    """The first stage of several; of new weights none, as they would never learn."""
    taught = ganzoo.DCGAN.from_preset(preset).optimizer.discriminator_variables
    new = ganzoo.DCGAN.from_preset(preset, load_weights=False).optimizer.discriminator_variables
    assert len(new) - len(taught) == 1  # the first kernel
    assert ganzoo.DCGAN((16, 16, 3)).fine_tuning_recipe()["frozen_stages"] == 0


def test_a_changed_model_trains(preset):
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 256, (6, 10, 12, 1), dtype="uint8"), np.arange(6) % 2
    gan = load(preset, image_shape=(10, 12, 1), num_classes=2)
    gan.compile(ema_decay=None)
    before = [each.copy() for layer in gan.layers for each in values(layer)]
    history = gan.fit(images, labels, batch_size=3, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    after = [each for layer in gan.layers for each in values(layer)]
    assert any((a != b).any() for a, b in zip(before, after, strict=True))
    assert gan.generate(2, labels=1).shape == (2, 10, 12, 1)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"image_shape": (4, 8, 3)}, ValueError, "^image_shape's height must be .* at least 8"),
        ({"num_classes": 1}, ValueError, "^num_classes must be .* 2 to 16384"),
        ({"num_classes": 3, "class_names": ["a", "b"]}, ValueError, "^class_names needs 3"),
        ({"dtype": "float7"}, ValueError, "^dtype must be one of"),
        ({"base_filters": 64}, TypeError, "'base_filters'. Of a preset's model, image_shape, num_"),
    ],
)
def test_changes_that_no_model_can_have(preset, changes, error, message):
    """The preset is not called damaged: it is not even opened."""
    for where in (preset, "hf://nobody/nothing"):
        with pytest.raises(error, match=message):
            load(where, **changes)
