"""One call that trains in a folder: the best epoch, a doctor, a film, curves, exact resume."""

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from ganzoo import backends
from ganzoo.datasets.folders.prepare import Decode, Fit
from ganzoo.datasets.hub_sets import is_set
from ganzoo.datasets.image_set import ImageSet
from ganzoo.files import folder_at
from ganzoo.gan import GAN
from ganzoo.gan.arguments import checked
from ganzoo.presets import card
from ganzoo.presets.hub import is_handle
from ganzoo.runs.run_callbacks import outcome, spaced, standard_callbacks
from ganzoo.runs.run_folder import (
    NOTED,
    WATCH,
    check,
    noted,
    pinned,
    remember,
)
from ganzoo.runs.run_images import images_for, place_of, provenance, scored_images, told

UNSAID = ("data", *NOTED, "checkpoint_minutes", WATCH)  # in cards


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
    reading: dict[str, Any] = {
        "labels": labels,
        "image_column": image_column,
        "limit": limit,
        "split": split,
        "fit": fit,
        "background": background,
        "decode": decode,
    }
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
    training |= told(images)
    check(folder, training, DEFAULTS)
    # Refuses what cannot be trained, and so comes before anything is written.
    batches = images.batches(batch_size=batch_size, steps=steps_per_epoch, seed=gan.seed)
    training |= {**(options or {}), WATCH: watch_every or noted(folder).get(WATCH)}
    if backends.current.is_first():
        remember(folder, training)
    real = scored_images(images)
    own = standard_callbacks(folder, real, gan.image_shape[-1], checkpoint_minutes, callbacks)
    kept = [*callbacks, *spaced(own, training[WATCH], folder)]
    history = gan.fit(batches, epochs=epochs, verbose=verbose, callbacks=kept)
    said = {
        "data": provenance(images),
        "training": {"images": len(images), **outcome(kept)},
        "recipe": recipe(training),
    }
    # Weights are float32 in training, and not every machine is fast in half precision.
    dtype = "float32" if gan.dtype_policy.name.startswith("mixed_") else None
    gan.save_to_preset(folder, metadata={**said, **(metadata or {})}, dtype=dtype)
    return history


DEFAULTS = {
    name: parameter.default
    for name, parameter in inspect.signature(train).parameters.items()
    if parameter.default is not parameter.empty
}
"""What the arguments of `train` are when nobody gives them."""


def recipe(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run was started with as a card shows it: without paths, as cards are public."""
    said = {name: value for name, value in training.items() if name not in UNSAID}
    if not is_handle(said.get("preset") or "hf://"):
        said["preset"] = Path(said["preset"]).name
    return said
