import keras
import numpy as np
import pytest
from keras import ops

from ganzoo.training.optimizer import AdversarialOptimizer, portable_config


@pytest.fixture
def pair():
    """Two optimizers of different kinds, built for two lists of variables."""
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    first = keras.optimizers.Adam(schedule, beta_1=0.25, clipnorm=2.0)
    pair = AdversarialOptimizer(first, keras.optimizers.SGD(0.2, momentum=0.5))
    pair.build_pair([keras.Variable([1.0, 2.0])], [keras.Variable([[3.0]]), keras.Variable([4.0])])
    return pair


def test_variables_are_those_of_both(pair):
    """What is not in this list does not change on JAX, and is not saved."""
    ids = [id(each) for each in pair.variables]
    assert len(set(ids)) == len(ids)
    for each in (pair.generator_optimizer, pair.discriminator_optimizer):
        assert {id(variable) for variable in each.variables} <= set(ids)
    assert id(pair.iterations) in ids
    adam = 1 + 2  # iterations; two moments of one variable; the rate is a schedule
    sgd = 2 + 2  # iterations and rate; momentum of two variables
    assert len(ids) == 2 + adam + sgd  # and the pair's own iterations and rate
    assert pair.optimizers == [pair.generator_optimizer, pair.discriminator_optimizer]


def test_config_brings_both_back(pair):
    config = keras.optimizers.serialize(pair)
    again = keras.optimizers.deserialize(config)
    assert type(again) is AdversarialOptimizer
    assert keras.optimizers.serialize(again) == keras.optimizers.serialize(pair)
    for one, other in zip(pair.optimizers, again.optimizers, strict=True):
        assert type(one) is type(other)
        assert portable_config(one) == portable_config(other)
    assert again.generator_optimizer.clipnorm == 2.0
    assert isinstance(
        again.generator_optimizer._learning_rate, keras.optimizers.schedules.ExponentialDecay
    )


@pytest.mark.parametrize("kind", ["Adam", "SGD", "RMSprop", "AdamW", "Lion"])
def test_configs_name_no_backend(kind):
    """On torch Keras writes the module of its torch optimizers, which JAX cannot load."""
    config = portable_config(getattr(keras.optimizers, kind)())
    assert config["module"] == "keras.optimizers"
    assert config["class_name"] == kind


def test_state_is_saved_once(pair):
    """The two save themselves: the pair adds its own counter and nothing else."""
    pair.iterations.assign(5)
    store = {}
    pair.save_own_variables(store)
    assert store.keys() == {"iterations"}
    pair.iterations.assign(0)
    pair.load_own_variables(store)
    assert int(pair.iterations) == 5


def test_keras_may_build_again_without_harm(pair):
    before = [ops.convert_to_numpy(each) for each in pair.variables]
    pair.build([keras.Variable(0.0)])
    after = [ops.convert_to_numpy(each) for each in pair.variables]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_each_updates_its_own_network_with_its_own_rate():
    """`v - rate * gradient` for SGD."""
    mine, theirs = keras.Variable([1.0, 2.0]), keras.Variable([1.0, 2.0])
    pair = AdversarialOptimizer(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.125))
    pair.build_pair([theirs], [mine])
    pair.discriminator_optimizer.apply([ops.convert_to_tensor([1.0, -2.0])], [mine])
    pair.generator_optimizer.apply([ops.convert_to_tensor([2.0, 4.0])], [theirs])
    np.testing.assert_array_equal(ops.convert_to_numpy(mine), [0.875, 2.25])
    np.testing.assert_array_equal(ops.convert_to_numpy(theirs), [0.0, 0.0])
