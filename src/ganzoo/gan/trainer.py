"""The adversarial game as a Keras model: `compile`, `fit` and what they save."""

import os
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers import LossScaleOptimizer

from ganzoo import backends, losses
from ganzoo.augmentation import Augmentation
from ganzoo.callbacks.exact_resume import ExactResume
from ganzoo.callbacks.finite_losses import FiniteLosses
from ganzoo.datasets import checks, reading
from ganzoo.datasets.arrays import ImageArrays
from ganzoo.gan.arguments import GANArguments
from ganzoo.gan.drawing import Drawer
from ganzoo.gan.family import Family
from ganzoo.penalties import Penalty
from ganzoo.training import averaging
from ganzoo.training.adversarial import Batch, Game, Outcome, play_round
from ganzoo.training.objective import Objective, loaded
from ganzoo.training.optimizer import AdversarialOptimizer, portable_config
from ganzoo.types import Tensor


class AdversarialModel(Family):
    """Two networks that `fit` trains against each other."""

    objective: Objective

    def __init__(self, arguments: GANArguments, dtype: Any = None, name: str | None = None) -> None:
        super().__init__(arguments, dtype, name)
        self.trackers = [keras.metrics.Mean(name=name) for name in Outcome._fields]
        self.drawer = Drawer()

    def compile(
        self,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        loss: str | losses.AdversarialLoss = "non_saturating",
        penalties: Iterable[Penalty] = (),
        augmentation: Augmentation | None = None,
        discriminator_steps: int = 1,
        ema_decay: float | None = 0.999,
        frozen_stages: int = 0,
        **options: Any,
    ) -> None:
        """Configure the training; without arguments, the paper's recipe.

        Args:
            generator_optimizer: a `keras.optimizers.Optimizer`, a name or a config; by default
                Adam with learning rate 2e-4 and beta_1 0.5. Schedules count rounds. In
                `"mixed_float16"`, one that does not scale its loss is put into a
                `keras.optimizers.LossScaleOptimizer`.
            discriminator_optimizer: the same for the discriminator; another object.
            loss: `"non_saturating"`, `"least_squares"`, `"hinge"`, `"wasserstein"`,
                `"relativistic"` or a `ganzoo.losses.AdversarialLoss`.
            penalties: terms of the discriminator's loss, from `ganzoo.penalties`.
            augmentation: what the discriminator sees instead of the images, from
                `ganzoo.augmentation`.
            discriminator_steps: updates of the discriminator for one of the generator; they
                share a batch out, so give `fit` a multiple of it as `batch_size`.
            ema_decay: decay of the moving average of the generator's weights, which leaves
                the training as it is and is what draws: `generate`, callbacks and presets use it.
                None draws with the last weights. For the first rounds of new weights it is
                shorter, so that they are forgotten; another `compile` goes on with the average.
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
                "ema_decay and frozen_stages; its metrics are built in."
            )
        shared = generator_optimizer is discriminator_optimizer
        if shared and isinstance(generator_optimizer, keras.optimizers.Optimizer):
            raise ValueError("Both networks got the same optimizer: give each its own object.")
        parts = Objective(
            loss, penalties, augmentation, discriminator_steps, ema_decay, frozen_stages
        )
        optimizer = AdversarialOptimizer(
            self._scaling(keras.optimizers.get(generator_optimizer) or paper_adam("generator")),
            self._scaling(
                keras.optimizers.get(discriminator_optimizer) or paper_adam("discriminator")
            ),
        )
        optimizer.build_pair(
            self.generator.trainable_variables, self._discriminator_variables(parts)
        )
        self._put("objective", parts)
        if ema_decay is None:
            self._put("ema_generator", None)
        elif self.ema_generator is None:
            self._put("ema_generator", averaging.average_of(self.generator))
        self._compile_options = dict(options)
        self._frozen_layers = {
            "generator": frozen_layers(self.generator),
            "discriminator": frozen_layers(self.discriminator),
        }
        if not options.get("run_eagerly"):
            options.setdefault("jit_compile", backends.current.JIT_COMPILE)
        # Keras would wrap the pair, where each of the two has its own scale.
        super().compile(optimizer=optimizer, auto_scale_loss=False, **options)

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

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        **options: Any,
    ) -> keras.callbacks.History:
        """Train on images; `keras.Model.fit`, with an order of images that can be resumed.

        Args:
            x: images in [0, 255], uint8 or float, `(n, height, width, channels)`: an array or
                tensor; a folder or zip archive of image files, or a name that
                `ganzoo.datasets.load` knows; or batches as a `ganzoo.datasets.image_folder`, a
                `tf.data.Dataset`, a torch `DataLoader`, a `keras.utils.PyDataset` or a generator.
                Batches of a conditional model are `(images, labels)` or
                `(images, labels, sample_weight)`; the classes of a folder are its sub-folders.
            y: integer labels `(n,)` from 0 to `num_classes - 1`, for a conditional model.
            batch_size: images in a batch of an array, 64 by default (the paper: 128).
            epochs: the epoch to stop after, counted from 0.
            verbose: as in `keras.Model.fit`.
            callbacks: Keras callbacks. With a `ganzoo.callbacks.ExactResume` among them, training
                continues where its folder stands.
            validation_split: share of an array, from its end, to validate on.
            validation_data: images, or `(images, labels)`, or a folder, a name or a dataset.
            shuffle: for an array, whether to draw an order for each epoch.
            class_weight: weight of each class's real images.
            sample_weight: weights of the real images in the discriminator's loss, `(n,)`.
            initial_epoch: the epoch to begin with.
            steps_per_epoch: batches in an epoch.
            **options: `validation_steps`, `validation_batch_size` and `validation_freq`, as in
                `keras.Model.fit`.

        Returns:
            A `keras.callbacks.History` of both losses and of the mean scores of real and
            generated images, D(x) and D(G(z)).

        Raises:
            ValueError: images or labels of another shape, number or range than the model's; a
                folder without a usable image.
            TypeError: images or labels of a dtype that cannot hold them.
            FileNotFoundError: there is no such folder or dataset.
            FloatingPointError: a loss became NaN or infinite; says at which epoch and step.

        Example:
            ```python
            import ganzoo
            import numpy as np

            images = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 1), dtype="uint8")
            gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
            gan.compile()
            history = gan.fit(images, epochs=1, batch_size=4)
            ```
        """
        callbacks = in_turn(keras.tree.flatten(getattr(callbacks, "callbacks", callbacks) or []))
        for callback in callbacks:
            if isinstance(callback, ExactResume):
                initial_epoch = max(initial_epoch, callback.restore(self))
        if class_weight and not self.num_classes:
            raise ValueError("class_weight needs a model with classes; this one has none.")
        checked = checks.Checked(self.image_shape, self.num_classes)
        validation_batch_size = options.pop("validation_batch_size", None) or batch_size
        x, y = reading.read(self, x, y, verbose)
        if checks.is_array(x):
            arrays = checked.arrays(x, y, sample_weight)
            if validation_split and validation_data is None:
                arrays, validation_data = checks.split(arrays, validation_split)
            batch_size = reading.BATCH_SIZE if batch_size is None else batch_size
            x = ImageArrays(*arrays, batch_size=batch_size, shuffle=shuffle, seed=self.seed)
            y = sample_weight = batch_size = None
        else:
            x = checked.dataset(x)
        if isinstance(x, ImageArrays):
            x, steps_per_epoch = backends.current.feed(x.beginning(initial_epoch, steps_per_epoch))
        if isinstance(validation_data, str | os.PathLike):
            validation_data = reading.read(self, validation_data, None, verbose)
        if checks.are_arrays(validation_data):
            validation_data = reading.in_order(
                checked.arrays(*checks.unpack(validation_data)), validation_batch_size
            )
        with self.drawer.training():
            history = super().fit(
                x,
                y,
                batch_size=batch_size,
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                validation_data=validation_data,
                shuffle=False,  # a dataset has its own order
                class_weight=class_weight,
                sample_weight=sample_weight,
                initial_epoch=initial_epoch,
                steps_per_epoch=steps_per_epoch,
                **options,
            )
        return history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        **options: Any,
    ) -> Any:
        """Judge images without learning from them; `keras.Model.evaluate`.

        The fakes come from latents that are the same for every batch and every call.

        Args:
            x: images in [0, 255], a folder, a name or a dataset of batches, as for `fit`.
            y: integer labels `(n,)`, for a conditional model.
            batch_size: images in a batch of an array, 64 by default.
            verbose: as in `keras.Model.evaluate`.
            sample_weight: weights of the real images in the discriminator's loss, `(n,)`.
            **options: `steps`, `callbacks` and `return_dict`, as in `keras.Model.evaluate`.

        Returns:
            Both losses and both mean scores, a list or, with `return_dict=True`, by name.

        Raises:
            ValueError: images or labels of another shape, number or range than the model's.
            TypeError: images or labels of a dtype that cannot hold them.
        """
        x, y = reading.read(self, x, y, verbose)
        if checks.is_array(x):
            checked = checks.Checked(self.image_shape, self.num_classes)
            x = reading.in_order(checked.arrays(x, y, sample_weight), batch_size)
            y = sample_weight = batch_size = None
        with self.drawer.training():
            return super().evaluate(x, y, batch_size, verbose, sample_weight, **options)

    def train_step(self, *arguments: Any) -> Any:
        """Play one round on a batch; called by `fit`."""
        groups = [
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        ]
        return backends.current.run_step(self._train_round, groups, *arguments)

    def test_step(self, *arguments: Any) -> Any:
        """Judge a batch without learning from it; called by `evaluate`."""
        groups = [self.trainable_variables, self.non_trainable_variables, self.metrics_variables]
        return backends.current.run_step(self._test_round, groups, *arguments)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The running means that the progress bar shows."""
        return list(self.trackers)

    def get_metrics_result(self) -> dict[str, float]:
        """Return the running means as plain numbers, so that a history can be written as JSON."""
        return {tracker.name: float(tracker.result()) for tracker in self.trackers}

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

    def save_own_variables(self, store: Any) -> None:
        """Save the random state, which Keras leaves out (keras-team/keras#19796)."""
        store["seed_state"] = ops.convert_to_numpy(self.seed_generator.state)
        store["rounds_played"] = ops.convert_to_numpy(self.rounds_played)
        store["averaged"] = np.array(self.ema_generator is not None)

    def load_own_variables(self, store: Any) -> None:
        """Restore the random state; Keras then goes on with the networks."""
        self.seed_generator.state.assign(store["seed_state"])
        self.rounds_played.assign(store["rounds_played"])
        if np.asarray(store["averaged"]) and not self.compiled:  # it draws without `compile`, too
            self._put("ema_generator", averaging.average_of(self.generator))

    def _put(self, name: str, part: Any) -> None:
        """Set an attribute; Keras would go on saving and training what it was before."""
        self._tracker.untrack(getattr(self, name, None))
        setattr(self, name, part)

    def _train_round(self, data: Any) -> dict[str, Tensor]:
        batch = self._batch(data, self.seed_generator)
        parts = self.objective
        game = Game(
            generator=self.generator,
            discriminator=self.discriminator,
            loss=parts.loss,
            state=self._changing,
            penalties=self._terms(parts),
            augmentation=parts.augmentation,
            random=self.seed_generator,
            rounds=ops.convert_to_tensor(self.optimizer.iterations),
        )
        outcome = play_round(game, self.optimizer, batch, parts.discriminator_steps)
        self.rounds_played.assign_add(1)
        if self.ema_generator is not None and parts.ema_decay is not None:
            averaging.update(
                self.ema_generator.weights,
                self.generator.weights,
                parts.ema_decay,
                self.rounds_played,
            )
        return self._track(batch, outcome)

    def _test_round(self, data: Any) -> dict[str, Tensor]:
        # A fixed seed: evaluating changes nothing, and epochs are judged on the same fakes.
        batch = self._batch(data, self.seed)
        game = Game(self.generator, self.discriminator, self.objective.loss)
        fake = game.generate(batch, training=False)
        loss, scores = game.judge(batch, fake, training=False)
        generator_loss = game.convince(batch, fake, training=False)
        return self._track(batch, Outcome(loss, generator_loss, *scores))

    def _changing(self) -> list[keras.Variable]:
        return self.variables + self.optimizer.variables

    def _draw_latents(self, real: Tensor, seed: Any) -> Tensor:
        return keras.random.normal((ops.shape(real)[0], self.latent_dim), seed=seed)

    def _batch(self, data: Any, seed: Any) -> Batch:
        """Return a batch of images, labels and weights, with latents of its own."""
        images, labels, weight = checks.unpack(data)
        checks.check_structure(images, labels, weight, self.image_shape, self.num_classes)
        if labels is not None:
            labels = ops.reshape(ops.cast(labels, "int32"), (-1,))
        real = ops.cast(images, "float32") / 127.5 - 1.0
        return Batch(real, labels, weight, self._draw_latents(real, seed))

    def _track(self, batch: Batch, outcome: Outcome) -> dict[str, Tensor]:
        for tracker, value in zip(self.trackers, outcome, strict=True):
            tracker.update_state(value, sample_weight=ops.shape(batch.real)[0])
        return {tracker.name: tracker.result() for tracker in self.trackers}


def in_turn(callbacks: list[keras.callbacks.Callback]) -> list[keras.callbacks.Callback]:
    """Return callbacks in the order of their tasks, otherwise as they are.

    `FiniteLosses` is first, so that nothing broken is saved; `ExactResume` is last, so that what
    the others keep of an epoch is there when the epoch counts as finished.
    """
    if not any(isinstance(each, FiniteLosses) for each in callbacks):
        callbacks = [FiniteLosses(), *callbacks]
    return sorted(
        callbacks, key=lambda each: isinstance(each, ExactResume) - isinstance(each, FiniteLosses)
    )


def paper_adam(network: str) -> keras.optimizers.Optimizer:
    """Return the paper's optimizer."""
    return keras.optimizers.Adam(learning_rate=2e-4, beta_1=0.5, name=f"{network}_adam")


def frozen_layers(network: keras.Model) -> list[int]:
    """Return which layers of a network the user has frozen, by their places in it."""
    return [
        place for place, layer in enumerate(network.layers) if layer.weights and not layer.trainable
    ]
