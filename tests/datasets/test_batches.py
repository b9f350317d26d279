"""Datasets of batches: every batch is seen once, in its order, and looked at."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from ganzoo.datasets.batches import Look, Passes, is_endless, length_of, watched
from ganzoo.datasets.checks import Checked

SHAPE = (2, 2, 1)


def look(**options):
    return Look(Checked(SHAPE, None), **options)


def batch(number):
    return np.full((3, *SHAPE), number, "uint8")


class Counted:
    """An iterable that notes how often it was begun, and yields other batches each time."""

    def __init__(self, length, said=None):
        self.length = length
        self.said = length if said is None else said
        self.begun = 0

    def __len__(self):
        return self.said

    def __iter__(self):
        self.begun += 1
        for number in range(self.length):
            yield batch(10 * self.begun + number)


def numbers(dataset, *indices):
    return [int(dataset[index][0][0, 0, 0, 0]) for index in indices]


def test_the_look_is_the_beginning_of_the_first_epoch():
    data = Counted(4)
    dataset = watched(data, look())
    assert isinstance(dataset, Passes)
    assert dataset.num_batches == 4
    assert numbers(dataset, 0, 1) == [10, 11]  # Keras looks ahead on TensorFlow
    for epoch in (1, 2, 3):
        dataset.on_epoch_begin()
        assert numbers(dataset, 0, 1, 2, 3) == [10 * epoch + number for number in range(4)]
        dataset.on_epoch_end()
    assert data.begun == 3


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_short_dataset_is_gone_through_anew(length):
    dataset = watched(Counted(length), look())
    for epoch in (1, 2):
        dataset.on_epoch_begin()
        assert numbers(dataset, *range(length)) == [10 * epoch + n for n in range(length)]


def test_a_dataset_that_lies_about_its_length_is_told_so():
    dataset = watched(Counted(2, said=5), look())
    with pytest.raises(ValueError, match="ended after 2 of 5 batches"):
        numbers(dataset, 0, 1, 2)


def test_nothing_of_a_generator_is_lost():
    dataset = watched((batch(number) for number in range(5)), look())
    assert [int(images[0, 0, 0, 0]) for (images,) in dataset] == list(range(5))


def test_an_iterable_of_unknown_length_goes_on_for_ever_where_steps_are_said():
    class Unknown(Counted):
        __len__ = None

    assert length_of(Unknown(3)) is None
    data = Unknown(3)
    dataset = watched(data, look(), steps=2)
    found = [int(next(dataset)[0][0, 0, 0, 0]) for _ in range(8)]
    assert found == [10, 11, 12, 20, 21, 22, 30, 31]
    assert watched(data, look()) is data  # only Keras can tell where its epochs end


def test_a_py_dataset_keeps_its_workers_and_hears_of_epochs():
    heard = []

    class Data(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return batch(index)

        def on_epoch_begin(self):
            heard.append("begin")

        def on_epoch_end(self):
            heard.append("end")

    dataset = watched(Data(workers=3, max_queue_size=7), look())
    assert (dataset.workers, dataset.max_queue_size, dataset.num_batches) == (3, 7, 2)
    dataset.on_epoch_begin()
    assert numbers(dataset, 1, 0) == [1, 0]
    dataset.on_epoch_end()
    assert heard == ["begin", "end"]


def test_class_weights_become_weights_of_images():
    looked = Look(Checked(SHAPE, 2), np.float32([0.5, 2]))
    images, labels, weights = looked((batch(9), [1, 0, 1]))
    np.testing.assert_array_equal(weights, [2, 0.5, 2])
    with pytest.raises(ValueError, match="class_weight, or sample weights"):
        looked((images, labels, weights))
    assert isinstance(looked.error, ValueError)


def test_some_places_of_each_batch_are_read():
    """As where several devices share it out: labels and weights stay with their images."""
    images = np.arange(3, dtype="uint8")[:, None, None, None] * np.ones(SHAPE, "uint8")
    looked = Look(Checked(SHAPE, 3), places=lambda count: np.array([count - 1, 0, 0]))
    found, labels, weight = looked((images, np.arange(3), np.float32([1, 2, 3])))
    assert found[:, 0, 0, 0].tolist() == labels.tolist() == [2, 0, 0]
    assert weight.tolist() == [3, 1, 1]


def test_the_endless_say_so():
    class Endless(keras.utils.PyDataset):
        num_batches = None

    assert is_endless(Endless())
    assert not is_endless(Counted(3))


WORKERS = """
import json, sys, time
import numpy as np
import torch
import ganzoo
from ganzoo.datasets.batches import Look, watched
from ganzoo.datasets.checks import Checked
from torch.utils.data import DataLoader

class Data(torch.utils.data.Dataset):
    def __len__(self): return 24
    def __getitem__(self, i): return np.full((9, 8, 1), 10 * i, "uint8")

def loader():
    torch.manual_seed(5)
    return DataLoader(Data(), batch_size=4, shuffle=True, num_workers=2, persistent_workers=True)

plain = loader()
expected = [[int(i[0, 0, 0]) for i in batch] for _ in range(2) for batch in plain]
gan = ganzoo.DCGAN((9, 8, 1), 3, base_filters=2, seed=0)
gan.compile()
seen = []
check = Checked.batch
def noted(self, batch, later=False):
    found = check(self, batch, later)
    seen.append([int(i[0, 0, 0]) for i in found[0]])
    return found
Checked.batch = noted
gan.fit(loader(), epochs=2, verbose=0)
print(json.dumps([seen, expected]))
"""


@pytest.mark.skipif(keras.backend.backend() == "tensorflow", reason="forks beside its threads")
def test_a_data_loader_with_workers_keeps_the_order_of_its_seed():
    """No pass is begun in vain: the order is that of `torch.manual_seed`, and all processes end."""
    pytest.importorskip("torch")
    result = subprocess.run(
        [sys.executable, "-c", WORKERS], capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    seen, expected = json.loads(result.stdout.splitlines()[-1])
    assert seen == expected
