"""Maps of any size as means over the cells of a grid."""

from typing import Any

import keras
import numpy as np
from keras import ops

from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class MeanGrid(keras.layers.Layer):
    """`AdaptiveAveragePooling2D`, in operations that go into ONNX from every backend.

    Where a side is no multiple of the grid's, neighbouring cells share a row or column.

    Args:
        cells: of the grid, each way.
        **options: as of `keras.layers.Layer`.
    """

    def __init__(self, cells: int, **options: Any) -> None:
        super().__init__(**options)
        self.cells = cells

    def call(self, inputs: Tensor) -> Tensor:
        height, width, channels = inputs.shape[1:]
        if height % self.cells == width % self.cells == 0:
            size = (-1, self.cells, height // self.cells, self.cells, width // self.cells, channels)
            return ops.mean(ops.reshape(inputs, size), axis=(2, 4))
        rows, columns = (
            ops.convert_to_tensor(shares(side, self.cells), inputs.dtype)
            for side in (height, width)
        )
        across = ops.swapaxes(ops.matmul(columns, inputs), 1, 2)
        return ops.swapaxes(ops.matmul(rows, across), 1, 2)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"cells": self.cells}


def shares(side: int, cells: int) -> np.ndarray:
    """Return how much of each cell every row has, `(cells, side)`."""
    found = np.zeros((cells, side), np.float32)
    for cell in range(cells):
        first, last = cell * side // cells, -(-(cell + 1) * side // cells)
        found[cell, first:last] = 1 / (last - first)
    return found
