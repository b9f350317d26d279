"""Maps made smaller."""

from typing import Any

import keras

from ganzoo import backends
from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class Shrunk(keras.layers.Layer):
    """`AveragePooling2D(size)`, each backend's fastest way.

    Args:
        size: of the squares whose means the pixels are.
        **options: as of `keras.layers.Layer`.
    """

    def __init__(self, size: int, **options: Any) -> None:
        super().__init__(**options)
        self.size = size

    def call(self, inputs: Tensor) -> Tensor:
        return backends.current.average_pool(inputs, self.size)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"size": self.size}
