"""Features that tests and golden numbers share: from RandomState, whose numbers never change."""

import json
from pathlib import Path

import numpy as np


def plain(random):
    """Return more images than features, as many of either set: the usual case."""
    return random.standard_normal((300, 16)), 1.2 * random.standard_normal((300, 16)) + 0.3


def rectified(random):
    """Return features like a network's: none below 0, correlated, some always 0."""
    mixing = random.standard_normal((24, 24)) * np.arange(24) / 50
    real, fake = (random.standard_normal((n, 24)) @ mixing for n in (400, 250))
    return np.maximum(real, 0), np.maximum(fake - 2, 0)


def few(random):
    """Return fewer images than features, of different numbers."""
    return random.standard_normal((40, 64)), random.standard_normal((25, 64)) + 0.2


def tiny(random):
    """Return hardly any images."""
    return random.standard_normal((7, 3)), 2 * random.standard_normal((8, 3))


def lattice(random):
    """Return whole numbers with many equal distances and many equal rows."""
    return (random.randint(0, 3, (n, 4)).astype("float64") for n in (90, 70))


def far(random):
    """Return features far from 0."""
    return 1000 + random.standard_normal((120, 10)), 1000.5 + random.standard_normal((150, 10))


SETS = {function.__name__: function for function in (plain, rectified, few, tiny, lattice, far)}


def real_and_fake(name):
    """Return two float64 arrays `(n, size)`."""
    real, fake = SETS[name](np.random.RandomState(2020))
    return real, fake


def reference_scores(name):
    """Return what public code gives for a set; `golden/reference_scores.py` says how."""
    path = Path(__file__).parent / "golden" / "reference_scores.json"
    return json.loads(path.read_text(encoding="utf-8"))[name]
