"""What users hang into `fit`: pictures, scores, the best model, a doctor, and exact resuming."""

from ganzoo.callbacks.best_snapshot import BestSnapshot
from ganzoo.callbacks.doctor import Doctor
from ganzoo.callbacks.evaluate_samples import EvaluateSamples
from ganzoo.callbacks.exact_resume import ExactResume
from ganzoo.callbacks.loss_curves import LossCurves
from ganzoo.callbacks.sample_grid import SampleGrid
from ganzoo.callbacks.training_film import TrainingFilm

__all__ = [
    "BestSnapshot",
    "Doctor",
    "EvaluateSamples",
    "ExactResume",
    "LossCurves",
    "SampleGrid",
    "TrainingFilm",
]
