"""Each term and its gradients, where they can be derived by hand, and beside NumPy's networks."""

import keras
import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo import backends, losses, penalties
from ganzoo.penalties import R1, R2
from ganzoo.training.adversarial import Batch, Game
from training.golden import reference

BATCH, SHAPE = 4, (3, 2, 2)
RANDOM = np.random.default_rng(4)
REAL, FAKE = RANDOM.normal(size=(2, BATCH, *SHAPE)).astype("float32")
LABELS = np.array([0, 1, 1, 0])
W = RANDOM.normal(size=SHAPE).astype("float32")
A = RANDOM.normal(size=(2, *SHAPE)).astype("float32")


class Silent(losses.PointwiseLoss):
    """Leaves the penalty alone."""

    def real_loss(self, logits):
        return 0.0 * logits

    fake_loss = real_loss


def squares(images):
    return np.sum(np.float64(images) ** 2, axis=(1, 2, 3))


def term_and_gradient(discriminator, first, *parts):
    """Return the penalties' sum and its gradient by the discriminator's one variable.

    `discriminator` is a function of that variable, images and labels.
    """
    variable, seed = keras.Variable(first), keras.random.SeedGenerator(3)
    game = Game(
        None,
        lambda inputs, training: discriminator(variable.value, *inputs),
        Silent(),
        lambda: [variable, seed.state, *(v for each in parts for v in each.variables)],
        penalties=parts,
        random=seed,
    )
    real, fake, labels = (ops.convert_to_tensor(each) for each in (REAL, FAKE, LABELS))
    batch = Batch(real, labels, None, None)
    total, _, (gradient,) = backends.current.value_and_gradients(
        lambda: game.judge(batch, fake, training=True), [variable], game.state
    )
    return float(total), ops.convert_to_numpy(gradient)


def linear(w, images, labels):
    """Its gradient is `w`, wherever it is asked for."""
    return ops.sum(w * images, axis=(1, 2, 3))


def quadratic(a, images, labels):
    """Its gradient is `a[label] * image`."""
    return ops.sum(ops.take(a, labels, axis=0) * images**2, axis=(1, 2, 3)) / 2.0


@pytest.mark.parametrize(("kind", "images"), [(penalties.R1, REAL), (penalties.R2, FAKE)])
def test_r1_and_r2_of_a_quadratic(kind, images):
    """`gamma / 2 mean |a x|^2`, whose gradient is a second derivative of the discriminator."""
    total, gradient = term_and_gradient(quadratic, A, kind(weight=3.0))
    slopes = A[LABELS] * images
    assert total == pytest.approx(1.5 * squares(slopes).mean(), rel=1e-5)
    for label in (0, 1):
        expected = 3.0 * np.sum((slopes * images)[label == LABELS], axis=0) / BATCH
        np.testing.assert_allclose(gradient[label], expected, rtol=1e-4, atol=1e-5)


def places(a, images, labels):
    """Judge each row and column of an image, with weights of its own: logits `(batch, 3, 2)`."""
    return ops.sum(a[0] * images**2 + a[1] * images, axis=3)


def test_the_gradient_of_many_places_is_that_of_their_mean():
    """`g = (2 a x + b) / 6` for six places."""
    total, gradient = term_and_gradient(places, A, penalties.R1(weight=2.0))
    slopes = (2 * A[0] * REAL + A[1]) / 6
    assert total == pytest.approx(squares(slopes).mean(), rel=1e-5)
    for found, inner in zip(gradient, (2 * REAL / 6, np.full_like(REAL, 1 / 6)), strict=True):
        expected = 2 * np.mean(slopes * inner, axis=0)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def curved(a, images, labels):
    """A discriminator all of whose derivatives matter."""
    inner = ops.tanh(a[0] * images + ops.square(images))
    return ops.sum(ops.tanh(a[1] * inner) * ops.sin(images), axis=(1, 2, 3))


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX has float32 here")
@pytest.mark.parametrize(("kind", "images"), [(penalties.R1, REAL), (penalties.R2, FAKE)])
def test_second_derivatives_are_slopes_of_the_first(kind, images):
    """Central differences in float64, of every weight; the term by NumPy from first derivatives."""
    real, fake = (ops.convert_to_tensor(each, "float64") for each in (REAL, FAKE))
    variable = keras.Variable(A, dtype="float64")

    def gradients(images):
        return backends.current.input_gradients(
            lambda images: curved(variable.value, images, None), images, lambda: [variable]
        )

    def term(place, move):
        moved = np.float64(A)
        moved[place] += move
        variable.assign(moved)
        return (
            squares(
                ops.convert_to_numpy(gradients(ops.convert_to_tensor(images, "float64")))
            ).mean()
            / 2
        )

    judged = penalties.Judged(real, fake, real, fake, gradients, None)
    _, _, (found,) = backends.current.value_and_gradients(
        lambda: (kind(1.0).term(judged), ()), [variable], lambda: [variable]
    )
    found, step = ops.convert_to_numpy(found), 1e-5
    assert found.dtype == "float64"
    assert np.abs(found).min() > 1e-6
    for place in np.ndindex(A.shape):
        slope = (term(place, step) - term(place, -step)) / (2 * step)
        assert found[place] == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("kind", [penalties.GradientPenalty, penalties.Dragan])
def test_a_slope_of_one_is_asked_for(kind):
    """`lambda (|w| - 1)^2` for a linear discriminator, whatever the images are."""
    total, gradient = term_and_gradient(linear, W, kind(weight=2.0))
    length = np.sqrt(np.sum(W**2))
    assert total == pytest.approx(2.0 * (length - 1) ** 2, rel=1e-5)
    np.testing.assert_allclose(gradient, 4.0 * (length - 1) * W / length, rtol=1e-4)


def test_a_flat_discriminator_has_finite_gradients():
    """The length of a gradient has no slope at 0."""
    for kind in (penalties.GradientPenalty, penalties.Dragan):
        total, gradient = term_and_gradient(linear, np.zeros_like(W), kind())
        assert total == pytest.approx(10.0, rel=1e-4)
        assert np.isfinite(gradient).all()


def asked_images(penalty):
    """Return the images at which a penalty asks for gradients."""
    seen = []
    judged = penalties.Judged(
        *(ops.convert_to_tensor(each) for each in (REAL, FAKE, REAL[:, 0, 0, 0], FAKE[:, 0, 0, 0])),
        lambda images: seen.append(ops.convert_to_numpy(images)) or images,
        keras.random.SeedGenerator(0),
    )
    penalty.term(judged)
    (images,) = seen
    return images


def test_the_gradient_penalty_looks_between_pairs():
    """One share for all values of a pair, each pair its own, in [0, 1]."""
    shares = (asked_images(penalties.GradientPenalty()) - FAKE) / (REAL - FAKE)
    for each in shares:
        np.testing.assert_allclose(each, each.mean(), rtol=1e-3, atol=1e-3)
    means = shares.mean(axis=(1, 2, 3))
    assert ((means > 0) & (means < 1)).all()
    assert len(set(means.round(3))) == BATCH


def test_dragan_looks_around_real_images():
    """Noise of its own for each value, up to half a deviation, each image as much as it likes."""
    noise = (asked_images(penalties.Dragan()) - REAL) / (REAL.std() / 2)
    assert noise.min() > -1e-6
    assert noise.max() < 1
    assert len(np.unique(noise.round(4))) > noise.size / 2
    assert np.ptp(noise.max(axis=(1, 2, 3))) > 0.1


def test_lecam_holds_logits_near_averages_of_the_past():
    """Three updates by hand: the averages of before, of the other kind of image each."""
    penalty = penalties.LeCam(weight=0.5, decay=0.75)
    real_average = fake_average = 0.0
    for factor in (1.0, -2.0, 0.5):
        total, gradient = term_and_gradient(linear, W * factor, penalty)
        real, fake = (np.sum(W * factor * each, axis=(1, 2, 3)) for each in (REAL, FAKE))
        expected = 0.5 * np.mean((real - fake_average) ** 2 + (fake - real_average) ** 2)
        assert total == pytest.approx(expected, rel=1e-5)
        pulls = zip((real - fake_average, fake - real_average), (REAL, FAKE), strict=True)
        slope = sum(2 * np.einsum("b,bhwc->hwc", pull, images) for pull, images in pulls)
        np.testing.assert_allclose(gradient, 0.5 * slope / BATCH, rtol=1e-4, atol=1e-5)
        real_average = 0.75 * real_average + 0.25 * real.mean()
        fake_average = 0.75 * fake_average + 0.25 * fake.mean()
        averages = [float(each) for each in (penalty.real_average, penalty.fake_average)]
        assert averages == pytest.approx([real_average, fake_average], rel=1e-5)


def test_penalties_add_up():
    kinds = penalties.R1, penalties.LeCam
    both = term_and_gradient(quadratic, A, *(kind() for kind in kinds))
    one, other = (term_and_gradient(quadratic, A, kind()) for kind in kinds)
    assert both[0] == pytest.approx(one[0] + other[0], rel=1e-5)
    np.testing.assert_allclose(both[1], one[1] + other[1], rtol=1e-4, atol=1e-5)


def drawn(i, shape):
    """Return fixed numbers in [0, 1]."""
    return np.random.default_rng(i).uniform(size=shape)


def slope_of_one(judge, weights, images, labels):
    lengths = np.linalg.norm(reference.input_gradients(judge, weights, images, labels), axis=1)
    return np.mean((lengths - 1) ** 2)


def gradient_penalty(judge, weights, real, fake, labels):
    share = drawn(0, (len(real), 1, 1, 1))
    return slope_of_one(judge, weights, share * real + (1 - share) * fake, labels)


def dragan(judge, weights, real, fake, labels):
    noise = drawn(1, (len(real), 1, 1, 1)) * drawn(2, real.shape)
    return slope_of_one(judge, weights, real + noise * real.std() / 2, labels)


def lecam(judge, weights, real, fake, labels):
    """In the first round, with averages of 0; it judges nothing anew."""
    weights = dict(weights)
    return sum(np.mean(judge(weights, images, labels)[0] ** 2) for images in (real, fake))


@pytest.mark.parametrize(
    ("loss", "norm", "classes"),
    [("non_saturating", "batch", None), ("non_saturating", None, 2), ("relativistic", None, 2)],
)
def test_a_round_with_all_penalties_is_the_references(loss, norm, classes, monkeypatch):
    """Through the backend's own convolutions, differentiated twice; batch norm's statistics too.

    The reference differentiates its penalties by finite differences in float64.
    """
    shape, latent_dim, batch = (15, 16, 1), 3, 3
    gan = ganzoo.DCGAN(shape, latent_dim, classes, base_filters=1, discriminator_norm=norm, seed=0)
    parts = {
        penalties.R1: (0.5, reference.r1),
        penalties.R2: (0.25, reference.r2),
        penalties.GradientPenalty: (0.25, gradient_penalty),
        penalties.Dragan: (0.125, dragan),
        penalties.LeCam: (2.0, lecam),
    }
    gan.compile(
        keras.optimizers.SGD(0.5),
        keras.optimizers.SGD(1 / 16),  # a larger step would enlarge rounding in the second update
        loss=loss,
        penalties=[kind(weight) for kind, (weight, _) in parts.items()],
        ema_decay=None,
    )
    random = np.random.default_rng(3)
    weights = reference.random_weights(random, shape, latent_dim, classes or 0, 1, 0.3, norm)
    state = [reference.named_weights(each) for each in (gan.generator, gan.discriminator)]
    for variables, values in zip(state, weights, strict=True):
        assert variables.keys() == values.keys()
        for name, value in values.items():
            variables[name].assign(value)
    images = random.integers(0, 256, (batch, *shape), dtype="uint8")
    labels = np.array([1, 0, 1], "int32") if classes else None
    latents = random.normal(size=(batch, latent_dim)).astype("float32")
    gan._draw_latents = lambda real, seed: ops.convert_to_tensor(latents)
    shapes = []

    def uniform(shape, *arguments, **options):
        shapes.append(tuple(shape))
        return ops.convert_to_tensor(drawn(len(shapes) - 1, shapes[-1]), "float32")

    monkeypatch.setattr(penalties.keras.random, "uniform", uniform)
    found = gan.fit(images, labels, batch_size=batch, shuffle=False, verbose=0).history
    assert shapes[:3] == [(batch, 1, 1, 1)] * 2 + [(batch, *shape)]
    expected = reference.play_round(
        (reference.generator(shape), weights[0]),
        (reference.discriminator, weights[1]),
        {"generator": reference.SGD(0.5), "discriminator": reference.SGD(1 / 16)},
        images / 127.5 - 1,
        np.float64(latents),
        labels,
        loss,
        penalties=list(parts.values()),
    )
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value, rel=1e-4), name
    for variables, values in zip(state, weights, strict=True):
        for name, value in values.items():
            error = np.abs(ops.convert_to_numpy(variables[name]) - value).max()
            assert error < 1e-5 * np.abs(value).max() + 1e-6, name


def test_a_lazy_penalty_counts_in_some_rounds_for_all():
    """Every second round: first as one of twice the weight, then as none, and so on."""
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1), dtype="uint8")

    def model(*kinds):
        gan = ganzoo.DCGAN((8, 8, 1), 3, base_filters=1, discriminator_norm=None, seed=0)
        sgd = [keras.optimizers.SGD(0.1) for _ in range(2)]
        gan.compile(*sgd, penalties=kinds, ema_decay=None)
        latents = np.ones((4, 3), "float32")
        gan._draw_latents = lambda real, seed: ops.convert_to_tensor(latents)
        return gan

    def weights(gan):
        trained = [*gan.generator.trainable_variables, *gan.discriminator.trainable_variables]
        return [ops.convert_to_numpy(each) for each in trained]

    lazy, twice, none = model(R1(5.0, every=2)), model(R1(10.0)), model()
    for number in range(4):
        other = none if number % 2 else twice
        for to, weight in zip(other.variables, lazy.variables, strict=False):
            to.assign(ops.convert_to_numpy(weight))
        losses = [gan.train_on_batch(images) for gan in (lazy, other)]
        np.testing.assert_allclose(*losses, rtol=1e-5)
        for one, expected in zip(*map(weights, (lazy, other)), strict=True):
            np.testing.assert_allclose(one, expected, rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="every must be a whole number of rounds from 1, not 0"):
        R1(every=0)
    assert all(kind.from_config(kind(2.0, every=3).get_config()).every == 3 for kind in (R1, R2))


@keras.saving.register_keras_serializable("ganzoo_tests")
class SmallLogits(penalties.Penalty):
    """A user's penalty."""

    def term(self, judged):
        return ops.mean(judged.real_logits**2)


def test_a_users_penalty():
    total, gradient = term_and_gradient(linear, W, SmallLogits(weight=2.0))
    logits = np.sum(W * REAL, axis=(1, 2, 3))
    assert total == pytest.approx(2.0 * np.mean(logits**2), rel=1e-5)
    expected = 4.0 * np.einsum("b,bhwc->hwc", logits, REAL) / BATCH
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(NotImplementedError):
        penalties.Penalty(weight=1.0).term(None)


@keras.saving.register_keras_serializable("ganzoo_tests")
class Calibrated(penalties.Penalty):
    """A penalty that learns: how far the logits are from a line that follows them."""

    def __init__(self, weight=1.0, **options):
        super().__init__(weight, **options)
        self.line = self.add_weight((2,), "zeros", name="line")

    def term(self, judged):
        seen = ops.mean(judged.real_features[0], axis=1)
        line = self.line + 0.0
        return ops.mean((judged.real_logits - line[0] - line[1] * seen) ** 2)


def test_a_penalty_sees_features_and_its_weights_learn(tmp_path):
    """A step of SGD along its own gradient; the discriminator's logits are its first output."""
    gan = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=0)
    known = gan.discriminator
    features = known.layers[2].output
    gan.discriminator = keras.Model(known.input, [known.output, keras.layers.Flatten()(features)])
    gan.compile(*(keras.optimizers.SGD(0.5) for _ in range(2)), penalties=[Calibrated(4.0)])
    images = np.random.default_rng(0).integers(0, 256, (6, 9, 8, 1), dtype="uint8")
    logits, seen = (
        np.float64(ops.convert_to_numpy(each))
        for each in gan.discriminator((images / 127.5 - 1).astype("float32"))
    )
    gan.fit(images, batch_size=6, verbose=0)
    expected = 0.5 * 4.0 * 2 * np.array([logits.mean(), np.mean(logits * seen.mean(axis=1))])
    found = ops.convert_to_numpy(gan.objective.penalties[0].line)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


EACH = [
    penalties.R1(0.5),
    penalties.R2(keras.optimizers.schedules.PolynomialDecay(0.5, 10, 0.05)),
    penalties.GradientPenalty(2.0),
    penalties.Dragan(3.0),
    penalties.LeCam(0.1, decay=0.5, name="held"),
    SmallLogits(4.0),
]


@pytest.mark.parametrize("penalty", EACH, ids=lambda each: type(each).__name__)
def test_penalties_survive_serialisation(penalty):
    config = keras.saving.serialize_keras_object(penalty)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(penalty)
    assert again.get_config() == penalty.get_config()
    assert again.name == penalty.name


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan")])
def test_a_weight_that_is_none_is_refused(weight):
    kinds = (getattr(penalties, each) for each in penalties.__all__ if each != "Judged")
    for kind in kinds:
        with pytest.raises(ValueError, match="weight must be above 0, not"):
            kind(weight)


@pytest.mark.parametrize("decay", [-0.1, 1.0, float("nan")])
def test_a_decay_that_forgets_nothing_is_refused(decay):
    with pytest.raises(ValueError, match="decay must be at least 0 and below 1, not"):
        penalties.LeCam(decay=decay)
