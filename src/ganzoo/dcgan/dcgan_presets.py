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
        sha256="79b35470a46cda447a0c7ec8f5cbe8ee227bd14f28dbb33fd15b84c2301e77c9",
        folder=WEIGHTS / "mnist",
    ),
    "fashion_mnist": Preset(
        family="dcgan",
        description="A class-conditional DCGAN, trained on fashion_mnist.",
        dataset="fashion_mnist",
        image_shape=(28, 28, 1),
        parameters=833_024,
        size=1_667_752,
        rights="weights Apache-2.0; data Zalando Research, MIT",
        sha256="587f1b667efd62237b7c69b623b4305a884e79913a84ecd9e73502ded932c694",
        folder=WEIGHTS / "fashion_mnist",
    ),
    "cifar10": Preset(
        family="dcgan",
        description="A class-conditional DCGAN, trained on cifar10.",
        dataset="cifar10",
        image_shape=(32, 32, 3),
        parameters=1_011_392,
        size=2_025_392,
        rights="weights Apache-2.0; data Krizhevsky; no licence stated at the source",
        sha256="958d7e142c557550917be8098a99c6d82f7a12d6eba552d9ae3dfe24f5ca866a",
        folder=WEIGHTS / "cifar10",
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
        sha256="c549d7e1c1a882580646b2b13d2d743799302452be6244529f0694b0d46e399a",
        folder=WEIGHTS / "art",
    ),
}
