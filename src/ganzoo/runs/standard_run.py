"""One call that trains in a folder: the best epoch, a doctor, a film, curves, exact resume."""

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ganzoo import backends
from ganzoo.callbacks import BestSnapshot, Doctor, ExactResume, LossCurves, TrainingFilm
from ganzoo.callbacks.looking import Looking
from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.folders.prepare import Decode, Fit
from ganzoo.datasets.hub_sets import address, is_set, parse
from ganzoo.datasets.image_set import ImageSet
from ganzoo.datasets.reading import read
from ganzoo.files import expanded, folder_at
from ganzoo.gan import GAN
from ganzoo.gan.arguments import checked
from ganzoo.pictures.grid import CHANNELS
from ganzoo.presets import card
from ganzoo.presets.hub import is_handle
from ganzoo.runs.run_folder import (
    CLASSES,
    IMAGES,
    NOTED,
    WATCH,
    check,
    noted,
    pinned,
    remember,
)
from ganzoo.runs.spacing import Spacing

MOST_SCORED = 2000  # generated images, and no more than there are real ones: small sets train fast
MOST_LOOKED_AT = 500
UNSAID = ("data", *NOTED, "checkpoint_minutes", WATCH)  # in cards
FEWEST = 2  # images that can be learned from


def train(
    gan: GAN,
    data: Any,
    folder: str | os.PathLike[str],
    epochs: int = 20,
    batch_size: int | None = None,
    *,
    steps_per_epoch: int | None = None,
    labels: str | Sequence[str] | None = None,
    image_column: str | None = None,
    flip: bool = False,
    balanced: bool = False,
    limit: int | None = None,
    split: str | None = None,
    fit: Fit = "crop",
    background: str = "white",
    decode: Decode = "whole",
    strict: bool = False,
    checkpoint_minutes: float = 10,
    watch_every: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    options: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    verbose: Any = "auto",
) -> keras.callbacks.History:
    """Train a model in a folder, and end with the model of the best epoch: a run.

    What `ganzoo train` does. Call it again with the same arguments to go on where it stopped, as if
    it never had; with more epochs, to train further; with fewer, to end there. The folder gets
    `run.toml` (what the run was started with), samples, a film, curves and `log.csv`, checkpoints,
    the best epoch, and at the end the model as a preset with its card.

    Args:
        gan: compiled, and of the same arguments and recipe each time; given a `seed`, another
            process builds the same.
        data: images: a folder or zip archive, the name of a dataset, an array, `(images, labels)`,
            `hf://datasets/user/name`, whose commit is noted, a list of them, or a
            `ganzoo.datasets.image_folder`. The classes of a folder are its sub-folders.
        folder: created when needed. One that holds other files and no run is refused.
        epochs: the epoch to stop after.
        batch_size: images in a batch, by default the family's `batch_size`.
        steps_per_epoch: rounds in an epoch; by default as many as show every image once.
        labels: the column of a `metadata.csv` or the like that holds the classes of files, instead
            of their sub-folders; for a model of attributes, the columns of those, by default of
            the same names.
        image_column: which column of parquet files holds the images, where it is not plain.
        flip: whether to mirror half of the images, anew in each epoch.
        balanced: whether to show each class equally often, however rare it is.
        limit: use so many of the images.
        split: of a named dataset.
        fit: what happens to image files of another aspect: `"crop"`, `"pad"` or `"stretch"`.
        background: colour behind transparent pixels of image files.
        decode: `"fast"` halves large JPEG while they are decoded.
        strict: whether to stop at the first file that is no usable image.
        checkpoint_minutes: save within an epoch, too, after so many minutes without a checkpoint.
        watch_every: draw, score and look for failures after every so many epochs, after the first
            and the last; by default as often as takes a twentieth of the time, which is measured
            in the second epoch and noted in `run.toml`.
        callbacks: more callbacks, which come first. A `BestSnapshot`, `Doctor`, `TrainingFilm`,
            `LossCurves` or `ExactResume` among them takes the place of the run's own.
        options: what else `run.toml` and the card are to say of the run, plain data.
        metadata: what else the card is to say, as in `save_to_preset`.
        verbose: as in `fit`.

    Returns:
        A `keras.callbacks.History` of the epochs that were trained now. The model is that of the
        best epoch so far.

    Raises:
        ValueError: the folder holds something else, or a run that was started otherwise; images
            that do not fit the model; or a model that is not compiled.
        TypeError: data of no known kind.
        FileNotFoundError: there is no such folder or dataset.
        FloatingPointError: a loss became NaN or infinite; the last good epoch stays.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8, seed=0)
        gan.compile()
        ganzoo.runs.train(gan, images, "runs/mine", epochs=2, flip=True)
        best = ganzoo.from_preset("runs/mine")
        ```
    """
    folder = folder_at(folder)
    if not gan.compiled:
        raise ValueError("Compile the model before the run: gan.compile().")
    epochs = checked("epochs", epochs, 0)
    batch_size = checked("batch_size", gan.batch_size if batch_size is None else batch_size, 1)
    card.check(metadata or {})
    if is_set(data):
        data = pinned(data, folder)
    reading: dict[str, Any] = {"labels": labels, "image_column": image_column}
    reading |= {"limit": limit, "split": split, "fit": fit, "background": background}
    reading |= {"decode": decode}
    training: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "steps_per_epoch": steps_per_epoch,
        "flip": flip,
        "balanced": balanced,
        "checkpoint_minutes": checkpoint_minutes,
        "data": place_of(data, folder),
        **({} if isinstance(data, ImageSet) else reading),  # which was read before
    }
    check(folder, training, DEFAULTS)  # before files are read
    images = images_for(gan, data, **reading, strict=strict, verbose=bool(verbose))
    images = replace(images, flip=flip or images.flip, balanced=balanced or images.balanced)
    names = images.attributes or images.class_names
    training |= {IMAGES: images.fingerprint(), CLASSES: names}
    training |= {"flip": images.flip, "balanced": images.balanced}
    check(folder, training, DEFAULTS)
    batches = images.batches(batch_size=batch_size, steps=steps_per_epoch, seed=gan.seed)
    training |= {**(options or {}), WATCH: watch_every or noted(folder).get(WATCH)}
    if backends.current.is_first():
        remember(folder, training)
    real = scored_images(images)
    kept = standard_callbacks(folder, real, gan.image_shape[-1], checkpoint_minutes, callbacks)
    kept = spaced(kept, training[WATCH], folder)
    history = gan.fit(
        batches,
        epochs=epochs,
        verbose=verbose,
        callbacks=[*callbacks, *kept],
    )
    gan.save_to_preset(
        folder,
        metadata={
            "data": provenance(images),
            "training": {"images": len(images), **outcome([*callbacks, *kept])},
            "recipe": recipe(training),
            **(metadata or {}),
        },
        # Weights are float32 in training, and not every machine is fast in half precision.
        dtype="float32" if gan.dtype_policy.name.startswith("mixed_") else None,
    )
    return history


DEFAULTS = {
    name: parameter.default
    for name, parameter in inspect.signature(train).parameters.items()
    if parameter.default is not parameter.empty
}
"""What the arguments of `train` are when nobody gives them."""


def place_of(data: Any, folder: Path) -> str | None:
    """Return a dataset's name or the whole path of files, which the folder must lie outside of."""
    if not isinstance(data, str | os.PathLike):
        return None
    if isinstance(data, str) and (data in DATASETS or is_set(data)):
        return data
    path = expanded(data).resolve()
    if folder.resolve().is_relative_to(path):
        raise ValueError(f"{folder} lies among the images in {path}: choose a folder outside.")
    return str(path)


def images_for(
    gan: GAN, data: Any, labels: str | Sequence[str] | None = None, **reading: Any
) -> ImageSet:
    """Read images as a model takes them; one without names for its classes gets theirs.

    Args:
        gan: the model.
        data: what `read` takes.
        labels: the column or columns of files' labels, if they are no sub-folders.
        **reading: other options of `read`.

    Raises:
        ValueError: they do not fit, or are too few to learn from.
    """
    if labels and not gan.conditional:
        raise ValueError(
            f"labels={labels!r} is for a model with classes: build it with num_classes=..., or "
            "leave labels out."
        )
    if gan.attributes and isinstance(labels, str):
        labels = [labels]
    named = isinstance(data, str) and data in DATASETS
    files = isinstance(data, str | os.PathLike | list) and not named
    asked = labels or ("inferred" if files and gan.num_classes else None)
    images = read(
        data,
        gan.image_shape,
        labels=asked if gan.conditional else False,
        class_names=gan.class_names,
        attributes=gan.attributes,
        **reading,
    )
    if len(images) < FEWEST:
        raise ValueError(
            f"One image cannot be learned from: give at least {FEWEST}, and hundreds to learn well."
        )
    if gan.num_classes and not gan.class_names and images.class_names:
        if len(images.class_names) != gan.num_classes:
            raise ValueError(
                f"The images have {len(images.class_names)} classes "
                f"({', '.join(images.class_names)}), the model has {gan.num_classes}. Build it "
                f"with class_names={list(images.class_names)}, or take other images."
            )
        gan.class_names = list(images.class_names)
    return images


def scored_images(images: ImageSet) -> Any:
    """Return the images as callbacks compare them: uint8, with labels where there are some."""
    pixels = images.images
    if pixels.dtype != np.uint8:
        pixels = np.rint(pixels).astype(np.uint8)
    return pixels if images.labels is None else (pixels, images.labels)


def standard_callbacks(
    folder: Path,
    real: Any,
    channels: int,
    minutes: float,
    given: Sequence[keras.callbacks.Callback],
) -> list[keras.callbacks.Callback]:
    """Return the run's own callbacks, without those whose kind is given."""
    count = len(real[0] if isinstance(real, tuple) else real)
    own = [
        snapshot_of(folder, real),
        Doctor(real, n=min(count, MOST_LOOKED_AT)),
        TrainingFilm(folder / "film.gif", frames=folder / "samples"),
        LossCurves(folder),
        ExactResume(folder / "checkpoints", minutes=minutes),
    ]
    if channels not in CHANNELS:  # no picture has that many
        own = [each for each in own if not isinstance(each, TrainingFilm)]
    return [each for each in own if not any(isinstance(its, type(each)) for its in given)]


def snapshot_of(folder: Path, real: Any) -> BestSnapshot:
    """Return what scores a run, and keeps its best epoch."""
    count = len(real[0] if isinstance(real, tuple) else real)
    return BestSnapshot(folder / "best.keras", real, n=min(count, MOST_SCORED))


def spaced(
    own: list[keras.callbacks.Callback], every: int | None, folder: Path
) -> list[keras.callbacks.Callback]:
    """Return the run's own callbacks, of which those that look do so after every so many epochs.

    Where that is None, it is measured and noted. The last of them, which saves, stays the last.
    """
    looking = [each for each in own if isinstance(each, Looking)]
    if every is not None:
        for each in looking:
            each.every = every
        return own

    def note(found: int) -> None:
        if backends.current.is_first():
            remember(folder, {WATCH: found})

    return [*own[:-1], Spacing(looking, note), own[-1]]


def provenance(images: ImageSet) -> dict[str, str]:
    """Return what a card says of images; of files a name alone, as cards are public."""
    if images.name and is_set(images.name):
        handle = parse(images.name)
        said = {"name": handle.repository, "revision": handle.revision or ""}
        return {**said, "source": address(images.name)}
    if images.name not in DATASETS:
        return {"name": images.name or "images"}
    dataset = DATASETS[images.name]
    return {"name": images.name, "source": dataset.source, "rights": dataset.licence}


def outcome(callbacks: Sequence[keras.callbacks.Callback]) -> dict[str, Any]:
    """Return which epoch is kept, and its score."""
    snapshot = next(each for each in callbacks if isinstance(each, BestSnapshot))
    if snapshot.best is None:
        return {}
    score = f"{snapshot.metric} {snapshot.best.score:.4g} on {snapshot.extractor} features"
    return {"best_epoch": snapshot.best.epoch, "best_score": score}


def recipe(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run was started with as a card shows it: without paths, as cards are public."""
    said = {name: value for name, value in training.items() if name not in UNSAID}
    if not is_handle(said.get("preset") or "hf://"):
        said["preset"] = Path(said["preset"]).name
    return said
