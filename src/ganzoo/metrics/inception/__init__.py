"""The features of FID: TensorFlow's InceptionV3 of 2015-12-05, on every backend."""

from ganzoo.metrics.inception.features import inception

__all__ = ["inception"]
