"""The presets of FastGAN that come with ganzoo. Data only: `tools/train_presets.py` measures."""

from collections.abc import Mapping
from pathlib import Path

from ganzoo.presets import Preset

WEIGHTS = Path(__file__).parent / "weights"

PRESETS: Mapping[str, Preset] = {
    "emoji": Preset(
        family="fastgan",
        description="A class-conditional FastGAN, trained on emoji.",
        dataset="emoji",
        image_shape=(64, 64, 3),
        parameters=3_928_754,
        size=7_869_372,
        rights="weights Apache-2.0; data Fluent Emoji, Microsoft; WebP by LobeHub; MIT",
        sha256="5be14261f4ed301d945b3bc32acd4781a369f6390b12c3df66f2720848ea0b01",
        folder=WEIGHTS / "emoji",
    ),
    "emoji-128": Preset(
        family="fastgan",
        description="A class-conditional FastGAN, grown from a smaller one, trained on emoji.",
        dataset="emoji",
        image_shape=(128, 128, 3),
        parameters=3_981_335,
        size=7_978_046,
        rights="weights Apache-2.0; data Fluent Emoji, Microsoft; WebP by LobeHub; MIT",
        sha256="103d2537a93749c356ea2c31b21e61b905f876669035f5b7cec4ab755e7aaf1e",
        folder=WEIGHTS / "emoji-128",
    ),
    "pokemon": Preset(
        family="fastgan",
        description="An unconditional FastGAN, trained on pokemon.",
        dataset="pokemon",
        image_shape=(64, 64, 3),
        parameters=3_853_865,
        size=7_719_410,
        rights="weights for research; data images (c) The Pokemon Company, for research; the "
        "collection is CC0",
        sha256="95712618fe13e0a0176ca24936626004e0c71bc25294119b54a4d521ef3dd0bf",
        folder=WEIGHTS / "pokemon",
    ),
}
