import numpy as np
import pytest

from ganzoo.datasets.arrays import ImageArrays

SIZES = [(10, 4), (10, 5), (3, 8), (1, 2), (64, 64), (65, 64)]  # images, batch size


def numbered(count, **options):
    """Return a dataset whose images, labels and weights all say which image they belong to."""
    images = np.arange(count, dtype="uint8").reshape(count, 1, 1, 1)
    return ImageArrays(images, np.arange(count), np.arange(count) / 2, **options)


def epoch(dataset):
    """Return the numbers of the images in the next epoch, a row for each batch."""
    dataset.on_epoch_begin()
    batches = [dataset[index] for index in range(dataset.num_batches)]
    dataset.on_epoch_end()
    for images, labels, weights in batches:  # each label and weight stays with its image
        np.testing.assert_array_equal(images[:, 0, 0, 0], labels)
        np.testing.assert_array_equal(weights, labels / 2)
    return np.array([labels for _, labels, _ in batches])


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("count", "batch_size"), SIZES)
def test_an_epoch_shows_every_image_in_full_batches(count, batch_size, shuffle):
    dataset = numbered(count, batch_size=batch_size, shuffle=shuffle)
    order = epoch(dataset)
    assert order.shape == (-(-count // batch_size), batch_size)
    assert sorted(order.ravel()[:count]) == list(range(count))
    # The last batch is topped up from the beginning of the epoch's order, again and again.
    np.testing.assert_array_equal(order.ravel(), np.resize(order.ravel()[:count], order.size))
    if not shuffle:
        np.testing.assert_array_equal(order.ravel()[:count], np.arange(count))


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_steps_shorten_or_lengthen_an_epoch(steps):
    assert epoch(numbered(10, batch_size=4, steps=steps)).shape == (steps, 4)


def test_the_order_depends_on_seed_and_epoch_alone():
    """Neither on global random states, nor on the epochs and the datasets before."""
    through = numbered(50, batch_size=5, seed=1)
    epochs = []
    for seed in range(4):
        np.random.seed(seed)
        epochs.append(epoch(through))
    for first in range(4):
        resumed = numbered(50, batch_size=5, seed=1)
        resumed.go_to(first)
        for number in range(first, 4):
            np.random.seed(7)
            np.testing.assert_array_equal(epoch(resumed), epochs[number])
    other = epoch(numbered(50, batch_size=5, seed=2))
    orders = [tuple(each.ravel()) for each in (*epochs, other)]
    assert len(set(orders)) == len(orders)


def test_neighbouring_seeds_and_epochs_share_no_order():
    """(seed 1, epoch 2) is not (seed 2, epoch 1), as adding them up would make it."""

    def order(seed, first):
        dataset = numbered(20, batch_size=20, seed=seed)
        dataset.go_to(first)
        return tuple(epoch(dataset).ravel())

    assert len({order(seed, first) for seed in range(5) for first in range(5)}) == 25


def test_some_rows_are_batched_as_an_array_of_their_own():
    rows = np.array([3, 5, 8, 9, 11, 14])
    of_rows = numbered(20, rows=rows, batch_size=4, seed=2)
    alone = numbered(6, batch_size=4, seed=2)
    assert (of_rows.count, of_rows.steps) == (6, 2)
    for _ in range(3):
        np.testing.assert_array_equal(epoch(of_rows), rows[epoch(alone)])


def test_changed_options_leave_the_others_and_the_dataset_as_they_were():
    dataset = numbered(10, batch_size=4, seed=3, flip=True)
    changed = dataset.changed(batch_size=5, shuffle=False)
    assert (changed.batch_size, changed.steps, changed.flip, changed.seed) == (5, 2, True, 3)
    assert (dataset.batch_size, dataset.steps, dataset.shuffle) == (4, 3, True)
    assert dataset.changed(steps=7).changed(batch_size=1).steps == 7


def test_batches_by_their_number_go_on_from_epoch_to_epoch():
    """What a feed without epochs asks for is what epochs would have brought, from any one on."""
    for first in (0, 3):
        dataset, counted = numbered(10, batch_size=4), numbered(10, batch_size=4)
        for each in (dataset, counted):
            each.go_to(first)
        expected = np.concatenate([epoch(dataset) for _ in range(3)])
        found = [counted.batch_after(number)[1] for number in range(9)]
        np.testing.assert_array_equal(found, expected)


def test_looking_at_a_batch_does_not_move_the_order():
    """Keras looks at the first batches before it trains."""
    looked, fresh = numbered(20, batch_size=5, seed=1), numbered(20, batch_size=5, seed=1)
    for index in (0, 3, 0):
        looked[index]
    np.testing.assert_array_equal(epoch(looked), epoch(fresh))


@pytest.mark.parametrize(("labels", "weight"), [(False, False), (True, False), (True, True)])
def test_a_batch_holds_what_was_given(labels, weight):
    images = np.zeros((4, 2, 2, 1), "float32")
    dataset = ImageArrays(
        images,
        np.arange(4) if labels else None,
        np.ones(4) if weight else None,
        batch_size=2,
    )
    batch = dataset[1]
    assert len(batch) == 1 + labels + weight
    assert [each.shape for each in batch] == [(2, 2, 2, 1), (2,), (2,)][: len(batch)]
    assert batch[0].dtype == "float32"


@pytest.mark.parametrize("shuffle", [True, False])
def test_balanced_classes_take_turns_in_every_batch(shuffle):
    """The rare class repeats; of the frequent one, other images come in other epochs."""
    images = np.arange(40, dtype="uint8").reshape(40, 1, 1, 1)
    labels = np.array([0] * 30 + [1] * 8 + [2] * 2)
    dataset = ImageArrays(images, labels, batch_size=6, balanced=True, shuffle=shuffle, seed=4)
    shown = []
    for _ in range(3):
        dataset.on_epoch_begin()
        batches = [dataset[index] for index in range(dataset.num_batches)]
        for pixels, classes in batches:
            assert np.bincount(classes).tolist() == [2, 2, 2]
            np.testing.assert_array_equal(labels[pixels.ravel()], classes)
        shown.append(np.concatenate([pixels.ravel() for pixels, _ in batches]))
    assert len(batches) == 7  # as many as show every image once
    assert {38, 39} <= set(shown[0])
    assert len(set(np.concatenate(shown)[labels[np.concatenate(shown)] == 0])) > 14 or not shuffle
    again = dataset.changed()
    again.go_to(1)
    again.on_epoch_begin()
    np.testing.assert_array_equal(again[3][0].ravel(), shown[1][18:24])
    with pytest.raises(ValueError, match="balanced=True needs labels"):
        ImageArrays(images, balanced=True)
