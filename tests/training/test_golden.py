"""Three backends, one model: each is compared with the same numbers of plain NumPy.

`golden/rounds.npz` holds them; `golden/make.py` says how they were made. A tensor's error is
measured against that tensor's largest value: `max |found - expected| / max |expected|`. A measure
for each element would compare noise where a weight or a moment happens to be near zero.
"""

import subprocess
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo
from training.golden import reference

FOLDER = Path(reference.__file__).parent
STORED = np.load(FOLDER / "rounds.npz")
CASES = {
    "plain": ((16, 16, 1), None),
    "conditional": ((15, 17, 2), 3),
    "saved": ((9, 8, 1), 2),
    "relativistic": ((16, 16, 1), None),
}
LATENTS, FILTERS = 3, 2
SAVED = sorted(FOLDER.glob("*.keras"))


class Golden:
    """The stored numbers of one case."""

    def __init__(self, case):
        self.case = case
        self.image_shape, self.classes = CASES[case]

    def __getitem__(self, name):
        return STORED[f"{self.case}/{name}"]

    def arrays(self):
        return [self[name] for name in ("images", "labels", "weight")[: 3 if self.classes else 1]]

    def fix_latents(self, model):
        """Let the model's rounds use the stored latents, each round its own."""
        latents = ops.convert_to_tensor(self["latents"])
        iterations = model.optimizer.iterations
        rounds = len(self["latents"])
        model._draw_latents = lambda real, seed: ops.take(latents, iterations % rounds, axis=0)


def error(found, expected):
    found = np.asarray(ops.convert_to_numpy(found), "float64")
    assert found.shape == expected.shape
    return np.abs(found - expected).max() / np.abs(expected).max()


def worst(model, golden):
    """Return the largest error of all weights, statistics and slots, and whose it is."""
    errors = {
        f"{part} {network} {name}": error(variables[name], expected)
        for part, networks in reference.named_state(model).items()
        for network, variables in networks.items()
        for name, expected in reference.unpack(variables, golden[f"{part}/{network}"]).items()
    }
    return max((value, name) for name, value in errors.items())


def as_float64(variables):
    return {name: np.float64(ops.convert_to_numpy(each)) for name, each in variables.items()}


@pytest.fixture(scope="module", params=["plain", "conditional", "relativistic"])
def golden(request):
    return Golden(request.param)


@pytest.fixture(scope="module")
def untrained(golden):
    paired = golden.case == "relativistic"
    model = ganzoo.DCGAN(
        golden.image_shape, LATENTS, golden.classes, base_filters=FILTERS, seed=0,
        discriminator_norm=None if paired else "batch",
    )  # fmt: skip
    model.compile()
    if paired:
        penalties = [ganzoo.penalties.R1(0.5), ganzoo.penalties.R2(0.25)]
        model.compile(loss="relativistic", penalties=penalties)
    for network in (model.generator, model.ema_generator, model.discriminator):
        variables = reference.named_weights(network)
        reference.fill(variables, golden[f"initial/{network.name}"])
    return model


@pytest.mark.parametrize("training", [False, True])
def test_forward_passes_agree(golden, untrained, training):

    def inputs(x):
        return [x, golden["labels"][0]] if golden.classes else x

    before = untrained.get_weights()
    made = untrained.generator(inputs(golden["latents"][0]), training=training)
    real = (golden["images"][0] / 127.5 - 1).astype("float32")
    logits = untrained.discriminator(inputs(real), training=training)
    untrained.set_weights(before)  # training moved the statistics
    assert error(made, golden[f"forward/{training}/images"]) < 1e-5
    assert error(logits, golden[f"forward/{training}/logits"]) < 1e-5


@pytest.fixture(scope="module")
def trained(golden, untrained, batches):
    """Ten rounds of `fit`, as any user's program runs it, and the logs after each step."""
    golden.fix_latents(untrained)
    seen = []
    record = keras.callbacks.LambdaCallback(on_train_batch_end=lambda _, logs: seen.append(logs))
    data = batches(*golden.arrays())
    untrained.fit(data, shuffle=False, verbose=0, callbacks=[record])
    return untrained, seen


def test_ten_rounds_agree(golden, trained):
    """Weights, batch-norm statistics, Adam's moments, and the averages of the weights."""
    model, _ = trained
    assert worst(model, golden) < (1e-4,)
    averages = reference.named_weights(model.ema_generator)
    for name, expected in reference.unpack(averages, golden["averaged/generator"]).items():
        assert error(averages[name], expected) < 1e-4, name
    assert [int(each.iterations) for each in model.optimizer.optimizers] == [10, 10]


def test_losses_of_ten_rounds_agree(golden, trained):
    """The logs are running means of what each round showed."""
    for name in ("discriminator_loss", "generator_loss", "real_score", "fake_score"):
        expected = np.cumsum(golden[f"logs/{name}"], dtype="float64") / np.arange(1, 11)
        found = np.array([each[name] for each in trained[1]])
        np.testing.assert_allclose(found, expected, rtol=1e-4, err_msg=name)


def test_generated_images_agree_to_a_grey_level(golden, trained):
    """Latents from NumPy's PCG64, so that a seed means the same picture everywhere."""
    found = trained[0].generate(7, seed=5)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - golden["generated"]).max() <= 1
    assert np.ptp(found) > 20  # no empty comparison


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_a_model_saved_on_any_backend_trains_on(path, batches):
    """All it holds is what its backend wrote, and its next round is the reference's."""
    golden = Golden("saved")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model = keras.saving.load_model(path)
    assert worst(model, golden) < (1e-7,)
    for each in (model.optimizer, *model.optimizer.optimizers):
        assert int(each.iterations) == 10
    assert int(model.rounds_played) == 10
    np.testing.assert_array_equal(ops.convert_to_numpy(model.seed_generator.state), [2024, 7])
    parts = {each.name: float(each) for each in model.objective.variables}
    assert parts == reference.PARTS
    assert isinstance(model.objective.loss, ganzoo.losses.LeastSquares)
    for each in model.optimizer.optimizers:
        assert (float(each.learning_rate), each.beta_1) == (pytest.approx(2e-4), 0.5)
    generated = model.generate(7, seed=5).astype(int)
    assert np.abs(generated - golden["generated"]).max() <= 1

    averages = reference.named_weights(model.ema_generator)
    expected_averages = as_float64(averages)
    state = reference.named_state(model)
    weights = {network: as_float64(values) for network, values in state["weights"].items()}
    optimizers = {}
    for network in weights:
        adam = optimizers[network] = reference.Adam()
        adam.step = 10
        adam.momentum = as_float64(state["momentum"][network])
        adam.velocity = as_float64(state["velocity"][network])
    golden.fix_latents(model)
    model.fit(batches(*(array[:1] for array in golden.arrays())), verbose=0)
    reference.play_round(
        (reference.generator(golden.image_shape), weights["generator"]),
        (reference.discriminator, weights["discriminator"]),
        optimizers,
        golden["images"][0] / 127.5 - 1,
        np.float64(golden["latents"][0]),  # round 10 is round 0 again
        golden["labels"][0],
        "least_squares",
        np.float64(golden["weight"][0]),
    )
    for name, expected in reference.averaged(expected_averages, weights["generator"], 11).items():
        assert error(averages[name], expected) < 1e-6, name
    for network, variables in state["weights"].items():
        for name, variable in variables.items():
            assert error(variable, weights[network][name]) < 1e-6, name
        for part in ("momentum", "velocity"):
            for name, variable in state[part][network].items():
                expected = getattr(optimizers[network], part)[name]
                assert error(variable, expected) < 1e-5, name


def test_a_fresh_process_needs_only_the_import():
    code = (
        "import sys, warnings\n"
        "import ganzoo, keras\n"
        "warnings.simplefilter('error', UserWarning)\n"
        "model = keras.saving.load_model(sys.argv[1])\n"
        "assert type(model) is ganzoo.DCGAN and model.compiled\n"
    )
    result = subprocess.run([sys.executable, "-c", code, SAVED[0]], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.any_backend
def test_gradients_of_the_reference_are_its_slopes():
    """The reference itself, against central differences in float64, along random directions."""
    random = np.random.default_rng(0)
    shape, labels = (15, 17, 2), np.array([0, 2, 1, 1])
    weights = reference.random_weights(random, shape, 4, 3, 3, 0.3)
    latents, scale = random.normal(size=(4, 4)), np.arange(1.0, 5)

    def logit(generator, discriminator):
        images, draw_back = reference.generator(shape)(dict(generator), latents, labels)
        logits, judge_back = reference.discriminator(dict(discriminator), images, labels)
        on_images, of_discriminator = judge_back(scale)
        return scale @ logits, (draw_back(on_images)[1], of_discriminator)

    gradients = logit(*weights)[1]
    for which, by_name in enumerate(gradients):
        trainable = {name for name in weights[which] if "moving" not in name}
        assert by_name.keys() == trainable
        for name, gradient in by_name.items():
            direction, step = random.normal(size=gradient.shape), 1e-6
            ends = []
            for sign in (1, -1):
                moved = [dict(each) for each in weights]
                moved[which][name] = moved[which][name] + sign * step * direction
                ends.append(logit(*moved)[0])
            slope = (ends[0] - ends[1]) / (2 * step)
            np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=1e-5, atol=1e-6)


@pytest.mark.any_backend
def test_stored_numbers_are_those_of_the_reference(tmp_path):
    """Nobody has edited the reference without making the numbers anew, or the other way round."""
    code = "import make, pathlib, sys; make.FOLDER = pathlib.Path(sys.argv[1]); make.make_rounds()"
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=FOLDER, check=True)
    again = np.load(tmp_path / "rounds.npz")
    assert again.keys() == STORED.keys()
    for name in STORED:
        np.testing.assert_allclose(again[name], STORED[name], rtol=1e-5, atol=1e-7, err_msg=name)
