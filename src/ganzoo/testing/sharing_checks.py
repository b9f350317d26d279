"""Checks of files: `.keras`, presets, the Hub and exports."""

import json
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import SkipTest

import keras
import numpy as np
from keras import ops
from safetensors.numpy import load_file, save_file

import ganzoo
from ganzoo.gan import GAN
from ganzoo.testing.network_checks import HOSTILE
from ganzoo.testing.promises import (
    Small,
    close,
    images_of,
    labels_of,
    promise,
    promise_same,
    refused,
    state,
    train,
    variants,
    vivid,
)

WEIGHTS, CONFIG, METADATA = "model.safetensors", "config.json", "metadata.json"


def check_keras_file(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that a `.keras` file brings back a model that trains on as if never saved.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: something is lost on the way.

    Example:
        ```python
        from pathlib import Path
        from tempfile import TemporaryDirectory

        import ganzoo
        from ganzoo.testing import check_keras_file

        small = {"image_shape": (9, 8, 1), "latent_dim": 4, "base_filters": 4}
        with TemporaryDirectory() as folder:
            check_keras_file(ganzoo.DCGAN, small, Path(folder))
        ```
    """
    gan = family(**variants(family, small)[-1])
    gan.compile()
    images, labels = images_of(gan), labels_of(gan)
    train(gan, images, labels)
    gan.save(folder / "gan.keras")
    again = keras.saving.load_model(folder / "gan.keras")
    promise(type(again) is family, f"A file of a {family.__name__} is loaded as {type(again)}.")
    promise(again.get_config() == gan.get_config(), "The file has lost arguments.")
    promise_same(state(again), state(gan), "The file has lost a part of the model's state.")
    for each in (gan, again):
        train(each, images, labels)
    promise_same(state(again), state(gan), "The loaded model trains on otherwise.")


def check_preset(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that a preset brings the model back, and is known as one of this family.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: the model that comes back is another one.
    """
    for arguments in variants(family, small):
        gan = vivid(family(**arguments))
        place = folder / f"{gan.num_classes}-classes"
        gan.save_to_preset(place)
        images = gan.generate(6, seed=0)
        for load in (family.from_preset, ganzoo.from_preset):
            again = load(place)
            promise(type(again) is family, f"A preset of a {family.__name__} is a {type(again)}.")
            promise(again.get_config() == gan.get_config(), "The preset has lost arguments.")
            off = np.abs(again.generate(6, seed=0).astype(int) - images).mean()
            promise(off < 1, f"The preset draws other images, by {off:.2g} grey levels on average.")
            promise(not again.reinitialized, f"Of a preset, {again.reinitialized} begins anew.")
        fresh = family.from_preset(place, load_weights=False, compile=False)
        promise((fresh.generate(6, seed=0) != images).any(), "load_weights=False loads weights.")
        promise(again.compiled, "from_preset does not compile by fine_tuning_recipe().")
    others = [name for name, each in GAN.presets.items() if each.family != family.family]
    for name in others[:1]:
        with refused(f"{family.__name__}.from_preset({name!r})", ValueError, because="from_preset"):
            family.from_preset(name)


def check_hostile_presets(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that nothing is loaded of presets that do not hold what they say.

    Weights of another shape, arguments out of their bounds, and a model that is not finite.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: such a preset is loaded or saved.
    """
    gan = family(**variants(family, small)[-1])
    gan.save_to_preset(folder)
    weights = load_file(folder / WEIGHTS)
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    for name in (next(iter(weights)), list(weights)[-1]):
        larger = np.zeros((3, *weights[name].shape[1:], 2), weights[name].dtype)
        save_file({**weights, name: larger}, folder / WEIGHTS)
        _seal(folder)
        with refused(f"A preset whose {name} has another shape", ValueError, because=name):
            family.from_preset(folder)
    save_file(weights, folder / WEIGHTS)
    own = [name for name in gan.arguments.config() if name not in ("class_names", "image_shape")]
    for name in own:
        for value in HOSTILE[:2]:
            (folder / CONFIG).write_text(json.dumps({**config, name: value}), encoding="utf-8")
            _seal(folder)
            with refused(f"A preset whose {name} is {value}", ValueError, because="damaged"):
                family.from_preset(folder, load_weights=False)
    first = gan.generator.weights[0]
    first.assign(ops.full(first.shape, np.nan))
    with refused("A model of NaN", ValueError):
        gan.save_to_preset(folder)


def _seal(folder: Path) -> None:
    """Let the metadata describe the files as they are."""
    metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    for name in (WEIGHTS, CONFIG):
        content = (folder / name).read_bytes()
        metadata["files"][name] = {"size": len(content), "sha256": sha256(content).hexdigest()}
    (folder / METADATA).write_text(json.dumps(metadata), encoding="utf-8")


def check_other_shapes(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that a preset gives what fits to a model of other classes or of another image shape.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: such a model does not draw, or does not say what begins anew.
    """
    gan = vivid(family(**variants(family, small)[-1]))
    gan.save_to_preset(folder)
    height, width, channels = gan.image_shape
    changes: list[dict[str, Any]] = [{"image_shape": (2 * height, width, channels)}, {"seed": 7}]
    if gan.num_classes:
        changes += [{"num_classes": gan.num_classes + 1}, {"num_classes": None}]
    for change in changes:
        again = family.from_preset(folder, verbose=False, **change)
        for name, value in change.items():
            promise(
                getattr(again, name) == value,
                f"from_preset(..., {name}={value}) has {name}={getattr(again, name)}.",
            )
        promise(
            again.generate(2, seed=0).shape == (2, *again.image_shape),
            f"A preset changed by {change} does not draw.",
        )
        words = isinstance(again.reinitialized, tuple) and all(
            isinstance(each, str) for each in again.reinitialized
        )
        promise(words, "transplant does not say in words what begins anew.")
        promise(
            again.inherited_stages in range(len(again.stages()) + 1),
            "shared_stages is no number of the discriminator's stages.",
        )
    same = family.from_preset(folder, verbose=False, seed=7)
    promise(close(same.generate(4, seed=0), family.from_preset(folder).generate(4, seed=0)),
            "Another seed alone makes weights begin anew.")  # fmt: skip


def check_export(family: type[GAN], small: Small, folder: Path) -> None:
    """Check that the generator as an ONNX file draws what the model draws.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to write to.

    Raises:
        BrokenPromise: the file draws otherwise; looked at where onnxruntime is installed.
        SkipTest: a package that writes ONNX files is missing; says which.
    """
    gan, path = vivid(family(**variants(family, small)[-1])), folder / "gan.onnx"
    try:
        gan.export(path)
    except ImportError as reason:
        raise SkipTest(str(reason)) from reason
    if not find_spec("onnxruntime"):
        raise SkipTest("onnxruntime is not installed, so the file was written and not run")
    session = import_module("onnxruntime").InferenceSession(path)
    for count in (5, 1):
        latents, labels = gan.latents(count, seed=0), gan.labels(count)
        given = {"latents": latents} | ({} if labels is None else {"labels": labels})
        (found,) = session.run(["images"], given)
        promise(close(found, gan.draw(latents, labels)), "An ONNX file draws other images.")


def check_hub(
    family: type[GAN], small: Small, folder: Path, repository: str = "me/checked-gan"
) -> None:
    """Check that a model goes to the Hugging Face Hub and comes back.

    Args:
        family: the family.
        small: the arguments of a small model.
        folder: an empty folder to keep downloads in.
        repository: where to push it; it becomes private where it is created.

    Raises:
        BrokenPromise: the model that comes back is another one.
    """
    gan = vivid(family(**variants(family, small)[-1]))
    handle = gan.push_to_hub(repository, private=True)
    for load in (family.from_preset, ganzoo.from_preset):
        again = load(handle, cache_dir=folder, compile=False)
        promise(type(again) is family, f"The Hub returns a {type(again)}.")
        promise(again.get_config() == gan.get_config(), "The Hub has lost arguments.")
        gan.save_to_preset(folder / "preset")
        expected = family.from_preset(folder / "preset", compile=False)
        promise_same(again.get_weights(), expected.get_weights(), "The Hub has other weights.")
