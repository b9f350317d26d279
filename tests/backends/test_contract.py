"""What a backend supplies gives the numbers of Keras' own operations, or of NumPy."""

import keras
import numpy as np
import pytest
from keras import ops

from ganzoo import backends
from ganzoo.backends import stock

BATCH = 11  # no multiple of the images that JAX makes at a time


def drawn(*shape):
    return np.random.default_rng(shape).normal(size=shape).astype("float32")


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def value_and_gradients(function, *arrays):
    """Return a function's value, and the gradients of its sum weighted by fixed numbers."""
    variables = [keras.Variable(array) for array in arrays]

    def objective():
        value = function(*[variable.value for variable in variables])
        loss = ops.sum(value * ops.convert_to_tensor(drawn(*value.shape)))
        return loss, value

    _, value, gradients = backends.current.value_and_gradients(
        objective, variables, lambda: variables
    )
    return [numpy(each) for each in (value, *gradients)]


# A name, and the arguments beside images and kernel: those that have a fast way somewhere, and
# what looks like them and is not.
CONVOLUTIONS = {
    "4x4 by 2": ("conv", 4, {"strides": 2, "padding": "same"}),
    "3x3": ("conv", 3, {"padding": "same"}),
    "3x3 by 2": ("conv", 3, {"strides": (2, 2), "padding": "same"}),
    "3x3 by 3 and 2": ("conv", 3, {"strides": (3, 2), "padding": "same"}),
    "4x4": ("conv", 4, {"padding": "same"}),
    "1x1 by 2": ("conv", 1, {"strides": 2, "padding": "same"}),
    "dilated": ("conv", 4, {"padding": "same", "dilation_rate": 2}),
    "valid": ("conv", 4, {}),
    "valid, 3x3 by 2": ("conv", 3, {"strides": (2, 2), "padding": "valid"}),
    "valid, dilated": ("conv", 3, {"dilation_rate": (2, 1)}),
    "transposed 4x4 by 2": ("conv_transpose", 4, {"strides": (2, 2), "padding": "same"}),
    "transposed, and more": (
        "conv_transpose",
        4,
        {"strides": 2, "padding": "same", "output_padding": 1},
    ),
    "transposed 4x4 by 2, valid": ("conv_transpose", 4, {"strides": 2, "padding": "valid"}),
    "transposed 3x3 by 2": ("conv_transpose", 3, {"strides": 2, "padding": "same"}),
    "transposed, dilated": ("conv_transpose", 4, {"padding": "same", "dilation_rate": 2}),
}
SIZES = {"even": ((8, 8), 1, 5), "odd": ((9, 14), 6, 4)}
each_convolution = pytest.mark.parametrize("case", CONVOLUTIONS)
each_size = pytest.mark.parametrize("size", SIZES)


def both_ways(case):
    """Return the backend's way and Keras' own, as functions of images and kernel."""
    name, _, options = CONVOLUTIONS[case]
    options = {"data_format": "channels_last"} | options
    ways = (getattr(backends.current, name), getattr(ops, name))
    return [lambda images, kernel, way=way: way(images, kernel, **options) for way in ways]


def images_and_kernel(case, size):
    name, width, _ = CONVOLUTIONS[case]
    sides, one, other = SIZES[size]
    images = drawn(BATCH, *sides, one if name == "conv" else other)
    return images, drawn(width, width, one, other) * 0.3


@each_convolution
@each_size
def test_convolutions(case, size):
    fast, slow = (
        value_and_gradients(way, *images_and_kernel(case, size)) for way in both_ways(case)
    )
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * np.abs(other).max())


def test_means_of_squares():
    images = drawn(3, 9, 8, 5)
    fast = value_and_gradients(lambda x: backends.current.average_pool(x, 2), images)
    options = {"strides": 2, "data_format": "channels_last"}
    slow = value_and_gradients(lambda x: ops.average_pool(x, 2, **options), images)
    for one, other in zip(fast, slow, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


def test_images_are_shifted_by_whole_pixels():
    """Each by its own, also out of sight; the gradients come back from where the pixels went."""
    images, weights = drawn(5, 4, 3, 2), drawn(5, 4, 3, 2)  # the weights of `value_and_gradients`
    shifts = np.array([[0, 0], [1, -1], [-2, 2], [4, 0], [0, -9]], "float32")
    down, right = (ops.convert_to_tensor(each.reshape(-1, 1, 1, 1)) for each in shifts.T)
    found = value_and_gradients(lambda x: backends.current.shifted(x, down, right), images)
    expected = np.zeros((2, *images.shape))
    for image, row, column in np.ndindex(images.shape[:3]):
        to = (image, row + int(shifts[image, 0]), column + int(shifts[image, 1]))
        if 0 <= to[1] < 4 and 0 <= to[2] < 3:
            expected[0][to] = images[image, row, column]
            expected[1][image, row, column] = weights[to]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_share_of_the_way():
    start, end = drawn(4, 3), drawn(4, 3) + 5
    found = backends.current.lerp(*map(ops.convert_to_tensor, (start, end, np.float32(0.1))))
    np.testing.assert_allclose(numpy(found), start + 0.1 * (end - start), rtol=1e-6, atol=1e-7)


def test_convolutions_of_groups_and_of_channels_first():
    """Of groups on a GPU or under XLA only, on TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        pytest.skip("TensorFlow's kernels for a CPU have neither")
    images, kernel = map(ops.convert_to_tensor, (drawn(3, 9, 8, 6), drawn(3, 3, 2, 9)))
    for options in ({}, {"strides": 2}):
        fast = backends.current.conv(images, kernel, padding="same", **options)
        slow = ops.conv(images, kernel, padding="same", data_format="channels_last", **options)
        np.testing.assert_allclose(numpy(fast), numpy(slow), rtol=1e-5, atol=1e-5)
    images, kernel = map(ops.convert_to_tensor, (drawn(3, 6, 9, 8), drawn(4, 4, 6, 6)))
    options = {"padding": "same", "data_format": "channels_first"}
    for name in ("conv", "conv_transpose"):
        fast = getattr(backends.current, name)(images, kernel, 2, **options)
        slow = getattr(ops, name)(images, kernel, 2, **options)
        np.testing.assert_allclose(numpy(fast), numpy(slow), rtol=1e-5, atol=1e-5)


def twice(function, *arrays, last=lambda outputs: ops.sum(ops.tanh(outputs))):
    """Return a penalty on the gradients by the first array, these, and its by the others."""
    first, *variables = [keras.Variable(array) for array in arrays]

    def objective():
        others = [variable.value for variable in variables]
        slopes = backends.current.input_gradients(
            lambda images: last(function(images, *others)), first.value, state
        )
        return ops.sum(slopes**2), slopes

    def state():
        return [first, *variables]

    loss, slopes, gradients = backends.current.value_and_gradients(objective, variables, state)
    return [numpy(each) for each in (loss, slopes, *gradients)]


@pytest.mark.parametrize(
    "case", ["4x4 by 2", "3x3", "3x3 by 2", "valid", "valid, 3x3 by 2", "transposed 4x4 by 2"]
)
@each_size
def test_convolutions_differentiated_twice(case, size):
    """As by a penalty: the kernel's gradient of a function of the images' gradients."""
    fast, slow = (twice(way, *images_and_kernel(case, size)) for way in both_ways(case))
    for one, other in zip(fast, slow, strict=True):
        assert np.abs(other).max() > 0.1
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5 * np.abs(other).max())


def test_batch_norm():
    """Against NumPy: values and statistics; and its second derivative, by finite differences."""
    images, gain, offset = drawn(5, 3, 2, 4), drawn(4), drawn(1, 4)[0]

    def normalised(images, gain, offset):
        mean, variance = images.mean((0, 1, 2)), images.var((0, 1, 2))
        return (images - mean) / np.sqrt(variance + 0.1) * gain + offset, mean, variance

    found = backends.current.batch_norm(*map(ops.convert_to_tensor, (images, gain, offset)), 0.1)
    for one, other in zip(found, normalised(images, gain, offset), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(one), other, rtol=1e-4, atol=1e-5)

    first = drawn(5, 3, 2, 1)
    weight = drawn(5, 3, 2, 4)

    def slope(kernel):
        """The length of the gradient of `sum(weight * norm(tanh(first) * kernel))`, by NumPy.

        Without `tanh`, what a constant mean does to the second derivative would add up to 0.
        """
        squashed = np.tanh(first.astype("float64"))
        x = squashed * kernel
        deviation = np.sqrt(x.var((0, 1, 2)) + 0.1)
        unit, d = (x - x.mean((0, 1, 2))) / deviation, weight * gain
        d = (d - d.mean((0, 1, 2)) - unit * np.mean(d * unit, (0, 1, 2))) / deviation
        return np.sum(np.sum(d * kernel * (1 - squashed**2), axis=-1) ** 2)

    def by_backend(images, kernel):
        tensors = [ops.convert_to_tensor(each) for each in (gain, offset)]
        return weighted(backends.current.batch_norm(ops.tanh(images) * kernel, *tensors, 0.1)[0])

    def weighted(images):
        return images * ops.convert_to_tensor(weight)

    kernel = drawn(6, 4)[0]
    loss, _, gradient = twice(by_backend, first, kernel, last=ops.sum)
    assert loss == pytest.approx(slope(np.float64(kernel)), rel=1e-4)
    for i in range(4):
        step = 1e-5 * np.eye(4)[i]
        expected = (slope(kernel + step) - slope(kernel - step)) / 2e-5
        assert gradient[i] == pytest.approx(expected, rel=1e-3, abs=1e-3)


@pytest.mark.skipif(backends.current.tune is stock.tune, reason="this backend tunes nothing")
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"clipnorm": 0.5},
        {"weight_decay": 0.1},
        {"use_ema": True, "ema_overwrite_frequency": 2},
        {"gradient_accumulation_steps": 2},
        {"amsgrad": True},
        {"learning_rate": keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)},
    ],
    ids=lambda settings: next(iter(settings), "plain"),
)
@pytest.mark.parametrize("kind", ["Adam", "AdamW", "SGD"])
def test_a_tuned_optimizer_takes_the_same_steps(kind, settings):
    """A large epsilon, so that it matters where it is added."""
    if kind != "Adam":
        settings = {key: value for key, value in settings.items() if key != "amsgrad"}
    else:
        settings = {"epsilon": 0.1, "beta_1": 0.5} | settings
    shapes = [(4, 4, 3, 2), (6, 5), (2,)]
    ends = []
    for tune in (backends.current.tune, stock.tune):
        variables = [keras.Variable(drawn(*shape)) for shape in shapes]
        optimizer = getattr(keras.optimizers, kind)(**settings)
        optimizer.build(variables)
        tune(optimizer, variables)
        for step in range(1, 7):
            # Gradients of another memory layout than the weights', as torch's may be.
            gradients = [ops.convert_to_tensor(drawn(step, *each)[0]) for each in shapes]
            optimizer.apply(gradients, variables)
        optimizer.finalize_variable_values(variables)
        ends.append([numpy(v) for v in [*variables, *optimizer.variables]])
    for one, other in zip(*ends, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-6, atol=2e-7)


class Peep(keras.callbacks.Callback):
    """Keeps the generator's first kernel as it is after the second batch.

    Asks for the values by itself: Keras' callbacks get them with `self.model`.
    """

    def __init__(self, gan, sync):
        super().__init__()
        self.gan, self.sync, self.seen = gan, sync, None

    def on_train_batch_end(self, batch, logs=None):
        if batch == 1:
            self.sync(self.gan)
            self.seen = numpy(self.gan.generator.trainable_variables[0].value)


def test_sync_gives_the_values_of_this_moment(gan, images):
    """In the midst of an epoch, after two batches of three."""
    model = gan()
    peep = Peep(model, backends.current.sync)
    first = numpy(model.generator.trainable_variables[0]).copy()
    model.fit(images, batch_size=2, steps_per_epoch=3, callbacks=[peep], verbose=0)
    assert np.abs(peep.seen - first).max() > 1e-5
    last = numpy(model.generator.trainable_variables[0])
    assert np.abs(peep.seen - last).max() > 1e-5
    model = gan()
    model.fit(images, batch_size=2, steps_per_epoch=2, verbose=0)
    np.testing.assert_array_equal(peep.seen, numpy(model.generator.trainable_variables[0]))
