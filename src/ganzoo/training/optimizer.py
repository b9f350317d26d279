"""The generator's and the discriminator's optimizer, as one Keras optimizer."""

import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import keras
import numpy as np
from keras.optimizers import LossScaleOptimizer

from ganzoo import backends
from ganzoo.schedules import ByRounds
from ganzoo.types import Tensor


@keras.saving.register_keras_serializable("ganzoo")
class AdversarialOptimizer(keras.optimizers.Optimizer):
    """A pair of optimizers that Keras can save, load, shard and schedule as one.

    Keras' JAX trainer threads the variables of `model.optimizer` and of nothing else, and its
    learning-rate callbacks look for `.optimizers`; so the pair has to be one object. Its
    `iterations` are the rounds played since `compile`; learning-rate schedules of both follow them.

    Args:
        generator_optimizer: a `keras.optimizers.Optimizer`.
        discriminator_optimizer: another one.
    """

    _networks: Callable[[], tuple[Sequence[keras.Variable], Sequence[keras.Variable]]]

    def __init__(
        self,
        generator_optimizer: keras.optimizers.Optimizer,
        discriminator_optimizer: keras.optimizers.Optimizer,
        name: str = "adversarial",
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer

    @property
    def optimizers(self) -> list[keras.optimizers.Optimizer]:
        return [self.generator_optimizer, self.discriminator_optimizer]

    @property
    def variables(self) -> list[keras.Variable]:
        return super().variables + [v for each in self.optimizers for v in each.variables]

    @property
    def learning_rate(self) -> Any:
        """The generator's; setting it sets both, and so does `learning_rate.assign`."""
        rate = Rate(keras.ops.convert_to_numpy(self.generator_optimizer.learning_rate))
        rate.pair = self
        return rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        for each in self.optimizers:
            each.learning_rate = learning_rate

    def build_pair(
        self,
        generator_variables: Sequence[keras.Variable],
        discriminator_variables: Sequence[keras.Variable],
    ) -> None:
        """Create the state of both optimizers, so that it can be saved, loaded and traced.

        Args:
            generator_variables: what the generator's optimizer is to change, now and later.
            discriminator_variables: what the discriminator's is.
        """
        networks = (generator_variables, discriminator_variables)
        for optimizer, variables in zip(self.optimizers, networks, strict=True):
            follow(optimizer, self.iterations)
            optimizer.build(variables)
            backends.current.tune(unscaled(optimizer), variables)
        self._networks = lambda: networks  # a list of variables would become part of the state
        super().build([])

    @property
    def generator_variables(self) -> Sequence[keras.Variable]:
        return self._networks()[0]

    @property
    def discriminator_variables(self) -> Sequence[keras.Variable]:
        return self._networks()[1]

    def build(self, variables: list[keras.Variable]) -> None:
        """Keras may ask again for what `build_pair` has done."""

    def finalize_variable_values(self, variables: list[keras.Variable]) -> None:
        """End a `fit`: with `use_ema`, weights become their averages; Keras hands over all."""
        for optimizer, own in zip(self.optimizers, self._networks(), strict=True):
            optimizer.finalize_variable_values(own)

    def save_own_variables(self, store: Any) -> None:
        """Save nothing twice: Keras also visits the two optimizers, which save themselves."""
        store["iterations"] = keras.ops.convert_to_numpy(self.iterations)

    def load_own_variables(self, store: Any) -> None:
        self.iterations.assign(store["iterations"])

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "generator_optimizer": portable_config(self.generator_optimizer),
            "discriminator_optimizer": portable_config(self.discriminator_optimizer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        pair = {
            key: keras.optimizers.deserialize(config[key], custom_objects)
            for key in ("generator_optimizer", "discriminator_optimizer")
        }
        return cls(**(config | pair))


def take_step(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[Tensor],
    variables: Sequence[keras.Variable],
) -> None:
    """Do as `optimizer.apply`, also on JAX.

    A `LossScaleOptimizer` updates within a condition, which JAX lets no assignment out of.

    Args:
        optimizer: built for these variables.
        gradients: of its scaled loss.
        variables: what to change.
    """
    if not (isinstance(optimizer, LossScaleOptimizer) and keras.backend.backend() == "jax"):
        optimizer.apply(gradients, variables)
        return
    state = optimizer.variables
    schedule = getattr(unscaled(optimizer), "by_rounds", None)
    with schedule.held() if schedule else nullcontext():
        trained, changed = optimizer.stateless_apply(
            [each.value for each in state], gradients, [each.value for each in variables]
        )
    for variable, value in zip([*variables, *state], [*trained, *changed], strict=True):
        variable.assign(value)


def follow(optimizer: keras.optimizers.Optimizer, rounds: keras.Variable) -> None:
    """Let an optimizer's schedule, if it has one, count rounds: its own steps may be more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a rate that is a lambda, and could not be saved
        rate = portable_config(unscaled(optimizer))["config"].get("learning_rate")
    if isinstance(rate, dict) and rate["class_name"] not in ("function", "__lambda__"):
        schedule = ByRounds(keras.optimizers.schedules.deserialize(rate), rounds)
        optimizer.learning_rate = unscaled(optimizer).by_rounds = schedule


class Rate(float):
    """A learning rate of two optimizers, which Keras' users assign to as to a variable."""

    pair: AdversarialOptimizer
    shape = ()  # as a variable has it; loggers ask

    def assign(self, value: Any) -> None:
        """Set both."""
        self.pair.learning_rate = value

    def numpy(self) -> Any:
        """Return it as NumPy's number."""
        return np.float32(self)


def unscaled(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Return the optimizer that a `LossScaleOptimizer` holds, or the optimizer itself."""
    return optimizer.inner_optimizer if isinstance(optimizer, LossScaleOptimizer) else optimizer


def portable_config(optimizer: keras.optimizers.Optimizer) -> dict[str, Any]:
    """Return a config that loads on every backend, and into another training."""
    config: dict[str, Any] = keras.optimizers.serialize(optimizer)
    # On torch, Keras names the module of its torch-only implementation.
    if config["module"].startswith("keras."):
        config["module"] = "keras.optimizers"
    arguments = config["config"]
    if isinstance(optimizer, LossScaleOptimizer):
        arguments["inner_optimizer"] = portable_config(optimizer.inner_optimizer)
    rate = arguments.get("learning_rate")
    if isinstance(rate, dict) and rate["class_name"] == ByRounds.__name__:
        arguments["learning_rate"] = rate["config"]["schedule"]
    return config
