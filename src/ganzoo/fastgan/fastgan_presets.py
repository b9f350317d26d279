"""The presets of FastGAN that come with ganzoo. Data only: `tools/train_emoji.py` measures."""

from collections.abc import Mapping
from pathlib import Path

from ganzoo.presets import Preset

WEIGHTS = Path(__file__).parent / "weights"

PRESETS: Mapping[str, Preset] = {}
