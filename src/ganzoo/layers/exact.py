"""What is computed in whole precision, whatever the layers around it round to."""

from typing import Any

import keras


def exact(dtype: Any) -> str:
    """Return the dtype of images, logits and statistics: float32, of float64 models that.

    Args:
        dtype: a dtype or dtype policy; by default Keras'.
    """
    computed = keras.dtype_policies.get(dtype).compute_dtype
    return "float64" if computed == "float64" else "float32"
