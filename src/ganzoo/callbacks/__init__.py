"""What users hang into `fit`: pictures, scores, the best model, a doctor, and exact resuming."""

from ganzoo.callbacks.best import BestSnapshot
from ganzoo.callbacks.curves import LossCurves
from ganzoo.callbacks.doctor import Doctor
from ganzoo.callbacks.film import TrainingFilm
from ganzoo.callbacks.samples import SampleGrid
from ganzoo.callbacks.scores import EvaluateSamples
from ganzoo.training.resume import ExactResume

__all__ = [
    "BestSnapshot",
    "Doctor",
    "EvaluateSamples",
    "ExactResume",
    "LossCurves",
    "SampleGrid",
    "TrainingFilm",
]
