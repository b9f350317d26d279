"""Image datasets by name or from a folder: verified, decoded once, in an order that is seeded."""

from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.folders.folder import image_folder
from ganzoo.datasets.inspection.inspect import inspect
from ganzoo.datasets.loading import load

__all__ = ["DATASETS", "image_folder", "inspect", "load"]
