"""Save a preset with one backend: `KERAS_BACKEND=jax python tests/presets/golden/make.py`.

The tests load it on the others. The weights are NumPy's, so that only the format is at stake.
"""

from pathlib import Path

import keras
import numpy as np

import ganzoo

FOLDER = Path(__file__).parent


def main():
    random = np.random.default_rng(0)
    gan = ganzoo.DCGAN((9, 8, 3), 3, class_names=["cat", "dog"], base_filters=2, seed=1)
    for weight in gan.weights:
        weight.assign(random.uniform(0.1, 1, weight.shape) - 0.5 * (len(weight.shape) > 1))
    about = {"description": f"Noise in two classes, saved on {keras.backend.backend()}."}
    gan.save_to_preset(FOLDER / keras.backend.backend(), metadata=about)


if __name__ == "__main__":
    main()
