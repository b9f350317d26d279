"""The doctor: names the illnesses of a training, and goes back to where it was healthy."""

from ganzoo.callbacks.doctor.callback import Diagnosis, Doctor

__all__ = ["Diagnosis", "Doctor"]
