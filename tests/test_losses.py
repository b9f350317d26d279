import keras
import numpy as np
import pytest
from keras import ops

from ganzoo import backends, losses
from training.golden import reference

LOGITS = np.concatenate([[-50, -1, -1e-3, 0, 1e-3, 1, 50], np.linspace(-30, 30, 400)])
LOGITS = LOGITS.astype("float32").astype("float64")
NAMES = sorted(losses.LOSSES)


REAL, FAKE = np.random.default_rng(3).normal(0, 20, (2, 400)).astype("float32")


@keras.saving.register_keras_serializable("ganzoo_tests")
class Margin(losses.PointwiseLoss):
    """A user's loss, with an argument."""

    def __init__(self, margin):
        self.margin = margin

    def real_loss(self, logits):
        return ops.relu(self.margin - logits)

    def get_config(self):
        return {"margin": self.margin}


def test_every_loss_has_a_closed_form_here():
    assert NAMES == sorted(reference.LOSSES | reference.PAIRED)


def values(function, *logits):
    return ops.convert_to_numpy(function(*(ops.convert_to_tensor(x, "float32") for x in logits)))


@pytest.mark.parametrize("role", ["real", "fake", "generator"])
@pytest.mark.parametrize("name", reference.LOSSES)
def test_a_loss_of_one_logit_is_its_closed_form(name, role):
    """Per image, also where a naive log(sigmoid) would overflow or lose all its digits."""
    expected = reference.LOSSES[name][role][0](LOGITS)
    found = values(getattr(losses.get(name), f"{role}_loss"), LOGITS)
    assert found.shape == LOGITS.shape
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-30)


@pytest.mark.parametrize("name", NAMES)
def test_a_score_is_its_closed_form(name):
    expected = (reference.LOSSES | reference.PAIRED)[name]["score"](LOGITS)
    found = values(losses.get(name).score, LOGITS)
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-30)


@pytest.mark.parametrize("shape", [(400,), (100, 4), (16, 5, 5)])
@pytest.mark.parametrize("name", NAMES)
def test_a_loss_of_pairs_is_its_closed_form(name, shape):
    """Also of many places of an image, and where real images have weights."""
    loss, close = losses.get(name), {"rtol": 1e-5, "atol": 2e-5}  # logits go to 70
    real, fake = REAL.reshape(shape), FAKE.reshape(shape)
    weight = np.random.default_rng(4).uniform(0, 3, (shape[0], *[1] * (len(shape) - 1)))
    double, paired = [np.float64(real), np.float64(fake)], name in reference.PAIRED
    assert loss.paired == paired
    plain = reference.discriminator_loss(name, *double, 1.0)
    np.testing.assert_allclose(values(loss.discriminator, real, fake), plain[0], **close)
    weighted = reference.discriminator_loss(name, *double, np.float64(np.float32(weight)))
    found = values(loss.weighted, real, fake, weight)
    np.testing.assert_allclose(found, weighted[0], **close)
    found = values(lambda f, r: loss.generator(f, r if paired else None), fake, real)
    expected = reference.generator_loss(name, *double, 1.0)[0]
    np.testing.assert_allclose(found, expected, **close)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_a_loss_are_its_derivatives(name):
    """By each logit, of both networks' losses."""
    loss = losses.get(name)
    pair = [keras.Variable(REAL), keras.Variable(FAKE)]
    double = [np.float64(REAL), np.float64(FAKE)]

    def slopes(function, variables):
        _, _, gradients = backends.current.value_and_gradients(
            lambda: (ops.sum(function()), ()), variables, lambda: pair
        )
        return [ops.convert_to_numpy(each) for each in gradients]

    found = slopes(lambda: loss.discriminator(pair[0].value, pair[1].value), pair)
    for one, other in zip(found, reference.discriminator_loss(name, *double, 1.0)[1:], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-30)
    real = pair[0].value if loss.paired else None
    (found,) = slopes(lambda: loss.generator(pair[1].value, real), pair[1:])
    expected = reference.generator_loss(name, *double, 1.0)[1]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-30)


def test_only_differences_count_in_the_relativistic_loss():
    """Two nets that tell the pairs apart equally are equally good; a draw costs log 2."""
    loss = losses.get("relativistic")
    moved = [values(loss.discriminator, each, each - 3) for each in (REAL, REAL + 1000)]
    np.testing.assert_allclose(moved[0], np.log1p(np.exp(-3)), rtol=1e-3)
    np.testing.assert_allclose(moved[1], np.log1p(np.exp(-3)), rtol=1e-3)
    np.testing.assert_allclose(values(loss.discriminator, REAL, REAL), np.log(2), rtol=1e-6)
    np.testing.assert_array_equal(
        values(loss.generator, FAKE, REAL), values(loss.discriminator, FAKE, REAL)
    )


def test_non_saturating_is_cross_entropy_with_flipped_labels():
    """A second closed form: Goodfellow's log D and log(1 - D), where they can be computed."""
    logits = LOGITS[np.abs(LOGITS) < 10]
    probability = 1 / (1 + np.exp(-logits))
    loss, tensor = losses.get("non_saturating"), ops.convert_to_tensor(logits, "float32")
    for role, expected in {
        "real": -np.log(probability),
        "fake": -np.log(1 - probability),
        "generator": -np.log(probability),
        "score": probability,
    }.items():
        function = loss.score if role == "score" else getattr(loss, f"{role}_loss")
        np.testing.assert_allclose(ops.convert_to_numpy(function(tensor)), expected, rtol=1e-4)


def test_smoothed_labels_are_cross_entropy_with_a_target():
    """`-t log D(x) - (1 - t) log(1 - D(x))` for real images, and for them alone."""
    loss, plain = losses.NonSaturating(real_target=0.9), losses.NonSaturating()
    tensor = ops.convert_to_tensor(LOGITS, "float32")
    log_real, log_fake = -np.logaddexp(0, -LOGITS), -np.logaddexp(0, LOGITS)
    found = ops.convert_to_numpy(loss.real_loss(tensor))
    np.testing.assert_allclose(found, -0.9 * log_real - 0.1 * log_fake, rtol=2e-6)
    assert abs(LOGITS[found.argmin()] - np.log(9)) < 0.1  # where D(x) is 0.9
    for role in ("fake_loss", "generator_loss", "score"):
        np.testing.assert_array_equal(
            *(ops.convert_to_numpy(getattr(each, role)(tensor)) for each in (loss, plain))
        )


def test_a_spread_hinge_is_the_mean_over_its_margins():
    """By hand: a hundred thousand margins from 0.6 to 1, and none but 1."""
    logits = np.linspace(-2, 2, 41).astype("float32")
    margins = 0.6 + 0.4 * (np.arange(100_000) + 0.5) / 100_000
    expected = np.maximum(margins - logits[:, None], 0).mean(axis=1)
    loss = losses.Hinge(spread=0.4)
    for found in (loss.real_loss(logits), loss.fake_loss(-logits)):
        np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-5, atol=1e-6)
    for spread in (-0.1, 1.5):
        with pytest.raises(ValueError, match="spread must be from 0 to 1"):
            losses.Hinge(spread=spread)


@pytest.mark.parametrize("target", [0.5, 0.0, -1.0, 1.01, float("nan")])
def test_a_target_that_smooths_nothing_is_refused(target):
    with pytest.raises(ValueError, match=r"real_target must be above 0.5 and at most 1, not"):
        losses.NonSaturating(real_target=target)


@pytest.mark.parametrize(
    ("given", "error", "advice"),
    [
        ("hing", ValueError, "Did you mean 'hinge'"),
        ("", ValueError, "non_saturating"),
        (None, TypeError, "subclassing AdversarialLoss"),
        (losses.Hinge, TypeError, "AdversarialLoss"),
        (lambda logits: logits, TypeError, "AdversarialLoss"),
        ({"class_name": "Hinge"}, TypeError, "AdversarialLoss"),
    ],
)
def test_get_says_what_a_loss_may_be(given, error, advice):
    with pytest.raises(error, match=advice):
        losses.get(given)


@pytest.mark.parametrize(
    "loss",
    [*map(losses.get, NAMES), Margin(2.5), losses.NonSaturating(0.75)],
    ids=lambda x: str(type(x)),
)
def test_losses_survive_serialisation(loss):
    assert losses.get(loss) is loss
    config = keras.saving.serialize_keras_object(loss)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(loss)
    assert vars(again) == vars(loss)


@pytest.mark.parametrize("role", ["real_loss", "fake_loss", "generator_loss"])
def test_an_unwritten_role_is_an_error(role):
    with pytest.raises(NotImplementedError):
        getattr(losses.PointwiseLoss(), role)(ops.zeros(3))


@pytest.mark.parametrize("role", ["discriminator", "generator"])
def test_an_unwritten_loss_of_pairs_is_an_error(role):
    with pytest.raises(NotImplementedError):
        getattr(losses.AdversarialLoss(), role)(ops.zeros(3), ops.zeros(3))
