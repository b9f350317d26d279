"""The network of FID in onnxruntime: the same features, sooner on a processor."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from os import environ
from typing import Any

import numpy as np

from ganzoo.metrics.extractors.inception_architecture import BLOCKS, Block, Conv, Pool, led

PACKAGES = ("onnx", "onnxruntime")  # the extra `scores`
OPSET = {"opset": 17, "ir": 8}  # that every onnxruntime of the extra reads
POOLS = {"mean": "AveragePool", "max": "MaxPool"}
PADDING = {"same": "SAME_UPPER", "valid": "VALID"}


def installed() -> bool:
    """Say whether onnxruntime is there."""
    return all(find_spec(each) for each in PACKAGES)


def build(
    weights: Mapping[str, np.ndarray], blocks: Sequence[Block] = BLOCKS
) -> Callable[[np.ndarray], np.ndarray]:
    """Return InceptionV3 up to its features.

    Args:
        weights: float32 arrays with the names and shapes of `shapes(blocks)`.
        blocks: the network as data.

    Returns:
        A function from float32 images in [-1, 1], `(batch, height, width, 3)`, to the means of the
        last maps, `(batch, 2048)`.
    """
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime import InferenceSession, SessionOptions

    nodes = _Nodes()
    maps = nodes.added("Transpose", ["images"], perm=[0, 3, 1, 2])
    features = led(maps, blocks, nodes.convolved, nodes.pooled, nodes.joined)
    last = nodes.added("Flatten", [nodes.added("GlobalAveragePool", [features])])
    # ONNX wants a kernel's output channels first.
    order = {".kernel": (3, 2, 0, 1), ".bias": (0,)}
    constants = [
        numpy_helper.from_array(
            np.ascontiguousarray(value.transpose(order[name[name.rindex(".") :]])), name
        )
        for name, value in weights.items()
    ]
    images, found = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("images", [None, None, None, 3]), (last, [None, None]))
    )
    graph = helper.make_graph(nodes.made, "inception", [images], [found], constants)
    opset = helper.make_opsetid("", OPSET["opset"])
    model = helper.make_model(graph, opset_imports=[opset], ir_version=OPSET["ir"])
    options = SessionOptions()
    options.intra_op_num_threads = int(environ.get("OMP_NUM_THREADS") or 0)  # 0 for all cores
    session = InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )

    def features_of(prepared: np.ndarray) -> np.ndarray:
        (result,) = session.run(None, {"images": prepared})
        return np.asarray(result)

    return features_of


class _Nodes:
    """Adds operations; each is named by its result."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def added(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        from onnx import helper

        name = f"{kind}_{len(self.made)}"
        self.made.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def convolved(self, conv: Conv, name: str, maps: str) -> str:
        inputs = [maps, f"{name}.kernel", f"{name}.bias"]
        size = {"kernel_shape": [conv.height, conv.width], "strides": [conv.strides] * 2}
        return self.added(
            "Relu", [self.added("Conv", inputs, **size, auto_pad=PADDING[conv.padding])]
        )

    def pooled(self, pool: Pool, maps: str) -> str:
        size = {"kernel_shape": [3, 3], "strides": [pool.strides] * 2}  # leaves the padding out
        return self.added(POOLS[pool.kind], [maps], **size, auto_pad=PADDING[pool.padding])

    def joined(self, maps: Sequence[str]) -> str:
        return self.added("Concat", maps, axis=1) if len(maps) > 1 else maps[0]
