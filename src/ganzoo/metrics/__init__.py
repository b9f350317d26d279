"""Scores of generated images, and how they were made."""

from ganzoo.metrics.classes import class_scores, recognised
from ganzoo.metrics.evaluate import evaluate
from ganzoo.metrics.extractors.classifiers import CLASSIFIERS, classifier
from ganzoo.metrics.extractors.extractor import Extractor
from ganzoo.metrics.feature_set import FeatureSet
from ganzoo.metrics.fid import FeatureStatistics, frechet_distance
from ganzoo.metrics.kid import kernel_distance
from ganzoo.metrics.metric import METRICS, Metric
from ganzoo.metrics.neighbours import nearest_neighbours
from ganzoo.metrics.precision_recall import density_coverage, precision_recall
from ganzoo.metrics.probe import linear_probe
from ganzoo.metrics.protocol import Evaluation

__all__ = [
    "CLASSIFIERS",
    "METRICS",
    "Evaluation",
    "Extractor",
    "FeatureSet",
    "FeatureStatistics",
    "Metric",
    "class_scores",
    "classifier",
    "density_coverage",
    "evaluate",
    "frechet_distance",
    "kernel_distance",
    "linear_probe",
    "nearest_neighbours",
    "precision_recall",
    "recognised",
]
