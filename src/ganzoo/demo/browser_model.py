"""A model as a page draws it: a generator in half precision, and a sheet to begin with."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ganzoo
from ganzoo.gan.export import RECORD, record
from ganzoo.gan.saving import describe
from ganzoo.latents import directions
from ganzoo.pictures import image_grid

if TYPE_CHECKING:
    import onnx

DIRECTIONS = 6
POSTER = (10, 5)  # images of seed 0, across and down: as many as the page shows at most
LARGE = 1024  # numbers of a tensor that is worth packing


def write(folder: Path, model: str, name: str) -> dict[str, Any]:
    """Write one model into a page's folder, and return what the page is told of it.

    Args:
        folder: that of the page; it has a folder `models`.
        model: a preset as `ganzoo.from_preset` takes it.
        name: what the page calls it; its files are called so, too.

    Raises:
        ImportError: a package that writes ONNX is missing; the message names it.
        ValueError, OSError: there is no such preset.
    """
    gan = ganzoo.from_preset(model, compile=False)
    path = folder / "models" / f"{name}.onnx"
    gan.export(path)
    pack(path, gan)
    across, down = POSTER
    poster = image_grid(gan.generate(across * down, seed=0), across, gap=0)
    poster.save(path.with_suffix(".webp"), lossless=True)
    return {
        "name": name,
        "file": versioned(folder, path),
        "size": path.stat().st_size,
        "poster": versioned(folder, path.with_suffix(".webp")),
        "record": record(gan),
        "about": about(model),
    }


def about(model: str) -> str:
    """Return what a preset draws, and what may be done with its weights."""
    known = describe(model).metadata.get("about", {})
    licence = known.get("license")
    named = licence and licence != "other"  # as the images' rights are
    parts = (known.get("description"), f"Licence of the weights: {licence}." if named else "")
    return " ".join(" ".join(str(each).split()) for each in parts if each)


def versioned(folder: Path, path: Path) -> str:
    """Return the address of a file, which is another one when the file is."""
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"{path.relative_to(folder).as_posix()}?v={version}"


def pack(path: Path, gan: ganzoo.GAN) -> None:
    """Halve an exported file, and let it say in which directions its images change most.

    Weights become float16, as in presets; what is computed with them stays float32.
    """
    import onnx

    model = onnx.load(path)
    for tensor in model.graph.initializer:
        halve(model.graph, tensor)
    (said,) = (each for each in model.metadata_props if each.key == RECORD)
    said.value = json.dumps({**json.loads(said.value), **strongest(gan)})
    onnx.save(model, path)


def halve(graph: "onnx.GraphProto", tensor: "onnx.TensorProto") -> None:
    """Store a large tensor as float16, and cast it back where the graph begins."""
    from onnx import TensorProto, helper, numpy_helper

    if tensor.data_type != TensorProto.FLOAT:
        return
    numbers = numpy_helper.to_array(tensor)
    half = numbers.astype(np.float16, copy=False)
    if numbers.size < LARGE or not np.isfinite(half).all():
        return
    name, packed = tensor.name, f"{tensor.name}/half"
    tensor.CopyFrom(numpy_helper.from_array(half, packed))
    graph.node.insert(0, helper.make_node("Cast", [packed], [name], to=TensorProto.FLOAT))


def strongest(gan: ganzoo.GAN) -> dict[str, Any]:
    """Return the directions that the page's pad goes along, if they can be read."""
    try:
        found = directions(gan, min(DIRECTIONS, gan.latent_dim))
    except ValueError:  # a family whose generator begins otherwise
        return {}
    return {"directions": [[round(float(each), 5) for each in row] for row in found]}
