"""Latents, the numbers that images are drawn from: ways between them, and back from an image.

All functions take and return NumPy arrays whose last axis is that of a latent; `gan.draw` makes
images of them, in the same arrangement.
"""

from ganzoo.latents.anomalies import Anomalies, anomalies, threshold
from ganzoo.latents.arithmetic import combine, truncate
from ganzoo.latents.blending import blend
from ganzoo.latents.completion import Completion, complete
from ganzoo.latents.directions import directions
from ganzoo.latents.encoder import train_encoder
from ganzoo.latents.interpolation import between_four, interpolate, walk
from ganzoo.latents.inversion import Inversion, invert

__all__ = [
    "Anomalies",
    "Completion",
    "Inversion",
    "anomalies",
    "between_four",
    "blend",
    "combine",
    "complete",
    "directions",
    "interpolate",
    "invert",
    "threshold",
    "train_encoder",
    "truncate",
    "walk",
]
