"""Image datasets by name: from original files, verified by checksum, kept in a cache folder."""

from ganzoo.datasets.catalog import DATASETS
from ganzoo.datasets.loading import load

__all__ = ["DATASETS", "load"]
