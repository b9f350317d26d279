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
        parameters=446_656,
        size=894_968,
        rights="weights Apache-2.0; data LeCun, Cortes and Burges; commonly given as CC BY-SA 3.0",
        sha256="4fd2dec8e753d881bdb16f2f5c26181067b907bace164e6d21517759488b3ff1",
        folder=WEIGHTS / "mnist",
    ),
    "fashion_mnist": Preset(
        description="A class-conditional DCGAN, trained on the training set of fashion_mnist.",
        dataset="fashion_mnist",
        image_shape=(28, 28, 1),
        parameters=446_656,
        size=894_968,
        rights="weights Apache-2.0; data Zalando Research, MIT",
        sha256="f482c0a0a7ae5b36e0df88da52a8c33c99ea5f0a4cbf8a51e91dbbf33015f906",
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
        sha256="61738fe45277669dc5421406c7a563f797266ebb7ffb425f91ca6161c5a1232e",
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
        sha256="a937f6719e83e5a83943f65ba7758490dad9c756efc28667e7615a368458f355",
        folder=WEIGHTS / "art",
    ),
}
