"""Each transformation against plain loops with the same random numbers, and its gradients."""

import keras
import numpy as np
import pytest
from keras import ops

from ganzoo import augmentation, backends
from ganzoo.augmentation import transformations

RANDOM = np.random.default_rng(2)
NEARLY_1 = np.nextafter(np.float32(1), np.float32(0))


def brightness(image, numbers):
    return image + (numbers[0] - 0.5)


def saturation(image, numbers):
    grey = image.mean(axis=2, keepdims=True)
    return grey + (image - grey) * 2 * numbers[0]


def contrast(image, numbers):
    return image.mean() + (image - image.mean()) * (numbers[0] + 0.5)


def whole(low, high, number):
    """Return a whole number from low to high, both included, all equally likely."""
    return low + int(number * (high - low + 1))


def translation(image, numbers, most=0.125):
    moved, (height, width, _) = np.zeros_like(image), image.shape
    tall, wide = int(height * most + 0.5), int(width * most + 0.5)
    down, right = whole(-tall, tall, numbers[0]), whole(-wide, wide, numbers[1])
    for row in range(height):
        for column in range(width):
            if 0 <= row - down < height and 0 <= column - right < width:
                moved[row, column] = image[row - down, column - right]
    return moved


def cutout(image, numbers, size=0.5):
    """As the paper's code: the rectangle's middle lies in the image, its edges need not."""
    cut, (height, width, _) = image.copy(), image.shape
    tall, wide = int(height * size + 0.5), int(width * size + 0.5)
    top = whole(0, height - tall % 2, numbers[0]) - tall // 2
    left = whole(0, width - wide % 2, numbers[1]) - wide // 2
    for row in range(top, top + tall):
        for column in range(left, left + wide):
            if 0 <= row < height and 0 <= column < width:
                cut[row, column] = 0
    return cut


def flip(image, numbers):
    return image[:, ::-1] if numbers[0] < 0.5 else image


CASES = {
    "brightness": (augmentation.Brightness(), brightness),
    "saturation": (augmentation.Saturation(), saturation),
    "contrast": (augmentation.Contrast(), contrast),
    "translation": (augmentation.Translation(), translation),
    "far": (augmentation.Translation(0.6), lambda *given: translation(*given, most=0.6)),
    "cutout": (augmentation.Cutout(), cutout),
    "odd": (augmentation.Cutout(0.3), lambda *given: cutout(*given, size=0.3)),
    "flip": (augmentation.Flip(), flip),
}


@pytest.fixture
def drawn(monkeypatch):
    """Fix the numbers in [0, 1) that transformations draw, two for each image."""
    ends = [[0, 0], [NEARLY_1, NEARLY_1], [0, NEARLY_1], [0.5, 0.25]]
    numbers = np.concatenate([ends, RANDOM.uniform(size=(12, 2))]).astype("float32")

    def uniform(images, random, low, high):
        assert random == "seed"
        column = numbers[:, len(calls) % 2]
        calls.append(high)
        values = np.minimum(low + column.astype("float64") * (high - low), high - 1e-6)
        return ops.convert_to_tensor(values.reshape(-1, 1, 1, 1), "float32")

    calls = []
    monkeypatch.setattr(transformations, "uniform", uniform)
    return numbers


def transformed(transformation, images):
    return transformation(ops.convert_to_tensor(images, "float32"), "seed", 0)


@pytest.mark.parametrize("shape", [(8, 13, 3), (9, 8, 1)])
@pytest.mark.parametrize("name", CASES)
def test_transformation_is_its_loop(name, shape, drawn):
    transformation, loop = CASES[name]
    images = RANDOM.uniform(-1, 1, (len(drawn), *shape)).astype("float32")
    expected = [loop(image, numbers) for image, numbers in zip(images, drawn, strict=True)]
    found = ops.convert_to_numpy(transformed(transformation, images))
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)
    same = np.abs(found - images).max(axis=(1, 2, 3)) < 1e-6
    assert same.all() if (name, shape[2]) == ("saturation", 1) else not same.all()


@pytest.mark.parametrize("name", ["brightness", "saturation", "contrast"])
def test_alpha_is_no_colour(name, drawn):
    """Of four channels the last stays as it is, and the others change as if they were three."""
    transformation, loop = CASES[name]
    images = RANDOM.uniform(-1, 1, (len(drawn), 8, 5, 4)).astype("float32")
    found = ops.convert_to_numpy(transformed(transformation, images))
    np.testing.assert_array_equal(found[..., 3], images[..., 3])
    expected = [loop(image[..., :3], each) for image, each in zip(images, drawn, strict=True)]
    np.testing.assert_allclose(found[..., :3], expected, rtol=0, atol=2e-6)


def test_what_is_cut_out_or_moved_takes_alpha_along():
    """Else its outline would show."""
    images = np.full((1, 8, 8, 4), 0.75, "float32")
    for transformation in (augmentation.Cutout(1.0), augmentation.Translation(1.0)):
        (changed,) = many(transformation, images.shape[1:], images[0])[:1]
        gone = changed[..., 0] == 0
        assert gone.any()
        np.testing.assert_array_equal(changed[..., 3] == 0, gone)


@pytest.mark.parametrize("name", CASES)
def test_gradients_flow_back_where_they_came_from(name, drawn):
    """Each is linear but for a constant, so that its loop's columns are its derivatives."""
    transformation, loop = CASES[name]
    shape = (4, 3, 2)
    images = keras.Variable(RANDOM.uniform(-1, 1, (len(drawn), *shape)), dtype="float32")
    weight = RANDOM.normal(size=images.shape).astype("float32")
    outer = ops.convert_to_tensor(weight)
    _, _, (found,) = backends.current.value_and_gradients(
        lambda: (ops.sum(transformation(images.value, "seed", 0) * outer), ops.zeros(())),
        [images],
        lambda: [images],
    )
    for gradient, numbers, outer in zip(
        ops.convert_to_numpy(found), drawn, np.float64(weight), strict=True
    ):
        base = loop(np.zeros(shape), numbers)
        for place in np.ndindex(shape):
            one = np.zeros(shape)
            one[place] = 1
            expected = np.sum((loop(one, numbers) - base) * outer)
            assert gradient[place] == pytest.approx(expected, abs=1e-5)


def many(transformation, shape=(8, 5, 1), value=0.5):
    """Return 3,000 changed images of one grey, made with Keras' own random numbers."""
    images = np.full((3000, *shape), value, "float32")
    seed = keras.random.SeedGenerator(1)
    return ops.convert_to_numpy(transformation(ops.convert_to_tensor(images), seed, 0))


def assert_uniform(values, low, high):
    """Bounds, mean and deviation of 3,000 numbers, each its own."""
    assert values.min() >= low
    assert values.max() <= high
    assert len(np.unique(values)) > 2900
    wide = high - low
    assert values.mean() == pytest.approx((low + high) / 2, abs=5 * wide / np.sqrt(12 * 3000))
    assert values.std() == pytest.approx(wide / np.sqrt(12), rel=0.05)


def test_every_image_gets_numbers_of_its_own():
    """Over the whole of the paper's ranges, and nothing beyond."""
    bright = many(augmentation.Brightness())
    assert np.ptp(bright, axis=(1, 2, 3)).max() == 0
    assert_uniform(bright[:, 0, 0, 0] - 0.5, -0.5, 0.5)
    image = RANDOM.uniform(-1, 1, (8, 5, 3)).astype("float32")
    grey = image.mean(axis=2, keepdims=True)
    for transformation, middle, low, high in (
        (augmentation.Saturation(), grey, 0.0, 2.0),
        (augmentation.Contrast(), image.mean(), 0.5, 1.5),
    ):
        changed = many(transformation, image.shape, image)
        factors = (changed - middle)[:, 2, 3, 1] / (image - middle)[2, 3, 1]
        assert_uniform(factors, low - 1e-5, high + 1e-5)


def assert_equally_often(values, expected):
    found, counts = np.unique(values, return_counts=True)
    np.testing.assert_array_equal(found, expected)
    share = 3000 / len(expected)
    assert np.abs(counts - share).max() < 5 * np.sqrt(share)


def test_places_are_all_equally_likely():
    """Shifts from -2 to 2 down, from -1 to 1 across; the four corners of cutouts; mirrored."""
    dot = np.zeros((9, 5, 1), "float32")
    dot[4, 2] = 1
    moved = many(augmentation.Translation(0.2), dot.shape, dot)
    places = np.argwhere(moved)
    assert len(places) == 3000
    shifts = 10 * (places[:, 1] - 4) + places[:, 2] - 2
    known = [10 * down + right for down in range(-2, 3) for right in (-1, 0, 1)]
    assert_equally_often(shifts, known)
    cut = many(augmentation.Cutout(), (4, 5, 1))[..., 0] == 0
    tops, lefts = cut.any(2), cut.any(1)  # 2 of 4 rows, from -1 to 3; 3 of 5 columns, -1 to 3
    assert_equally_often(tops @ (1 << np.arange(4)), np.sort([1, 3, 6, 12, 8]))
    assert_equally_often(lefts @ (1 << np.arange(5)), np.sort([3, 7, 14, 28, 24]))
    mirrored = many(augmentation.Flip(), (1, 2, 1), np.array([[[0], [1]]]))[:, 0, 0, 0]
    assert_equally_often(mirrored, [0, 1])


def test_instance_noise_fades():
    """Normal, new for each value, of a deviation that falls in a straight line to nothing."""
    noise = augmentation.InstanceNoise(stddev=0.2, rounds=100)
    images = ops.zeros((50, 8, 8, 3))
    seed = keras.random.SeedGenerator(1)
    seen = []
    for rounds, expected in ((0, 0.2), (25, 0.15), (75, 0.05), (100, 0.0), (1000, 0.0)):
        found = ops.convert_to_numpy(noise(images, seed, ops.convert_to_tensor(rounds, "int32")))
        seen.append(found)
        assert found.std() == pytest.approx(expected, rel=0.04)
        assert abs(found.mean()) <= 5 * expected / np.sqrt(found.size)
    assert len(np.unique(seen[0])) > 0.99 * seen[0].size
    assert abs(np.mean(seen[0] * seen[1])) < 5 * 0.2 * 0.15 / np.sqrt(seen[0].size)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: augmentation.Translation(0.0), "most must be above 0 and at most 1, not 0.0"),
        (lambda: augmentation.Translation(1.5), "most must be above 0"),
        (lambda: augmentation.Cutout(-0.5), "size must be above 0 and at most 1, not -0.5"),
        (lambda: augmentation.Cutout(float("nan")), "size must be"),
        (lambda: augmentation.InstanceNoise(stddev=0.0), "stddev above 0"),
        (lambda: augmentation.InstanceNoise(rounds=0), "rounds from 1"),
    ],
)
def test_a_number_out_of_its_range_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_unwritten_transformation_is_an_error():
    with pytest.raises(NotImplementedError):
        augmentation.Transformation()(None, None, None)
