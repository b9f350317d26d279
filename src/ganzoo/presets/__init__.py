"""Presets: models as folders of plain data, in ganzoo, on this disk, or on the Hugging Face Hub."""

from ganzoo.presets.preset import Preset
from ganzoo.presets.upload import upload_preset

__all__ = ["Preset", "upload_preset"]
