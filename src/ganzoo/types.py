"""The words that signatures share."""

from typing import Any, TypeAlias

ImageShape: TypeAlias = tuple[int, int, int]
"""Height, width and channels."""

Tensor: TypeAlias = Any
"""A tensor of the running backend; shape and range stand in the docstring."""
