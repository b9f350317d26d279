"""What a model trains with: `compile`, and what a saved model keeps of it."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers import LossScaleOptimizer

from ganzoo import backends, losses
from ganzoo.augmentation import Augmentation
from ganzoo.files import expanded, whole_file
from ganzoo.gan.arguments import checked
from ganzoo.gan.family import Family
from ganzoo.penalties import Penalty
from ganzoo.training import averaging
from ganzoo.training.objective import Objective, loaded
from ganzoo.training.optimizer import AdversarialOptimizer, portable_config

GENERAL_RECIPE = {
    "loss": "non_saturating",
    "penalties": (),
    "augmentation": None,
    "ema_decay": 0.999,
}
"""What `compile` takes where neither the user nor the family says anything else."""


class CompiledModel(Family):
    """Two networks that know how they are to be trained."""

    objective: Objective

    def compile(
        self,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        loss: str | losses.AdversarialLoss = "auto",
        penalties: Iterable[Penalty] | str = "auto",
        augmentation: Augmentation | str | None = "auto",
        discriminator_steps: int = 1,
        accumulate: int = 1,
        ema_decay: float | str | None = "auto",
        frozen_stages: int = 0,
        **options: Any,
    ) -> None:
        """Configure the training; without arguments, as the family's paper does.

        What is `"auto"` is the family's own choice, its `recipe()`; where it has none, it is the
        non-saturating loss without penalties and augmentation, and an average with decay 0.999.

        Args:
            generator_optimizer: a `keras.optimizers.Optimizer`, a name or a config; by default
                Adam with learning rate 2e-4 and beta_1 0.5. Schedules count rounds. In
                `"mixed_float16"`, one that does not scale its loss is put into a
                `keras.optimizers.LossScaleOptimizer`.
            discriminator_optimizer: the same for the discriminator; another object.
            loss: `"auto"`, `"non_saturating"`, `"least_squares"`, `"hinge"`, `"wasserstein"`,
                `"relativistic"` or a `ganzoo.losses.AdversarialLoss`.
            penalties: terms of the discriminator's loss, from `ganzoo.penalties`, or `"auto"`.
            augmentation: what the discriminator sees instead of the images, from
                `ganzoo.augmentation`; None for the images themselves; or `"auto"`.
            discriminator_steps: updates of the discriminator for one of the generator; they
                share a batch out, so give `fit` a multiple of it as `batch_size`. Where a dataset
                ends on another number of images, some repeat.
            accumulate: in how many parts, one after the other, an update looks at its images, where
                the memory of a device is too small for the whole batch: a multiple of it is
                `batch_size`. The update is the same, up to rounding, where nothing looks at a whole
                batch or learns from part to part, as batch norm, spectral norm, noise between
                layers, `Dragan`, `LeCam` and `AdaptiveAugmentation` do.
            ema_decay: decay of the moving average of the generator's weights, which leaves
                the training as it is and is what draws: `generate`, callbacks and presets use it.
                None draws with the last weights, `"auto"` is the family's. For the first rounds of
                new weights it is shorter, so that they are forgotten; another `compile` goes on
                with the average.
            frozen_stages: how many of the discriminator's stages, from the image on, keep their
                weights, but not batch norm's statistics, for fine-tuning
                ([Mo et al., 2020](https://arxiv.org/abs/2002.10964)); for this training, beside
                layers whose `trainable` you set to False, which stay as they are.
            **options: `run_eagerly`, `jit_compile` and `steps_per_execution`, as in
                `keras.Model.compile`.

        Raises:
            ValueError: an unknown name, a number out of its range, or one optimizer given for
                both networks.
            TypeError: something that is no loss, penalty or augmentation, or an unknown option.

        Example:
            ```python
            import ganzoo
            import keras

            gan = ganzoo.DCGAN((28, 28, 1))
            gan.compile(discriminator_optimizer=keras.optimizers.Adam(1e-4, beta_1=0.5))
            ```
        """
        if unknown := options.keys() - {"run_eagerly", "jit_compile", "steps_per_execution"}:
            raise TypeError(
                f"compile() has no argument {sorted(unknown)}: a GAN has generator_optimizer, "
                "discriminator_optimizer, loss, penalties, augmentation, discriminator_steps, "
                "accumulate, ema_decay and frozen_stages; its metrics are built in."
            )
        shared = generator_optimizer is discriminator_optimizer
        if shared and isinstance(generator_optimizer, keras.optimizers.Optimizer):
            raise ValueError("Both networks got the same optimizer: give each its own object.")
        asked = {
            "loss": loss,
            "penalties": penalties,
            "augmentation": augmentation,
            "ema_decay": ema_decay,
        }
        said = {name: value for name, value in asked.items() if not is_auto(value)}
        parts = Objective(
            discriminator_steps=discriminator_steps,
            accumulate=accumulate,
            frozen_stages=frozen_stages,
            **GENERAL_RECIPE | self.recipe() | said,
        )
        check_options(options)
        with backends.current.beside(self):
            optimizer = self._prepared(parts, generator_optimizer, discriminator_optimizer)
        self._compile_options = dict(options)
        self._frozen_layers = self._frozen_now()
        if not options.get("run_eagerly"):
            jit_compile = backends.current.jit_compile(self, options.get("jit_compile"))
            options["jit_compile"] = jit_compile
        # Keras would wrap the pair, where each of the two has its own scale.
        super().compile(optimizer=optimizer, auto_scale_loss=False, **options)

    def _prepared(self, parts: Objective, generator: Any, discriminator: Any) -> Any:
        """Return the optimizers, built, and take up the rest of a training's variables."""
        optimizer = AdversarialOptimizer(
            self._scaling(optimizer_of("generator", generator)),
            self._scaling(optimizer_of("discriminator", discriminator)),
        )
        optimizer.build_pair(
            self.generator.trainable_variables, self._discriminator_variables(parts)
        )
        self._put("objective", parts)
        if parts.ema_decay is None:
            self._put("ema_generator", None)
        elif self.ema_generator is None:
            self._put("ema_generator", averaging.average_of(self.generator))
        return optimizer

    def _scaling(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        """Return an optimizer that scales its loss where float16 would lose small gradients."""
        own = isinstance(optimizer, LossScaleOptimizer) or optimizer.loss_scale_factor is not None
        if own or self.dtype_policy.name != "mixed_float16":
            return optimizer
        return LossScaleOptimizer(optimizer, name=f"scaled_{optimizer.name}")

    def _terms(self, parts: Objective) -> list[Penalty]:
        """Return what the discriminator minimises beside its loss: the family's and the user's."""
        return [each for each in (self.auxiliary, *parts.penalties) if each is not None]

    def _discriminator_variables(self, parts: Objective) -> list[keras.Variable]:
        """Return what the discriminator's optimizer trains."""
        known = self.stages()
        if parts.frozen_stages not in range(len(known) + 1):
            raise ValueError(
                f"frozen_stages must be 0 to {len(known)}, not {parts.frozen_stages!r}."
            )
        stages = known[: parts.frozen_stages]
        frozen = {id(v) for stage in stages for layer in stage for v in layer.variables}
        own = [v for v in self.discriminator.trainable_variables if id(v) not in frozen]
        return own + [v for each in self._terms(parts) for v in each.trainable_variables]

    def _check_compiled(self) -> None:
        """Check that the model can learn, and that what learns is what `compile` was told."""
        if not self.compiled:
            raise ValueError("Compile the model before it is trained or judged: gan.compile().")
        if self._frozen_layers != self._frozen_now():
            raise ValueError(
                "Layers were frozen, or set free, after compile(), which says what learns: call "
                "compile() again."
            )

    def _frozen_now(self) -> dict[str, list[int]]:
        return {
            "generator": frozen_layers(self.generator),
            "discriminator": frozen_layers(self.discriminator),
        }

    def get_compile_config(self) -> dict[str, Any] | None:
        """Return the arguments of `compile`, so that a saved model comes back compiled."""
        if not self.compiled:
            return None
        return {
            "generator_optimizer": portable_config(self.optimizer.generator_optimizer),
            "discriminator_optimizer": portable_config(self.optimizer.discriminator_optimizer),
            **self.objective.get_config(),
            **self._compile_options,
            "frozen_layers": self._frozen_layers,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config` says."""
        config = loaded(config)
        for network, places in config.pop("frozen_layers").items():
            for place in places:
                getattr(self, network).layers[place].trainable = False
        self.compile(**config)

    def save(self, filepath: Any, overwrite: bool = True, **options: Any) -> None:
        """Save everything in one file, whole or not at all, as `keras.Model.save` does.

        Of processes that train together, the first writes.

        Args:
            filepath: the file, ending in `.keras`.
            overwrite: whether to replace a file that is there.
            **options: as in `keras.Model.save`.

        Raises:
            ValueError: another ending; Keras' older formats cannot hold two networks.
            OSError: the file cannot be written; says why, and what to do.
        """
        if Path(filepath).suffix != ".keras":
            raise ValueError(
                f"A GAN is saved in a file that ends in .keras, unlike {os.fspath(filepath)!r}; or "
                'without its training, to share, by save_to_preset("folder").'
            )
        if not backends.current.is_first():
            return
        path = expanded(filepath)
        if path.exists() and not overwrite:
            raise FileExistsError(f"{path} is there already: give overwrite=True, or another name.")
        with whole_file(path) as partial:
            super().save(partial, **options)

    def quantize(self, *arguments: Any, **options: Any) -> None:
        """Refuse what Keras would do to both networks: they could be trained and shared no more.

        Raises:
            NotImplementedError: always; says what to do for a smaller model.
        """
        raise NotImplementedError(
            "A quantized GAN could be neither trained nor shared. Presets are stored in half "
            "precision; for less, export the generator, gan.export('gan.onnx'), and quantize that "
            "file."
        )

    def save_own_variables(self, store: Any) -> None:
        """Save the random state, which Keras leaves out (keras-team/keras#19796)."""
        store["seed_state"] = ops.convert_to_numpy(self.seed_generator.state)
        store["rounds_played"] = ops.convert_to_numpy(self.rounds_played)
        store["averaged"] = np.array(self.ema_generator is not None)
        store["inherited_stages"] = np.array(self.inherited_stages)

    def load_own_variables(self, store: Any) -> None:
        """Restore the random state; Keras then goes on with the networks."""
        self.seed_generator.state.assign(store["seed_state"])
        self.rounds_played.assign(store["rounds_played"])
        if "inherited_stages" in store:  # since it is saved
            self.inherited_stages = int(np.asarray(store["inherited_stages"]))
        if np.asarray(store["averaged"]) and not self.compiled:  # it draws without `compile`, too
            self._put("ema_generator", averaging.average_of(self.generator))

    def _put(self, name: str, part: Any) -> None:
        """Set an attribute; Keras would go on saving and training what it was before."""
        backends.replace_part(self, name, part)


def is_auto(value: Any) -> bool:
    """Whether the family is to choose an argument of `compile`."""
    return isinstance(value, str) and value == "auto"


def check_options(options: Mapping[str, Any]) -> None:
    """Check what Keras takes unseen."""
    steps, jit = options.get("steps_per_execution", 1), options.get("jit_compile", "auto")
    if steps != "auto":
        checked("steps_per_execution", steps, 1)
    if jit not in (True, False, "auto"):
        raise ValueError(f"jit_compile must be True, False or 'auto', not {jit!r}.")


def optimizer_of(network: str, asked: Any) -> keras.optimizers.Optimizer:
    """Return the optimizer that was asked for, or the paper's."""
    try:
        return keras.optimizers.get(asked) or paper_adam(network)
    except ValueError as error:
        raise ValueError(
            f"{network}_optimizer must be a keras.optimizers.Optimizer, such as "
            "keras.optimizers.Adam(2e-4, beta_1=0.5), or the name or config of one, not "
            f"{asked!r:.80}."
        ) from error


def paper_adam(network: str) -> keras.optimizers.Optimizer:
    """Return the paper's optimizer."""
    return keras.optimizers.Adam(learning_rate=2e-4, beta_1=0.5, name=f"{network}_adam")


def frozen_layers(network: keras.Model) -> list[int]:
    """Return which layers of a network the user has frozen, by their places in it."""
    return [
        place for place, layer in enumerate(network.layers) if layer.weights and not layer.trainable
    ]
