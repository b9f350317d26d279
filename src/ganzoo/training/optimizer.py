"""The generator's and the discriminator's optimizer, as one Keras optimizer."""

from typing import Any

import keras

from ganzoo import backends


@keras.saving.register_keras_serializable("ganzoo")
class AdversarialOptimizer(keras.optimizers.Optimizer):
    """A pair of optimizers that Keras can save, load, shard and schedule as one.

    Keras' JAX trainer threads the variables of `model.optimizer` and of nothing else, and its
    learning-rate callbacks look for `.optimizers`; so the pair has to be one object.

    Args:
        generator_optimizer: a `keras.optimizers.Optimizer`.
        discriminator_optimizer: another one.
    """

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
        """The generator's; setting it sets both."""
        return self.generator_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        for each in self.optimizers:
            each.learning_rate = learning_rate

    def build_pair(
        self,
        generator_variables: list[keras.Variable],
        discriminator_variables: list[keras.Variable],
    ) -> None:
        """Create the state of both optimizers, so that it can be saved, loaded and traced."""
        networks = (generator_variables, discriminator_variables)
        for optimizer, variables in zip(self.optimizers, networks, strict=True):
            optimizer.build(variables)
            backends.current.tune(optimizer, variables)
        super().build([])

    def build(self, variables: list[keras.Variable]) -> None:
        """Keras may ask again for what `build_pair` has done."""

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


def portable_config(optimizer: keras.optimizers.Optimizer) -> dict[str, Any]:
    """Return a config that loads on every backend."""
    config: dict[str, Any] = keras.optimizers.serialize(optimizer)
    # On torch, Keras names the module of its torch-only implementation.
    if config["module"].startswith("keras."):
        config["module"] = "keras.optimizers"
    return config
