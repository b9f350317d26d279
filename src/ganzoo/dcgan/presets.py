"""The presets that come with ganzoo. Data only: `tools/train_presets.py` measures the numbers.

The files lie in `weights/<name>`. `repository` and `commit` stay empty until
`tools/publish_presets.py` has put a preset on the Hub, and printed what to write here.
"""

from collections.abc import Mapping
from pathlib import Path

from ganzoo.presets import Preset

WEIGHTS = Path(__file__).parent / "weights"

PRESETS: Mapping[str, Preset] = {}
