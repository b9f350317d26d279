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
        family="dcgan",
        description="A class-conditional DCGAN, trained on the training set of mnist.",
        dataset="mnist",
        image_shape=(28, 28, 1),
        parameters=833_024,
        size=1_667_752,
        rights="weights Apache-2.0; data LeCun, Cortes and Burges; commonly given as CC BY-SA 3.0",
        sha256="83593a0e416c4d1711ff0f932af7020dc3953bca21b61037f7c42666a1386de5",
        folder=WEIGHTS / "mnist",
    ),
    "fashion_mnist": Preset(
        family="dcgan",
        description="A class-conditional DCGAN, trained on the training set of fashion_mnist.",
        dataset="fashion_mnist",
        image_shape=(28, 28, 1),
        parameters=833_024,
        size=1_667_752,
        rights="weights Apache-2.0; data Zalando Research, MIT",
        sha256="088f0446cc4094e713fae6e411e427d3e0846c53d410f4a472a596d7007d4d43",
        folder=WEIGHTS / "fashion_mnist",
    ),
    "pokemon": Preset(
        family="dcgan",
        description="An unconditional DCGAN, trained on the training set of pokemon.",
        dataset="pokemon",
        image_shape=(64, 64, 3),
        parameters=1_494_177,
        size=2_991_490,
        rights="weights for research; data images (c) The Pokemon Company, for research; the "
        "collection is CC0",
        sha256="86edf980841d8738fc289c6318e5850407a5293bf144c212c7fd6c803cc38856",
        folder=WEIGHTS / "pokemon",
    ),
    "art": Preset(
        family="dcgan",
        description="A class-conditional DCGAN, trained on the training set of art.",
        dataset="art",
        image_shape=(64, 64, 3),
        parameters=1_552_352,
        size=3_108_232,
        rights="weights for research; data mostly public domain, some in copyright: for "
        "non-commercial research",
        sha256="c561de11f60a64bb46e1d625e2ae4617bfc00ce9137372aba510c501d1a1fa0a",
        folder=WEIGHTS / "art",
    ),
}
