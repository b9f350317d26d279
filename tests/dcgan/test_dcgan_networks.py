import itertools
import math

import keras
import numpy as np
import pytest
from keras import layers, ops

from ganzoo.dcgan.dcgan_networks import build_discriminator, build_generator, crop, feature_shapes
from training.golden import reference

CONVOLUTIONS = (layers.Conv2D, layers.Conv2DTranspose)


def trainable(network):
    return sum(math.prod(each.shape) for each in network.trainable_variables)


def of_type(network, *kinds):
    return [layer for layer in network.layers if isinstance(layer, kinds)]


def shapes(network, *kinds):
    return [tuple(layer.output.shape[1:]) for layer in of_type(network, *kinds)]


@pytest.fixture(scope="module")
def paper():
    """The networks of the paper's figure 1."""
    return (
        build_generator((64, 64, 3), 100, None, 64, 11),
        build_discriminator((64, 64, 3), None, 64, 12),
    )


def test_the_64x64x3_defaults_are_the_papers_networks(paper):
    """The paper's figure 1 and PyTorch's DCGAN tutorial: 3,576,704 and 2,765,568 weights."""
    generator, discriminator = paper
    assert trainable(generator) == 3_576_704
    assert trainable(discriminator) == 2_765_568
    maps = [(4, 4, 512), (8, 8, 256), (16, 16, 128), (32, 32, 64)]
    assert shapes(generator, layers.Reshape) == maps[:1]
    assert shapes(generator, layers.Conv2DTranspose) == [*maps[1:], (64, 64, 3)]
    assert shapes(generator, layers.BatchNormalization) == maps
    assert shapes(discriminator, layers.Conv2D) == maps[::-1]
    assert shapes(discriminator, layers.BatchNormalization) == maps[2::-1]
    assert generator.output.shape == (None, 64, 64, 3)
    assert discriminator.output.shape == (None,)


def test_layers_are_the_papers():
    """No pooling, no bias, 4 x 4 kernels with stride 2; which layers, and in which order."""
    generator = build_generator((28, 28, 1), 5, 3, 4, 0)
    discriminator = build_discriminator((28, 28, 1), 3, 4, 0)
    kinds = [
        "Dense",
        "Conv2D",
        "Conv2DTranspose",
        "BatchNormalization",
        "ReLU",
        "LeakyReLU",
        "Activation",
    ]

    def order(network):
        names = [[each.__name__ for each in type(layer).__mro__] for layer in network.layers]
        assert not [each for each in itertools.chain(*names) if "Pool" in each or "UpS" in each]
        known = [[name for name in each if name in kinds] for each in names]
        return [each[0] for each in known if each]

    stage = ["BatchNormalization", "ReLU", "Conv2DTranspose"]
    assert order(generator) == ["Dense", *stage, *stage, "Activation"]
    assert generator.layers[-1].activation is keras.activations.tanh
    head = ["Dense", "Dense"]  # the logit, and the projection
    first, second = ["Conv2D", "LeakyReLU"], ["Conv2D", "BatchNormalization", "LeakyReLU"]
    assert order(discriminator) == [*first, *second, *head, "Activation"]
    assert discriminator.layers[-1].activation is keras.activations.linear
    for network in (generator, discriminator):
        for layer in of_type(network, layers.Dense, *CONVOLUTIONS):
            assert not layer.use_bias
        for layer in of_type(network, *CONVOLUTIONS):
            assert (layer.kernel_size, layer.strides, layer.padding) == ((4, 4), (2, 2), "same")
        for layer in of_type(network, layers.BatchNormalization):
            assert (layer.momentum, layer.epsilon, layer.axis) == (0.9, 1e-5, -1)
        for layer in of_type(network, layers.LeakyReLU):
            assert layer.negative_slope == 0.2


@pytest.mark.parametrize(
    ("image_shape", "expected"),
    [
        ((28, 28, 1), [(7, 7, 128), (14, 14, 64), (28, 28, 1)]),
        ((32, 32, 3), [(4, 4, 256), (8, 8, 128), (16, 16, 64), (32, 32, 3)]),
        ((96, 64, 3), [(6, 4, 512), (12, 8, 256), (24, 16, 128), (48, 32, 64), (96, 64, 3)]),
        ((50, 37, 4), [(7, 5, 256), (13, 10, 128), (25, 19, 64), (50, 37, 4)]),
        ((8, 8, 1), [(4, 4, 64), (8, 8, 1)]),
        ((8, 100, 2), [(4, 50, 64), (8, 100, 2)]),
    ],
)
def test_feature_shapes_of_known_images(image_shape, expected):
    assert feature_shapes(image_shape) == expected


def test_feature_shapes_of_any_image():
    """The rules, for every size from 8 to 300 beside some others."""
    sides = [*range(8, 70), 97, 127, 128, 129, 200, 255, 256, 257, 300]
    for height, width in itertools.product(sides, sides):
        for base in (1, 64, 300, 512):
            *maps, image = feature_shapes((height, width, 3), base)
            assert image == (height, width, 3)
            assert 4 <= min(maps[0][:2]) <= 7
            for small, large in itertools.pairwise([*maps, image]):
                assert small[:2] == tuple(math.ceil(side / 2) for side in large[:2])
            assert [each[2] for each in maps[::-1]] == [
                min(base * 2**depth, 512) for depth in range(len(maps))
            ]


@pytest.mark.parametrize(("image_shape", "classes"), [((50, 37, 4), 3), ((13, 70, 1), None)])
def test_networks_of_any_image_shape(image_shape, classes):
    """The output's shape, and every feature map where `feature_shapes` has it."""
    generator = build_generator(image_shape, 5, classes, 2, 0)
    discriminator = build_discriminator(image_shape, classes, 2, 0)
    assert generator.output.shape == (None, *image_shape)
    assert generator.output.dtype == discriminator.output.dtype == "float32"
    assert discriminator.output.shape == (None,)
    maps = feature_shapes(image_shape, 2)
    assert shapes(generator, layers.BatchNormalization) == maps[:-1]
    assert shapes(discriminator, layers.Conv2D) == maps[-2::-1]


def test_initial_weights_are_normal_with_deviation_002(paper):
    """Mean, deviation and tails of N(0, 0.02), and of N(1, 0.02) for batch norm's gain."""
    kernels = []
    for network in paper:
        for name, variable in reference.named_weights(network).items():
            values = ops.convert_to_numpy(variable).ravel().astype("float64")
            exact = {"beta": 0, "moving_mean": 0, "moving_variance": 1}.get(name.split(".")[-1])
            if exact is not None:
                assert (values == exact).all()
                continue
            unit = (values - name.endswith("gamma")) / 0.02
            kernels.append(unit)
            n = len(unit)
            assert abs(unit.mean()) < 5 / math.sqrt(n), name  # five standard errors
            assert abs(unit.std() - 1) < 5 / math.sqrt(2 * n), name
            if n > 10_000:  # neither uniform nor truncated at two deviations
                assert abs(np.mean(np.abs(unit) > 2) - 0.0455) < 5 * math.sqrt(0.0455 / n), name
    for one, other in itertools.combinations(kernels, 2):  # no layer repeats another's numbers
        count = min(len(one), len(other))
        assert abs(np.mean(one[:count] * other[:count])) < 5 / math.sqrt(count)


def test_the_seed_decides_the_initial_weights():
    one, same, other = (build_generator((8, 8, 1), 5, None, 4, seed) for seed in (3, 3, 4))
    for a, b, c in zip(*(network.get_weights() for network in (one, same, other)), strict=True):
        np.testing.assert_array_equal(a, b)
        assert (a == c).all() == (np.ptp(a) == 0)  # constants are constants whatever the seed


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    ("image_shape", "classes"), [((28, 28, 1), None), ((11, 9, 2), 3), ((8, 17, 1), 2)]
)
def test_forward_pass_is_the_reference(image_shape, classes, training):
    """Against NumPy's convolutions and batch norm, with weights large enough to matter."""
    random = np.random.default_rng(1)
    generator = build_generator(image_shape, 5, classes, 4, 0)
    discriminator = build_discriminator(image_shape, classes, 4, 0)
    weights = reference.random_weights(random, image_shape, 5, classes or 0, 4, 0.3)
    for network, values in zip((generator, discriminator), weights, strict=True):
        variables = reference.named_weights(network)
        assert variables.keys() == values.keys()
        for name, value in values.items():
            variables[name].assign(value)
    latents = random.normal(size=(3, 5)).astype("float32")
    labels = np.array([1, 0, classes - 1]) if classes else None
    theirs, mine = (dict(values) for values in weights)
    images = reference.generator(image_shape)(theirs, latents, labels, training)[0]
    logits = reference.discriminator(mine, images, labels, training)[0]
    assert np.std(logits) > 0.1
    made = generator([latents, labels] if classes else latents, training=training)
    np.testing.assert_allclose(ops.convert_to_numpy(made), images, rtol=0, atol=1e-5)
    inputs = images.astype("float32")
    found = discriminator([inputs, labels] if classes else inputs, training=training)
    np.testing.assert_allclose(ops.convert_to_numpy(found), logits, rtol=1e-5, atol=1e-5)
    for network, values in ((generator, theirs), (discriminator, mine)):  # moving statistics
        for name, variable in reference.named_weights(network).items():
            np.testing.assert_allclose(
                ops.convert_to_numpy(variable), values[name], rtol=1e-5, atol=1e-6
            )


def test_layers_are_those_of_torch():
    """The tutorial's `nn.Conv2d(4, 2, 1)` and `nn.ConvTranspose2d(4, 2, 1)`, to 1e-5."""
    torch = pytest.importorskip("torch")
    if keras.backend.backend() != "torch":
        pytest.skip("torch's layers are compared where torch is the backend")
    from torch import nn

    def first(x):
        return torch.from_numpy(np.moveaxis(x, -1, 1).copy()).double()

    random = np.random.default_rng(2)
    generator = build_generator((16, 16, 2), 5, None, 4, 0)
    discriminator = build_discriminator((16, 16, 2), None, 4, 0)
    weights = {}
    for network in (generator, discriminator):
        for variable in network.weights:
            value = random.uniform(0.5, 1.5, variable.shape) if len(variable.shape) == 1 else None
            variable.assign(random.normal(0, 0.15, variable.shape) if value is None else value)
        weights[network.name] = {
            name: torch.from_numpy(ops.convert_to_numpy(variable).copy()).double()
            for name, variable in reference.named_weights(network).items()
        }

    def norm(given, i, filters):
        layer = nn.BatchNorm2d(filters, dtype=torch.float64).eval()  # torch's default epsilon
        for ours, theirs in {
            "gamma": "weight",
            "beta": "bias",
            "moving_mean": "running_mean",
            "moving_variance": "running_var",
        }.items():
            getattr(layer, theirs).data = given[f"norm{i}.{ours}"]
        return layer

    with torch.no_grad():
        given = weights["generator"]
        latents = random.normal(size=(3, 5)).astype("float32")
        x = torch.from_numpy(latents).double() @ given["dense"]
        x = x.reshape(3, 4, 4, 8).permute(0, 3, 1, 2)
        for i, (wide, narrow) in enumerate([(8, 4), (4, 2)]):
            convolution = nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=False)
            convolution.weight.data = given[f"conv{i}"].permute(3, 2, 0, 1)
            x = convolution(torch.relu(norm(given, i, wide)(x)))
        expected = torch.tanh(x).permute(0, 2, 3, 1).numpy()
    found = ops.convert_to_numpy(generator(latents, training=False))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)

    with torch.no_grad():
        given = weights["discriminator"]
        x = first(found)
        for i, (narrow, wide) in enumerate([(2, 4), (4, 8)]):
            convolution = nn.Conv2d(narrow, wide, 4, 2, 1, bias=False)
            convolution.weight.data = given[f"conv{i}"].permute(3, 2, 0, 1)
            x = convolution(x)
            x = nn.functional.leaky_relu(norm(given, 0, wide)(x) if i else x, 0.2)
        expected = (x.permute(0, 2, 3, 1).reshape(3, -1) @ given["logit"])[:, 0].numpy()
    found = ops.convert_to_numpy(discriminator(found, training=False))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_crop_keeps_the_upper_left():
    images = np.arange(2 * 4 * 4).reshape(2, 4, 4, 1)
    np.testing.assert_array_equal(crop(images, 3, 4), images[:, :3])
    np.testing.assert_array_equal(crop(images, 4, 3), images[:, :, :3])
    assert crop(images, 4, 4) is images
