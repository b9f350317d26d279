"""A program that trains small models on some devices, and writes what came out.

`python rounds.py DEVICES FILE CASE...`
"""

import re
import sys

from started import RANK, scope  # first  # isort: skip
import keras
import numpy as np
from cases import CASES


def unnumbered(name):
    """Return a name without how many Keras has given out before, in other cases."""
    return re.sub(r"_\d+(?=_|$)", "", name)


def main():
    file, names = sys.argv[2], sys.argv[3:]
    results = {}
    with scope():
        for name in names:
            gan = CASES[name]()
            values = [*gan.variables, *gan.optimizer.variables]
            results |= {
                f"{name}/{number} {unnumbered(each.name)}": keras.ops.convert_to_numpy(each)
                for number, each in enumerate(values)
            }
    np.savez(file.replace("RANK", RANK), **results)


main()
