"""Scores of generated images, and how they were made."""

from ganzoo.metrics.classes import class_scores, recognised
from ganzoo.metrics.evaluate import evaluate
from ganzoo.metrics.extractor import Extractor
from ganzoo.metrics.frechet import FeatureStatistics, frechet_distance
from ganzoo.metrics.judges import judge
from ganzoo.metrics.kernel import kernel_distance
from ganzoo.metrics.memorisation import nearest_neighbours, neighbour_grid
from ganzoo.metrics.neighbourhoods import density_coverage, precision_recall
from ganzoo.metrics.probe import linear_probe
from ganzoo.metrics.record import Evaluation

__all__ = [
    "Evaluation",
    "Extractor",
    "FeatureStatistics",
    "class_scores",
    "density_coverage",
    "evaluate",
    "frechet_distance",
    "judge",
    "kernel_distance",
    "linear_probe",
    "nearest_neighbours",
    "neighbour_grid",
    "precision_recall",
    "recognised",
]
