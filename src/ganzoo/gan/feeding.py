"""What `fit` and `evaluate` are given, as what the loops of Keras take; looked at on the way."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import keras
import numpy as np

from ganzoo import backends
from ganzoo.datasets import batches as datasets
from ganzoo.datasets import checks, choosing, reading
from ganzoo.datasets.arrays import ImageArrays, Places
from ganzoo.datasets.conversions import as_array
from ganzoo.datasets.image_set import ImageSet
from ganzoo.gan.arguments import checked
from ganzoo.gan.family import Family
from ganzoo.gan.shares import brings_its_share, judging_places, shared_out, training_places


class Feed(NamedTuple):
    """What a loop of Keras is fed with.

    Attributes:
        data: batches.
        steps: how many of them make an epoch, where Keras must be told.
        arrays: whose order follows the epoch, if it is ours.
        look: what looks at the batches of a dataset.
        resumable: whether an epoch's batches are the same after a new start.
    """

    data: Any
    steps: int | None = None
    arrays: ImageArrays | None = None
    look: datasets.Look | None = None
    resumable: bool = True

    @contextmanager
    def own_errors(self) -> Iterator[None]:
        """Raise what was wrong with a batch, where the backend has made something else of it."""
        try:
            yield
        except Exception:
            if self.look is not None and self.look.error is not None:
                raise self.look.error from None
            raise


@dataclass(frozen=True)
class Asked:
    """What `fit` is asked to do with the images.

    None stands for what the data bring along, or for the default.
    """

    batch_size: int | None = None
    shuffle: bool | None = None
    steps: int | None = None
    class_weight: Mapping[Any, float] | None = None
    split: float = 0.0
    epochs: int = 1

    def __post_init__(self) -> None:
        numbers = {"batch_size": self.batch_size, "steps_per_epoch": self.steps}
        for name, value in numbers.items():
            if value is not None:
                checked(name, value, 1)
        checked("epochs", self.epochs, 0)
        if not isinstance(self.class_weight, Mapping | None):
            raise TypeError(
                "class_weight is a dict from classes to weights, such as {0: 1.0, 1: 2.5}, not "
                f"{self.class_weight!r:.80}."
            )


def for_training(
    model: Family, x: Any, y: Any, sample_weight: Any, asked: Asked, verbose: Any
) -> tuple[Feed, ImageArrays | None]:
    """Return what `fit` trains on, and what it validates on if a part was to be split off.

    A conditional model without class names gets those of the images.
    """
    if asked.class_weight and not model.num_classes:
        raise ValueError("class_weight needs a model with classes; this one has none.")
    if not reading.is_images(x):
        places = None if brings_its_share(x) else training_places(model)
        return of_dataset(model, x, y, sample_weight, asked, places), None
    images = read(model, x, y, sample_weight, verbose)
    if images.class_names is not None and model.num_classes:
        model.class_names = list(images.class_names)
    _check_every_class(model, images)
    if asked.class_weight:
        images = _weighted(model, images, asked.class_weight)
    arrays = batches_of(model, x, images)
    changes = {
        "batch_size": asked.batch_size,
        "shuffle": asked.shuffle,
        "steps": asked.steps,
    }
    arrays = arrays.changed(**{name: each for name, each in changes.items() if each is not None})
    arrays = shared_out(model, arrays)
    held_out = None
    if asked.split:
        arrays, held_out = _split(model, arrays, images, asked.split)
        _check_what_is_left(arrays, held_out)
    data, steps = fed(model, arrays)
    return Feed(data, steps, arrays), held_out


def for_validation(
    model: Family,
    data: Any,
    held_out: ImageArrays | None,
    asked: int | None,
    batch_size: int | None,
    verbose: Any,
) -> Feed:
    """Return what the validation goes through, if there is any.

    Args:
        model: what is trained.
        data: what `fit` was given to validate on, or None.
        held_out: what was split off to validate on, or None.
        asked: the batch size that was asked for, or None.
        batch_size: that of the training, or None.
        verbose: as in `fit`.
    """
    if held_out is not None:
        if data is not None:
            raise ValueError("Give validation_data or validation_split, not both.")
        return in_order(model, held_out, asked or batch_size)
    if data is None:
        return Feed(None)
    if reading.is_images(data):
        asked = asked or batch_size
    return for_judging(model, data, None, None, asked, verbose)


def for_judging(
    model: Family,
    x: Any,
    y: Any,
    sample_weight: Any,
    batch_size: int | None,
    verbose: Any,
    steps: int | None = None,
) -> Feed:
    """Return what `evaluate` goes through: each image once, in its order."""
    if not reading.is_images(x):
        asked = Asked(batch_size, steps=steps)
        return of_dataset(model, x, y, sample_weight, asked, judging_places(model))
    arrays = batches_of(model, x, read(model, x, y, sample_weight, verbose))
    feed = in_order(model, arrays, batch_size)
    return feed if steps is None else feed._replace(steps=steps)


def fed(model: Any, arrays: ImageArrays) -> tuple[Any, int | None]:
    """Return batches as the framework takes them; no signal comes while they are made.

    TensorFlow aborts the program if one raises in the middle of its code.
    """
    with model.stopping.held():
        return backends.current.feed(arrays)


def in_order(model: Family, arrays: ImageArrays, batch_size: int | None) -> Feed:
    """Return each image once."""
    batch_size = reading.BATCH_SIZE if batch_size is None else batch_size
    arrays = arrays.changed(
        batch_size=batch_size,
        steps=None,
        shuffle=False,
        top_up=False,
        balanced=False,
        flip=False,
        places=judging_places(model),
    )
    return Feed(fed(model, arrays)[0])


def read(model: Family, x: Any, y: Any, sample_weight: Any, verbose: Any) -> ImageSet:
    """Return images that fit the model, with labels if it has classes."""
    labels = y
    if y is None:
        # Labels that happen to lie beside the images are no error of the user's.
        beside = not isinstance(x, tuple | list)
        labels = False if beside and not model.attributes else None
        labels = "inferred" if model.num_classes else labels
    images = reading.read(
        _whole(x),
        model.image_shape,
        labels=labels,
        class_names=model.class_names if model.num_classes else None,
        attributes=model.attributes,
        verbose=bool(verbose),
    )
    checks.check_labelled(images.labels is not None, model.num_classes, model.attributes)
    if model.attributes:
        _check_attributes(model, images)
    elif images.labels is not None:
        _check_names(model, images)
        checks.check_labels(images.labels, model.num_classes or 0)
    if sample_weight is None:
        return images
    if images.sample_weight is not None:
        raise ValueError("The images have weights of their own: leave out sample_weight.")
    weight = as_array(sample_weight)
    checks.check_weights(weight, len(images))
    return replace(images, sample_weight=weight)


def of_dataset(
    model: Family, x: Any, y: Any, sample_weight: Any, asked: Asked, places: Places | None
) -> Feed:
    """Return a dataset of batches, after looking at the first of them."""
    _refuse_what_datasets_bring(x, y, sample_weight, asked)
    checked = checked_for(model)
    weights = None
    if asked.class_weight:
        weights = _class_weights(model, asked.class_weight)
    look = datasets.Look(checked, weights, places)
    data = datasets.watched(x, look, asked.steps)
    return Feed(data, asked.steps, look=look, resumable=isinstance(x, keras.utils.PyDataset))


def checked_for(model: Family) -> checks.Checked:
    """Return what checks images and labels against a model."""
    return checks.Checked(model.image_shape, model.num_classes, model.class_names, model.attributes)


def batch(
    model: Family, x: Any, y: Any, sample_weight: Any, class_weight: Any = None
) -> checks.Arrays:
    """Return one batch, after looking at every value."""
    images, labels, weight = checked_for(model).arrays(x, y, sample_weight)
    if class_weight:
        if labels is None or weight is not None:
            raise ValueError("class_weight needs a model with classes, and no sample_weight.")
        weight = _class_weights(model, class_weight)[labels]
    return images, labels, weight


def batches_of(model: Family, x: Any, images: ImageSet) -> ImageArrays:
    """Return images as batches: as an `image_folder` was told to make them, or as usual."""
    if not isinstance(x, ImageArrays):
        return images.batches(batch_size=model.batch_size, seed=model.seed)
    return ImageArrays(images.images, images.labels, images.sample_weight, **x.options)


def _whole(x: Any) -> Any:
    """Return all images of batches; some of them may be left out later."""
    if not isinstance(x, ImageArrays):
        return x
    return getattr(x, "image_set", None) or ImageSet(x.images, *x.targets)


def _check_names(model: Family, images: ImageSet) -> None:
    """Check that the images' classes are the model's, in number and in name."""
    if not model.num_classes or images.class_names is None:
        return
    names = list(images.class_names)
    where = repr(images.report.path if images.report else images.name or "The array")
    if len(names) != model.num_classes:
        raise ValueError(
            f"{where} has {len(names)} classes ({', '.join(names)}), the model has "
            f"{model.num_classes}. Build it with class_names={names}, or take other images."
        )
    if model.class_names is not None and list(model.class_names) != names:
        raise ValueError(
            f"The labels of {where} stand for {names}, the model's for {model.class_names}. Read "
            f"the images with class_names={model.class_names}."
        )


def _check_attributes(model: Family, images: ImageSet) -> None:
    """Check that the images' attributes are the model's; warn of one that none or all have."""
    names = list(model.attributes or ())
    if images.attributes is None or list(images.attributes) != names:
        raise ValueError(
            f"The images have the attributes {list(images.attributes or ())}, the model has "
            f"{names}: read the images with labels={names}, or build the model with theirs."
        )
    assert images.labels is not None
    same = [name for name, each in zip(names, images.labels.T, strict=True) if np.ptp(each) == 0]
    if same:
        warnings.warn(
            f"No image differs from the others in {', '.join(same)}, so the model cannot learn "
            "what that looks like.",
            stacklevel=4,
        )


def _check_every_class(model: Family, images: ImageSet) -> None:
    """Refuse a folder without images of a class; warn of arrays without."""
    if not model.num_classes or images.labels is None:
        return
    missing = np.setdiff1d(np.arange(model.num_classes), images.labels)
    if not missing.size:
        return
    names = model.class_names or range(model.num_classes)
    text = f"There is no image of the class {', '.join(str(names[each]) for each in missing[:5])}"
    if images.report is not None:
        raise ValueError(f"{text}: add some, or build the model with the classes that have images.")
    warnings.warn(f"{text}, so the model cannot learn to draw it.", stacklevel=4)


def _weighted(model: Family, images: ImageSet, class_weight: Mapping[Any, float]) -> ImageSet:
    if images.sample_weight is not None:
        raise ValueError("Give class_weight or sample_weight, not both.")
    return replace(images, sample_weight=_class_weights(model, class_weight)[images.labels])


def _class_weights(model: Family, class_weight: Mapping[Any, float]) -> np.ndarray:
    """Return a weight for each class, 1 where none is said."""
    assert model.num_classes
    weights = np.ones(model.num_classes, np.float32)
    names = list(model.class_names or ())
    for key, weight in class_weight.items():
        label = names.index(str(key)) if key in names else key
        if label not in range(model.num_classes):
            raise ValueError(
                f"class_weight has the class {label!r}, the model 0 to {model.num_classes - 1}."
            )
        weights[label] = weight
    checks.check_weights(weights, model.num_classes)
    return weights


def _split(
    model: Family, arrays: ImageArrays, images: ImageSet, share: float
) -> tuple[ImageArrays, ImageArrays]:
    """Split off a share to validate on: of arrays the end, of anything else drawn by the seed."""
    count = arrays.count
    if images.name is None:
        cut = int(count * (1 - share))
        if not 0 < cut < count:
            raise choosing.no_split(share, count)
        rows = np.arange(count)
        kept, held_out = rows[:cut], rows[cut:]
    else:
        labels = None if images.classes is None else images.classes[arrays.rows]
        kept, held_out = choosing.split(count, labels, share, model.seed)
    rows = arrays.rows
    return arrays.changed(rows=rows[kept]), arrays.changed(rows=rows[held_out])


def _check_what_is_left(arrays: ImageArrays, held_out: ImageArrays) -> None:
    """Refuse a split that leaves a class without an image to train on."""
    labels, _ = arrays.targets
    if labels is None or labels.ndim > 1:  # attributes
        return
    if lost := set(labels[held_out.rows]) - set(labels[arrays.rows]):
        raise ValueError(
            "validation_split takes the end of arrays, and leaves no image to train on of the "
            f"class {', '.join(map(str, sorted(lost)[:5]))}: shuffle images and labels alike "
            "before, or give validation_data."
        )


def _refuse_what_datasets_bring(x: Any, y: Any, sample_weight: Any, asked: Asked) -> None:
    """Refuse arguments that a dataset of batches has no use for, rather than to drop them."""
    given = {
        "y": y,
        "sample_weight": sample_weight,
        "batch_size": asked.batch_size,
        "shuffle": asked.shuffle or None,
        "validation_split": asked.split or None,
    }
    kind = type(x).__name__
    if refused := [name for name, value in given.items() if value is not None]:
        raise ValueError(
            f"A {kind} yields batches, so it takes no {' and no '.join(refused)}: batches hold "
            "their own labels and weights, and come in their own size and order. To validate, give "
            "validation_data."
        )
    if asked.steps is None and datasets.is_endless(x):
        raise ValueError(f"This {kind} never ends: say steps_per_epoch (of evaluate, steps).")
    once = isinstance(x, Iterator) and not isinstance(x, keras.utils.PyDataset)
    if asked.steps is None and asked.epochs > 1 and once:
        raise ValueError(
            f"A {kind} is used up after one epoch: say steps_per_epoch, or give a dataset that can "
            "be gone through again, such as a keras.utils.PyDataset."
        )
