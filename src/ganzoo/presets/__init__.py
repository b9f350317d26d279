"""Presets: models as folders of plain data, in ganzoo, on this disk, or on the Hugging Face Hub."""

from ganzoo.presets.hub import upload_preset
from ganzoo.presets.record import Preset

__all__ = ["Preset", "upload_preset"]
