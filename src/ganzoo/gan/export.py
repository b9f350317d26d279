"""The generator as a file that runs without ganzoo and without Keras."""

import json
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
from keras import ops

from ganzoo import backends
from ganzoo._version import __version__
from ganzoo.files import expanded, whole_file, whole_folder
from ganzoo.gan.family import Family

ENDINGS = {"onnx": ".onnx", "litert": ".tflite", "torch": ".pt2", "saved_model": ""}
"""How a file of each format ends; a SavedModel is a folder."""

KERAS_NAMES = {"saved_model": "tf_saved_model"}
PAIRS: dict[tuple[str, str], tuple[str, ...]] = {
    ("onnx", "jax"): ("jax2onnx",),
    ("onnx", "tensorflow"): ("onnx", "tf2onnx"),
    ("onnx", "torch"): ("onnx",),
    ("litert", "tensorflow"): (),
    ("saved_model", "tensorflow"): (),
    ("torch", "torch"): (),
}
"""What each backend can write, with the packages that it takes."""

RECORD = "ganzoo"
"""The key of an ONNX file's metadata under which stands what it is, as JSON."""

SAVED_MODEL = {"assets", "assets.extra", "fingerprint.pb", "saved_model.pb", "variables"}


def write(
    model: Family, filepath: str | os.PathLike[str], format: str | None, **options: Any
) -> None:
    """Do as `GAN.export`."""
    path, backend = expanded(filepath), keras.backend.backend()
    format = chosen_format(path, format)
    check_pair(format, backend)
    check_place(path, format)
    # What torch traces runs on that device only. TensorFlow's would, if it were told of one.
    place = keras.device("cpu") if backend == "torch" else nullcontext()
    whole = whole_file if ENDINGS[format] else whole_folder
    with place:
        with model.drawer.drawing(model):
            network = with_bytes(model.float32_generator())
        shared = {"input_signature": [network.input], "verbose": False}
        options = {**shared, **backends.current.export_options(format, network.input), **options}
        with whole(path) as partial, quiet():
            if format == "onnx":
                export_onnx(network, partial, options, record(model))
            else:
                network.export(str(partial), KERAS_NAMES.get(format, format), **options)


def chosen_format(path: Path, format: str | None) -> str:
    """Return the format that is asked for, by its name, by Keras' name or by the path's ending."""
    known = ", ".join(f"{name!r} ({ending or 'a folder'})" for name, ending in ENDINGS.items())
    if format is None:
        format = {ending: name for name, ending in ENDINGS.items()}.get(path.suffix)
        if format is None:
            raise ValueError(f"{path} ends like no format: give one as format=, of {known}.")
    if format in KERAS_NAMES.values():
        format = "saved_model"
    if format not in ENDINGS:
        raise ValueError(f"There is no format {format!r}: give one of {known}.")
    if path.suffix != ENDINGS[format] != "":
        raise ValueError(f"{path} must end in {ENDINGS[format]}, as format={format!r} does.")
    return format


def check_pair(format: str, backend: str) -> None:
    """Raise if the backend cannot write the format, or lacks a package for it."""
    if (format, backend) not in PAIRS:
        able = " or ".join(other for name, other in PAIRS if name == format)
        name = f"my_gan{ENDINGS[format]}" if ENDINGS[format] else "my_gan_exported"
        raise ValueError(
            f"The backend {able} exports {format!r}, and this is {backend}. Save the model by "
            f"save_to_preset('my_gan'), set KERAS_BACKEND={able}, and export it there: "
            f"ganzoo export my_gan -o {name} --format {format}"
        )
    packages = PAIRS[format, backend]
    if missing := [each for each in packages if find_spec(each) is None]:
        raise ImportError(
            f"To export {format!r} on the backend {backend} takes {missing[0]}: "
            f"pip install {' '.join(packages)}"
        )


def check_place(path: Path, format: str) -> None:
    """Raise if something is at the path that is not to be replaced."""
    if ENDINGS[format]:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder: {format!r} is a file.")
    elif path.is_file() or (path.exists() and set(os.listdir(path)) - SAVED_MODEL):
        raise FileExistsError(
            f"{path} is something else than a SavedModel, and stays as it is: choose a new folder."
        )


def with_bytes(network: keras.Model) -> keras.Model:
    """Return a generator that ends in uint8 images."""
    images = ops.cast(ops.round((network.output + 1.0) * 127.5), "uint8")
    return keras.Model(network.input, {"images": images}, name="generator")


def record(model: Family) -> dict[str, Any]:
    """Return what an ONNX file says of the model: what its inputs mean."""
    return {
        "ganzoo": __version__,
        "family": model.family,
        "latent_dim": model.latent_dim,
        "image_shape": list(model.image_shape),
        "num_classes": model.num_classes,
        "class_names": list(model.class_names or []),
        "attributes": list(model.attributes or []),
    }


def export_onnx(
    network: keras.Model, path: Path, options: Mapping[str, Any], record: Mapping[str, Any]
) -> None:
    """Write an ONNX file with all that it needs, and with names for its output and batch size.

    Not every exporter gives these, and jax2onnx puts large weights into a second file.
    """
    import onnx

    with TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.onnx"
        network.export(str(draft), "onnx", **options)
        model = onnx.load(draft)
    (output,) = model.graph.output
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = ["images" if name == output.name else name for name in names]
    output.name = "images"
    for value in (*model.graph.input, output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    model.metadata_props.add(key=RECORD, value=json.dumps(record))
    onnx.save(model, path)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep quiet what exporters say of themselves; what they write is tested by running it."""
    log = logging.getLogger("onnx_ir.serde")  # of jax2onnx: an inner value without a dtype
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
