import keras
import numpy as np
import pytest
from keras import ops

from ganzoo import losses
from training.golden import reference

LOGITS = np.concatenate([[-50, -1, -1e-3, 0, 1e-3, 1, 50], np.linspace(-30, 30, 400)])
LOGITS = LOGITS.astype("float32").astype("float64")
NAMES = sorted(losses.LOSSES)


@keras.saving.register_keras_serializable("ganzoo_tests")
class Margin(losses.AdversarialLoss):
    """A user's loss, with an argument."""

    def __init__(self, margin):
        self.margin = margin

    def real(self, logits):
        return ops.relu(self.margin - logits)

    def get_config(self):
        return {"margin": self.margin}


def test_every_loss_has_a_closed_form_here():
    assert NAMES == sorted(reference.LOSSES)


@pytest.mark.parametrize("role", ["real", "fake", "generator", "score"])
@pytest.mark.parametrize("name", NAMES)
def test_loss_is_its_closed_form(name, role):
    """Per image, also where a naive log(sigmoid) would overflow or lose all its digits."""
    formula = reference.LOSSES[name][role]
    expected = (formula if role == "score" else formula[0])(LOGITS)
    found = ops.convert_to_numpy(
        getattr(losses.get(name), role)(ops.convert_to_tensor(LOGITS, "float32"))
    )
    assert found.shape == LOGITS.shape
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-30)


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
        np.testing.assert_allclose(
            ops.convert_to_numpy(getattr(loss, role)(tensor)), expected, rtol=1e-4
        )


def test_smoothed_labels_are_cross_entropy_with_a_target():
    """`-t log D(x) - (1 - t) log(1 - D(x))` for real images, and for them alone."""
    loss, plain = losses.NonSaturating(real_target=0.9), losses.NonSaturating()
    tensor = ops.convert_to_tensor(LOGITS, "float32")
    log_real, log_fake = -np.logaddexp(0, -LOGITS), -np.logaddexp(0, LOGITS)
    found = ops.convert_to_numpy(loss.real(tensor))
    np.testing.assert_allclose(found, -0.9 * log_real - 0.1 * log_fake, rtol=2e-6)
    assert abs(LOGITS[found.argmin()] - np.log(9)) < 0.1  # where D(x) is 0.9
    for role in ("fake", "generator", "score"):
        np.testing.assert_array_equal(
            *(ops.convert_to_numpy(getattr(each, role)(tensor)) for each in (loss, plain))
        )


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


@pytest.mark.parametrize("role", ["real", "fake", "generator"])
def test_an_unwritten_role_is_an_error(role):
    with pytest.raises(NotImplementedError):
        getattr(losses.AdversarialLoss(), role)(ops.zeros(3))
