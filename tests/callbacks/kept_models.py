"""Models that are kept, so that what a backend has compiled for them serves all tests."""

import keras
import numpy as np

import ganzoo

_kept = {}


def plain_gan():
    """Return a small model in its first state, compiled by the default recipe."""
    gan = ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4, seed=0)
    gan.compile()
    return kept(gan, "plain")


def kept(gan, key):
    """Return the first model of this key, in the state of this one."""
    model = _kept.setdefault(key, gan)
    for variable, value in zip(variables(model), state(gan), strict=True):
        variable.assign(value)
    return model


def variables(model):
    return model.variables + model.optimizer.variables


def state(model):
    """Return copies of all that training changes."""
    return [np.array(keras.ops.convert_to_numpy(each)) for each in variables(model)]
