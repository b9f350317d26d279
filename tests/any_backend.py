"""What is asked of one backend alone, as all would answer the same: the marker `any_backend`.

nox leaves these tests to one of its sessions. A test may also carry the marker itself.
"""

import inspect
from pathlib import Path

import keras
import pytest

TESTS = Path(__file__).parent
# NumPy, Pillow, files and the network. `refuse_to_compute` holds them to it.
WITHOUT_KERAS = (
    "callbacks/test_best_epoch.py",
    "callbacks/test_loss_curves.py",
    "datasets/folders/test_attribute_columns.py",
    "datasets/folders/test_decode.py",
    "datasets/folders/test_label_files.py",
    "datasets/folders/test_parquet.py",
    "datasets/folders/test_pixels.py",
    "datasets/folders/test_prepare.py",
    "datasets/folders/test_several.py",
    "datasets/folders/test_shards.py",
    "datasets/folders/test_sources.py",
    "datasets/inspection",
    "datasets/test_array_folders.py",
    "datasets/test_arrays.py",
    "datasets/test_download.py",
    "datasets/test_hub_sets.py",
    "datasets/test_formats.py",
    "datasets/test_loading.py",
    "datasets/test_choosing.py",
    "docs/test_commands.py",
    "docs/test_zoo.py",
    "latents/test_blending.py",
    "latents/test_interpolation.py",
    "test_launched.py",
    "metrics/test_classes.py",
    "metrics/test_feature_arrays.py",
    "metrics/test_fid.py",
    "metrics/test_kid.py",
    "metrics/test_neighbours.py",
    "metrics/test_precision_recall.py",
    "metrics/test_probe.py",
    "pictures",
    "test_files.py",
    "test_imports.py",
    "test_public_surface.py",
)
# Commands, runs, examples, tools and the Hub stand above what is tested on each backend by itself.
WITH_ANY_BACKEND = (
    "cli",
    "demo",
    "docs",
    "metrics/test_protocol.py",
    "presets/test_hub.py",
    "presets/test_hub_habits.py",
    "presets/test_hub_processes.py",
    "presets/test_plugins.py",
    "runs",
    "test_errors.py",
    "tools",
)
NO_COMPUTATION = ("is_tensor", "convert_to_numpy")


def listed(path, places=WITHOUT_KERAS + WITH_ANY_BACKEND):
    """Whether a test file is one of these, or stands in one of these folders."""
    return any(path.is_relative_to(TESTS / place) for place in places)


def refuse_to_compute(path, monkeypatch):
    """Make whatever computes with Keras fail, and say which list is wrong then."""

    def refuse(*arguments, **options):
        pytest.fail(f"{path.name} computes with Keras: take it out of any_backend.WITHOUT_KERAS")

    monkeypatch.setattr(keras.Variable, "__init__", refuse)
    for name, function in vars(keras.ops).items():
        if inspect.isfunction(function) and name not in NO_COMPUTATION:
            monkeypatch.setattr(keras.ops, name, refuse)
