"""The presets that come with ganzoo. Data only: `tools/train_presets.py` measures the numbers.

The files lie in `weights/<name>`. `repository` and `commit` stay empty until
`tools/publish_presets.py` has put a preset on the Hub, and printed what to write here.
"""

from collections.abc import Mapping
from pathlib import Path

from ganzoo.presets import Preset

WEIGHTS = Path(__file__).parent / "weights"

PRESETS: Mapping[str, Preset] = {
    "mnist": Preset(
        description="A class-conditional DCGAN, trained on the training set of mnist.",
        dataset="mnist",
        image_shape=(28, 28, 1),
        parameters=833_024,
        size=1_667_728,
        rights="weights Apache-2.0; data LeCun, Cortes and Burges; commonly given as CC BY-SA 3.0",
        sha256="7d9ce292ba0a28e5094c1473e3388592a6fa4aa7c2c8aa7873c9a006873bcdfd",
        folder=WEIGHTS / "mnist",
    ),
    "fashion_mnist": Preset(
        description="A class-conditional DCGAN, trained on the training set of fashion_mnist.",
        dataset="fashion_mnist",
        image_shape=(28, 28, 1),
        parameters=833_024,
        size=1_667_728,
        rights="weights Apache-2.0; data Zalando Research, MIT",
        sha256="26da1b70b4e2236fa44e23c9b1b9fc286f4f84cbc480f3589e4d1487e78c3280",
        folder=WEIGHTS / "fashion_mnist",
    ),
    "pokemon": Preset(
        description="An unconditional DCGAN, trained on the training set of pokemon.",
        dataset="pokemon",
        image_shape=(64, 64, 3),
        parameters=1_494_177,
        size=2_991_450,
        rights="weights for research; data images (c) The Pokemon Company, for research; the "
        "collection is CC0",
        sha256="f4fc0d8f09483b5b7ded7044b98d9262c14d2ec7740f8f1792714a49da386300",
        folder=WEIGHTS / "pokemon",
    ),
    "art": Preset(
        description="A class-conditional DCGAN, trained on the training set of art.",
        dataset="art",
        image_shape=(64, 64, 3),
        parameters=1_552_352,
        size=3_108_192,
        rights="weights for research; data mostly public domain, some in copyright: for "
        "non-commercial research",
        sha256="31338f00192cec36d99b6af6a97806d6bdaf227bced1970613c0ce298c463978",
        folder=WEIGHTS / "art",
    ),
}
