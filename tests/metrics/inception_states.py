"""Weights drawn for FID's network, as the published file holds them: with their batch norms."""

import numpy as np


def draw(kernels):
    """Return weights by name for kernels of shape `(height, width, channels, filters)`."""
    random = np.random.default_rng(0)
    states = {}
    for number, (height, width, channels, filters) in enumerate(kernels):
        spread = np.sqrt(6 / (height * width * channels))  # keeps the maps' scale through ReLUs
        kernel = random.random((filters, channels, height, width), "float32") * 2 - 1
        states[f"{number}.weight"] = kernel * np.float32(spread)
        states[f"{number}.beta"] = random.random(filters, "float32") - 0.5
        states[f"{number}.mean"] = random.random(filters, "float32") - 0.5
        states[f"{number}.var"] = random.random(filters, "float32") + 0.5
    return states


def images():
    """Return two images that are wider than high, in [-1, 1]."""
    return np.random.default_rng(1).random((2, 75, 107, 3), "float32") * 2 - 1
