"""Checks of training: on every kind of data, resumed, watched, and with frozen stages."""

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import SkipTest, mock

import keras
import numpy as np
from PIL import Image

from ganzoo import callbacks
from ganzoo.datasets import DATASETS
from ganzoo.datasets.catalog import Dataset, File
from ganzoo.gan import GAN
from ganzoo.testing.promises import (
    BATCH,
    CLASSES,
    COUNT,
    Small,
    images_of,
    labels_of,
    promise,
    promise_same,
    put_back,
    refused,
    state,
    train,
    values_of,
    variants,
)

PICTURED = (1, 3, 4)  # channels that a PNG file may have
NAMES = ["first", "second", "third"][:CLASSES]


class Batches(keras.utils.PyDataset):
    """Batches of arrays, in their order."""

    def __init__(self, arrays: list[np.ndarray]) -> None:
        super().__init__()
        self.arrays = arrays

    def __len__(self) -> int:
        return COUNT // BATCH

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        return tuple(each[index * BATCH : (index + 1) * BATCH] for each in self.arrays)


def check_fit(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that one epoch on the same images leads to the same weights, however they are given.

    As an array, a folder, the name of a dataset, a `PyDataset`, a generator, and where it is the
    backend's own a `tf.data.Dataset` or a torch `DataLoader`.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: a kind of data trains otherwise, or nothing is trained.

    Example:
        ```python
        from pathlib import Path
        from tempfile import TemporaryDirectory

        import ganzoo
        from ganzoo.testing import check_fit

        small = {"image_shape": (9, 8, 1), "latent_dim": 4, "base_filters": 4}
        with TemporaryDirectory() as folder:
            check_fit(ganzoo.DCGAN, small, Path(folder))
        ```
    """
    for arguments in variants(family, small):
        gan = family(**arguments)
        gan.compile()
        first = state(gan)
        images, labels = images_of(gan), labels_of(gan)
        train(gan, images, labels, shuffle=False)
        expected = state(gan)
        for network in (gan.generator, gan.discriminator):
            promise(
                all(np.isfinite(each).all() for each in values_of(network.weights)),
                f"After an epoch, the {network.name} has weights that are not finite.",
            )
        changed = [not np.array_equal(a, b) for a, b in zip(first, expected, strict=True)]
        networks = len(gan.generator.weights), len(gan.discriminator.weights)
        promise(any(changed[: networks[0]]), "The generator learns nothing.")
        promise(any(changed[networks[0] : sum(networks)]), "The discriminator learns nothing.")
        place = folder / f"{gan.num_classes}-classes"
        for kind, fit in _kinds(gan, images, labels, place):
            put_back(gan, first)
            fit()
            promise_same(
                state(gan), expected, f"Images as {kind} train otherwise than as an array."
            )


def _kinds(
    gan: GAN, images: np.ndarray, labels: np.ndarray | None, folder: Path
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield kinds of data, and what trains a model on these images as such."""
    arrays = [images] if labels is None else [images, labels]
    batches = Batches(arrays)
    yield "a PyDataset", lambda: gan.fit(batches, verbose=0)
    rounds = (batches[i] for _ in range(2) for i in range(len(batches)))
    yield "a generator", lambda: gan.fit(rounds, steps_per_epoch=len(batches), verbose=0)
    if keras.backend.backend() == "tensorflow":
        data = import_module("tensorflow").data.Dataset.from_tensor_slices(tuple(arrays))
        yield "a tf.data.Dataset", lambda: gan.fit(data.batch(BATCH), verbose=0)
    if find_spec("torch") and keras.backend.backend() == "torch":
        torch = import_module("torch")
        tensors = torch.utils.data.TensorDataset(*map(torch.from_numpy, arrays))
        loader = torch.utils.data.DataLoader(tensors, batch_size=BATCH)
        yield "a DataLoader", lambda: gan.fit(loader, verbose=0)
    if gan.image_shape[-1] in PICTURED:
        write_pictures(folder / "images", images, labels)
        yield "a folder", lambda: train(gan, folder / "images", shuffle=False)
        with named_dataset(folder, gan) as name:
            yield "the name of a dataset", lambda: train(gan, name, shuffle=False)


def write_pictures(folder: Path, images: np.ndarray, labels: np.ndarray | None) -> None:
    """Write a PNG file for each image, in a folder for each class if there are any."""
    for number, image in enumerate(images):
        place = folder if labels is None else folder / NAMES[labels[number]]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.squeeze(image, -1) if image.shape[-1] == 1 else image).save(
            place / f"{number:04}.png"
        )


@contextmanager
def named_dataset(folder: Path, gan: GAN) -> Iterator[str]:
    """Let the pictures in `folder / "images"` be known by a name."""
    name = "pictures-of-a-check"
    archive = Path(shutil.make_archive(str(folder / name / "pictures"), "zip", folder / "images"))
    file = File(archive.name, sha256(archive.read_bytes()).hexdigest(), urls=())
    dataset = Dataset(
        description="noise",
        image_shape=gan.image_shape,
        class_names=tuple(NAMES) if gan.num_classes else (),
        licence="none",
        source="none",
        format="zip",
        files={"train": (file,)},
    )
    with (
        mock.patch.dict(DATASETS, {name: dataset}),
        mock.patch.dict(os.environ, {"GANZOO_HOME": str(folder)}),
    ):
        yield name


def check_evaluate(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that `evaluate` changes nothing and says the same twice.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: it does not.
    """
    gan = family(**variants(family, small)[-1])
    gan.compile()
    images, labels = images_of(gan), labels_of(gan)
    before = state(gan)
    first, second = (
        gan.evaluate(images, labels, batch_size=BATCH, verbose=0, return_dict=True)
        for _ in range(2)
    )
    promise(first == second, "evaluate says something else the second time.")
    promise(np.isfinite(list(first.values())).all(), f"evaluate says {first}.")
    promise_same(state(gan), before, "evaluate changes the model.")


def check_resume(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that a training that was stopped goes on as if it had not been, bit for bit.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: the resumed model has other weights, or another random state.
    """
    gan = family(**variants(family, small)[-1])
    gan.compile()
    first = state(gan)
    images, labels = images_of(gan), labels_of(gan)
    train(gan, images, labels, epochs=3)
    expected = state(gan)
    put_back(gan, first)
    resume = [callbacks.ExactResume(folder)]
    train(gan, images, labels, epochs=1, watching=resume)
    again = family(**gan.get_config())
    again.compile()
    train(again, images, labels, epochs=3, watching=resume)
    promise_same(
        state(again),
        expected,
        "A resumed training ends otherwise than one that was never stopped: does a layer keep "
        "something that is no weight?",
    )


def check_callbacks(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that all callbacks work, at once, and leave the training as it is.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: a file or a number is missing, or the training is another one.
        SkipTest: the images have a number of channels that no picture has.
    """
    gan = family(**variants(family, small)[-1])
    if gan.image_shape[-1] not in PICTURED:
        raise SkipTest(f"no picture has {gan.image_shape[-1]} channels")
    gan.compile()
    first = state(gan)
    images, labels = images_of(gan), labels_of(gan)
    snapshot = callbacks.BestSnapshot(folder / "best.keras", images, n=COUNT)
    watching = [
        callbacks.SampleGrid(folder / "samples", n=6),
        callbacks.TrainingFilm(folder / "film.gif", n=6),
        callbacks.EvaluateSamples(images, "random", ["kid"], n=COUNT),
        snapshot,
        callbacks.Doctor(images, n=COUNT, roll_back=snapshot),
        callbacks.LossCurves(folder),
        callbacks.ExactResume(folder / "checkpoints"),
    ]
    with few_images(folder):
        history = train(gan, images, labels, epochs=2, watching=watching)
    promise({"kid", "snapshot_fid"} <= history.keys(), "Scores are not among the epoch's logs.")
    for name in (
        "samples/epoch-0002.png",
        "film.gif",
        "best.keras",
        "log.csv",
        "checkpoints/epoch-000002.keras",
    ):
        promise((folder / name).is_file(), f"The callbacks did not write {name}.")
    found, best = state(gan), snapshot.best
    promise(best is not None, "No epoch was scored.")
    put_back(gan, first)
    train(gan, images, labels, epochs=best.epoch if best else 0)
    promise_same(found, state(gan), "Callbacks change the training, or the best epoch is lost.")


@contextmanager
def few_images(home: Path) -> Iterator[None]:
    """Score a few images without a warning, and keep their features in a folder."""
    with warnings.catch_warnings(), mock.patch.dict(os.environ, {"GANZOO_HOME": str(home)}):
        warnings.filterwarnings("ignore", "The Fréchet distance of")
        yield


def check_frozen_stages(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that a frozen stage keeps its weights, and that the recipe of fine-tuning trains.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder; not used.

    Raises:
        BrokenPromise: a frozen weight changed, or nothing else did.
    """
    gan = family(**variants(family, small)[-1])
    stages = gan.stages()
    with refused("A stage too many", ValueError, because="frozen_stages"):
        gan.compile(frozen_stages=len(stages) + 1)
    number = min(1, len(stages))
    gan.compile(**gan.fine_tuning_recipe() | {"frozen_stages": number})
    frozen = [weight for stage in stages[:number] for layer in stage for weight in layer.weights]
    kernels = [weight for weight in frozen if len(weight.shape) > 1]  # no statistics
    parts = [kernels, gan.discriminator.trainable_variables, gan.generator.trainable_variables]
    before = [values_of(part) for part in parts]
    train(gan, images_of(gan), labels_of(gan))
    for part, old, what in zip(parts[1:], before[1:], ("discriminator", "generator"), strict=True):
        changed = any((a != b).any() for a, b in zip(values_of(part), old, strict=True))
        promise(changed, f"With a frozen stage, the {what} learns nothing.")
    promise_same(values_of(kernels), before[0], "A frozen stage was trained.")
