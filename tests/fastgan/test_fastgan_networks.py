"""Both networks, the decoders and two rounds are those of a second reading of the paper."""

import keras
import numpy as np
import pytest
import reference
from keras import ops

import ganzoo
from ganzoo.fastgan import fastgan_decoders
from ganzoo.layers import BatchNorm, Noise, SpectralConv2D, SpectralDense, SpectralResizeConv
from ganzoo.layers import noise as noise_module

CASES = list(reference.CASES)
KINDS = {
    "dense": SpectralDense,
    "enlarge": SpectralResizeConv,
    "conv": SpectralConv2D,
    "norm": BatchNorm,
    "noise": Noise,
}


PLACES = ["stem", "double", "image", "first", "halve", "judge", "small", "judge_small", "classes"]


def made(layer):
    """Return where a layer comes: names count from the stem, and down to the smallest map."""
    place, _, number = layer.name.rpartition("_")
    stage = 0
    if place not in PLACES and not place.startswith("decoder"):
        place, _, stage = place.rpartition("_")
    after = int(stage) if place in ("double", "image") else -int(stage)
    return PLACES.index(place) if place in PLACES else 0, after, int(number)


def weights(network):
    """Return a network's weights by kind, and the power iteration's directions."""
    found = {
        kind: sorted((each for each in network.layers if type(each) is of), key=made)
        for kind, of in KINDS.items()
    }
    kernels = {kind: [each.kernel for each in found[kind]] for kind in reference.KERNELS}
    norms = {"norm": [[each.gamma, each.beta] for each in found["norm"]]}
    moving = [each for n in found["norm"] for each in (n.moving_mean, n.moving_variance)]
    noises = {"noise": [each.scale for each in found["noise"]]}
    directions = {kind: [each.direction for each in found[kind]] for kind in reference.KERNELS}
    return kernels | norms | noises, directions, moving


def filled(network):
    """Give a network weights that matter, and return them as the reference takes them."""
    variables, directions, _ = weights(network)
    shapes = {kind: [tuple(each.shape) for each in variables[kind]] for kind in reference.KERNELS}
    shapes["norm"] = [each.shape[0] for each, _ in variables["norm"]]
    shapes["noise"] = [()] * len(variables["noise"])
    values = reference.random_weights(shapes)
    keras.tree.map_structure(lambda v, value: v.assign(value), variables, values)
    for kind, found in directions.items():
        for direction, kernel in zip(found, values[kind], strict=True):
            direction.assign(reference.first_direction(kernel, kind))
    for layer in network.layers:
        if isinstance(layer, Noise):
            layer.still = np.float32(reference.drawn(-1, layer.still.shape))
    return values


def joined(arrays):
    return np.concatenate([ops.convert_to_numpy(each).ravel() for each in arrays])


def flat(network):
    """Return all weights of a network, in the reference's order."""
    variables, _, moving = weights(network)
    return joined(keras.tree.flatten([variables[kind] for kind in KINDS])), joined(moving)


@pytest.fixture(scope="module", params=CASES)
def played(request):
    return request.param, *two_rounds(request.param)


def two_rounds(case):
    """Return the weights that a model begins with, and what it makes of them."""
    gan = ganzoo.FastGAN(**reference.CASES[case], **reference.COMMON, seed=0)
    networks = [gan.generator, gan.discriminator, *gan.auxiliary.decoders]
    values = [filled(network) for network in networks]
    sgd = [keras.optimizers.SGD(reference.RATE) for _ in range(2)]
    gan.compile(*sgd, augmentation=None, ema_decay=None)
    images, labels, latents = reference.inputs(case)
    real = np.float32(images / 127.5 - 1.0)
    given = [(each if labels is None else [each, labels]) for each in (latents, real)]
    found = {
        "images": ops.convert_to_numpy(gan.generator(given[0]))[:1],
        "logits": ops.convert_to_numpy(gan.discriminator(given[1])[0]),
    }
    gan._draw_latents = lambda real, seed: ops.convert_to_tensor(latents)
    with pytest.MonkeyPatch.context() as patch:
        places = iter(range(10**6))
        count = len(weights(gan.generator)[0]["noise"])

        def normal(shape, dtype=None, seed=None):
            shape = (reference.BATCH, *shape[1:])
            return ops.convert_to_tensor(reference.drawn(next(places) % count, shape), dtype)

        patch.setattr(noise_module.keras.random, "normal", normal)
        quadrant = ops.convert_to_tensor(reference.QUADRANT, "int32")
        patch.setattr(fastgan_decoders.keras.random, "randint", lambda *a, **o: quadrant)
        history = gan.fit(
            images,
            labels,
            batch_size=len(images),
            epochs=reference.ROUNDS,
            shuffle=False,
            verbose=0,
        ).history
    names = ("discriminator_loss", "generator_loss")
    found["losses"] = np.stack([history[name] for name in names], axis=1)
    found["generator"], found["generator_statistics"] = flat(gan.generator)
    found["discriminator"], found["discriminator_statistics"] = flat(gan.discriminator)
    found["decoders"] = np.concatenate([flat(each)[0] for each in gan.auxiliary.decoders])
    return values, found


def test_the_second_reading_says_what_its_file_holds(played):
    pytest.importorskip("torch", reason="the second reading of the paper is in torch")
    case, values, _ = played
    expected = reference.play(case, values)
    for name, value in expected.items():
        held = np.load(reference.FILE)[f"{case}_{name}"]
        np.testing.assert_allclose(value, held, rtol=1e-5, atol=1e-6, err_msg=name)


def test_two_rounds_are_those_of_the_second_reading(played):
    """What both networks make, both losses, and all weights afterwards."""
    case, _, found = played
    for name, value in found.items():
        expected = np.load(reference.FILE)[f"{case}_{name}"]
        assert value.shape == expected.shape, name
        assert np.abs(value - expected).max() < 1e-5 * np.abs(expected).max(), name
