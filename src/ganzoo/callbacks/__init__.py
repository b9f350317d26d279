"""What users hang into `fit`: pictures and scores of the training, and resuming it exactly."""

from ganzoo.callbacks.curves import LossCurves
from ganzoo.callbacks.film import TrainingFilm
from ganzoo.callbacks.samples import SampleGrid
from ganzoo.callbacks.scores import EvaluateSamples
from ganzoo.training.resume import ExactResume

__all__ = ["EvaluateSamples", "ExactResume", "LossCurves", "SampleGrid", "TrainingFilm"]
