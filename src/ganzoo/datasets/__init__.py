"""Image datasets by name or from a folder: verified, decoded once, in an order that is seeded."""

from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.folders.folder import image_folder
from ganzoo.datasets.image_set import ImageSet
from ganzoo.datasets.inspection.inspection import inspect
from ganzoo.datasets.loading import load
from ganzoo.datasets.reading import read

__all__ = ["DATASETS", "ImageSet", "image_folder", "inspect", "load", "read"]
