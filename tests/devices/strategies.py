"""A program for a strategy of TensorFlow: what `compile` and `fit` make of one, as JSON.

`python strategies.py DEVICES FILE`
"""

import json
import sys
from pathlib import Path

from started import scope  # first  # isort: skip
import keras
import numpy as np
import tensorflow as tf

import ganzoo

IMAGES = np.random.default_rng(0).integers(0, 256, (16, 12, 8, 1), dtype="uint8")


def model():
    return ganzoo.DCGAN((12, 8, 1), latent_dim=4, base_filters=4, seed=0)


def trained(gan):
    gan.fit(IMAGES, batch_size=8, epochs=2, verbose=0)
    return [keras.ops.convert_to_numpy(each).tolist() for each in gan.trainable_variables]


def refusal(function, *arguments, **options):
    try:
        function(*arguments, **options)
    except ValueError as error:
        return str(error)


def main():
    rate = keras.optimizers.Adam
    with scope():
        inside, outside = model(), model()
        inside.compile()
        accumulating = rate(gradient_accumulation_steps=2)
        overwriting = rate(use_ema=True, ema_overwrite_frequency=2)
    outside.compile()
    bare = model()
    bare.compile(jit_compile=False)
    found = {
        "inside": trained(inside),
        "outside": trained(outside),
        "xla": refusal(outside.compile, jit_compile=True),
        "optimizer": refusal(outside.compile, rate()),
    }
    found["accumulating"] = refusal(outside.compile, accumulating)
    found["overwriting"] = refusal(outside.compile, overwriting)
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        found["beside"] = refusal(trained, bare)
    Path(sys.argv[2]).write_text(json.dumps(found))


main()
