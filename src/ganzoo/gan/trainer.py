"""The adversarial game as a Keras model: `compile`, `fit` and what they save."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.optimizers import LossScaleOptimizer

from ganzoo import backends, losses
from ganzoo.augmentation import Augmentation
from ganzoo.datasets import checks
from ganzoo.datasets.conversions import unpack
from ganzoo.files import expanded, whole_file
from ganzoo.gan import feeding
from ganzoo.gan.arguments import GANArguments, checked
from ganzoo.gan.drawing import Drawer
from ganzoo.gan.family import Family
from ganzoo.gan.feeding import Asked, Feed
from ganzoo.gan.fit_callbacks import (
    WithinEpoch,
    begun,
    in_turn,
    leaving_out,
    listed,
    say_if_finished,
    steps_of,
)
from ganzoo.gan.keras_callbacks import check_callbacks
from ganzoo.gan.stopping import BetweenSteps, Stopping
from ganzoo.penalties import Penalty
from ganzoo.training import averaging
from ganzoo.training.adversarial import Batch, Game, Outcome, play_round
from ganzoo.training.objective import Objective, loaded
from ganzoo.training.optimizer import AdversarialOptimizer, portable_config
from ganzoo.types import Tensor

GENERAL_RECIPE = {
    "loss": "non_saturating",
    "penalties": (),
    "augmentation": None,
    "ema_decay": 0.999,
}
"""What `compile` takes where neither the user nor the family says anything else."""


class AdversarialModel(Family):
    """Two networks that `fit` trains against each other."""

    objective: Objective

    def __init__(self, arguments: GANArguments, dtype: Any = None, name: str | None = None) -> None:
        super().__init__(arguments, dtype, name)
        self.trackers = [keras.metrics.Mean(name=name) for name in Outcome._fields]
        self.drawer = Drawer()
        self.stopping = Stopping()
        self._judged: Any = None

    def compile(
        self,
        generator_optimizer: Any = None,
        discriminator_optimizer: Any = None,
        loss: str | losses.AdversarialLoss = "auto",
        penalties: Iterable[Penalty] | str = "auto",
        augmentation: Augmentation | str | None = "auto",
        discriminator_steps: int = 1,
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
                "ema_decay and frozen_stages; its metrics are built in."
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
            frozen_stages=frozen_stages,
            **GENERAL_RECIPE | self.recipe() | said,
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
        if parts.ema_decay is None:
            self._put("ema_generator", None)
        elif self.ema_generator is None:
            self._put("ema_generator", averaging.average_of(self.generator))
        self._compile_options = dict(options)
        self._frozen_layers = self._frozen_now()
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
        shuffle: bool | None = None,
        class_weight: Mapping[Any, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        **options: Any,
    ) -> keras.callbacks.History:
        """Train on images; `keras.Model.fit`, with an order of images that can be resumed.

        Args:
            x: images in [0, 255]: whatever `ganzoo.datasets.read` reads, such as a folder or zip
                archive of image files, the name of a dataset, an array, uint8 or float
                `(n, height, width, channels)`, or a list of paths; an
                `ganzoo.datasets.image_folder`; or batches, from a `tf.data.Dataset`, a torch
                `DataLoader`, a `keras.utils.PyDataset` or a generator.
                Batches of a conditional model are `(images, labels)` or
                `(images, labels, sample_weight)`, or dictionaries such as
                `{"image": ..., "label": ...}`; the classes of a folder are its sub-folders.
            y: labels `(n,)` for a conditional model: integers from 0 to `num_classes - 1`, or
                names of classes.
            batch_size: images in a batch, by default the family's `batch_size`; an `image_folder`
                has its own. Not for batches.
            epochs: the epoch to stop after, counted from 0.
            verbose: as in `keras.Model.fit`.
            callbacks: Keras callbacks, called in this order; but what looks for broken losses, as
                a `ganzoo.callbacks.Doctor` does, is first, and what resumes is last. With a
                `ganzoo.callbacks.ExactResume` among them, training continues where its folder
                stands.
            validation_split: share to validate on: of arrays, their end; of folders, archives and
                names, drawn by the model's seed, so many of each class. Not for batches.
            validation_data: what `x` may be, or `(images, labels)`.
            shuffle: whether to draw an order for each epoch, by default yes; an `image_folder`
                has its own answer, and batches come as they are.
            class_weight: weight of each class's real images, by its number or name; 1 where none
                is said.
            sample_weight: weights of the real images in the discriminator's loss, `(n,)`.
            initial_epoch: the epoch to begin with.
            steps_per_epoch: batches in an epoch; without it, a generator serves one epoch.
            **options: `validation_steps`, `validation_batch_size` and `validation_freq`, as in
                `keras.Model.fit`.

        Returns:
            A `keras.callbacks.History` of both losses and of the mean scores of real and
            generated images, D(x) and D(G(z)).

        Raises:
            ValueError: images or labels of another shape, number or range than the model's; a
                folder without a usable image, in all or of a class; an argument that the data have
                no use for. Nothing has been trained or restored then, unless a later batch of a
                dataset is the first wrong one.
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
        initial_epoch = checked("initial_epoch", initial_epoch, 0)
        self._check_compiled()
        callbacks = in_turn(callbacks)
        parts = self.objective.discriminator_steps
        asked = Asked(
            batch_size, shuffle, steps_per_epoch, class_weight, validation_split, epochs, parts
        )
        # Before anything is restored, so that wrong data cost nothing.
        feed, held_out = feeding.for_training(self, x, y, sample_weight, asked, verbose)
        judged = feeding.for_validation(
            self,
            validation_data,
            held_out,
            options.pop("validation_batch_size", None),
            batch_size,
            verbose,
        )
        check_callbacks(callbacks, self, judged.data is not None)
        callbacks, initial_epoch, done = begun(self, callbacks, feed, initial_epoch)
        say_if_finished(initial_epoch, epochs, verbose)
        if done:
            about = {"model": self, "epochs": epochs, "steps": steps_of(feed)}
            callbacks = WithinEpoch(callbacks, done, verbose, **about)
        with self._running(feed), self._judging(judged), leaving_out(self, done):
            history = super().fit(
                feed.data,
                epochs=epochs,
                verbose=verbose,
                callbacks=callbacks,
                validation_data=judged.data,
                shuffle=False,  # the batches have an order
                initial_epoch=initial_epoch,
                steps_per_epoch=feed.steps,
                **options,
            )
        return history

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

    @contextmanager
    def _running(self, feed: Feed) -> Iterator[None]:
        """Run the loops of Keras: other threads and signals wait, and errors are our own."""
        keeping = backends.current.keeping(self)
        with self.drawer.training(), self.stopping.listening(), keeping, feed.own_errors():
            yield

    @contextmanager
    def _judging(self, judged: Feed) -> Iterator[None]:
        """Let `evaluate` know what it is given within `fit`: it has been looked at."""
        self._judged = judged.data
        try:
            with judged.own_errors():
                yield
        finally:
            self._judged = None

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

        The fakes come from latents that are the same for every batch and every call. The losses
        are without penalties.

        Args:
            x: images in [0, 255], as for `fit`.
            y: labels `(n,)`, for a conditional model.
            batch_size: images in a batch, 64 by default. Not for batches.
            verbose: as in `keras.Model.evaluate`.
            sample_weight: weights of the real images in the discriminator's loss, `(n,)`.
            **options: `steps`, `callbacks` and `return_dict`, as in `keras.Model.evaluate`.

        Returns:
            Both losses and both mean scores, a list or, with `return_dict=True`, by name.

        Raises:
            ValueError: images or labels of another shape, number or range than the model's.
            TypeError: images or labels of a dtype that cannot hold them.
        """
        if x is not None and x is self._judged:  # by `fit`, which has looked at it
            return super().evaluate(x, y, batch_size, verbose, sample_weight, **options)
        self._check_compiled()
        steps = options.pop("steps", None)
        feed = feeding.for_judging(self, x, y, sample_weight, batch_size, verbose, steps)
        callbacks = [BetweenSteps(self.stopping), *listed(options.pop("callbacks", None))]
        with self._running(feed):
            return super().evaluate(
                feed.data, verbose=verbose, steps=feed.steps, callbacks=callbacks, **options
            )

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[Any, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Play one round on a batch that is checked as `fit` checks it.

        Args:
            x: images in [0, 255], uint8 or float, `(batch, height, width, channels)`.
            y: labels `(batch,)`, for a conditional model.
            sample_weight: weights of the images in the discriminator's loss, `(batch,)`.
            class_weight: weight of each class's images, 1 where none is said.
            return_dict: whether to return the numbers by name.

        Returns:
            Both losses and both mean scores, a list or, with `return_dict=True`, by name.

        Raises:
            ValueError: images or labels of another shape, number or range than the model's.
            TypeError: images or labels of a dtype that cannot hold them.
        """
        self._check_compiled()
        batch = feeding.batch(self, x, y, sample_weight, class_weight)
        with self.drawer.training(), self.stopping.held():
            return super().train_on_batch(*batch, return_dict=return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Judge a batch without learning from it, as `evaluate` does.

        Args:
            x: images in [0, 255], uint8 or float, `(batch, height, width, channels)`.
            y: labels `(batch,)`, for a conditional model.
            sample_weight: weights of the images in the discriminator's loss, `(batch,)`.
            return_dict: whether to return the numbers by name.

        Returns:
            As `train_on_batch`.

        Raises:
            ValueError: images or labels of another shape, number or range than the model's.
            TypeError: images or labels of a dtype that cannot hold them.
        """
        batch = feeding.batch(self, x, y, sample_weight)
        with self.drawer.training(), self.stopping.held():
            return super().test_on_batch(*batch, return_dict=return_dict)

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

    def save(self, filepath: Any, overwrite: bool = True, **options: Any) -> None:
        """Save everything in one file, whole or not at all, as `keras.Model.save` does.

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
        path = expanded(filepath)
        if path.exists() and not overwrite:
            raise FileExistsError(f"{path} is there already: give overwrite=True, or another name.")
        with whole_file(path) as partial:
            super().save(partial, **options)

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

    def _train_round(self, data: Any) -> dict[str, Tensor]:
        parts = self.objective
        batch = self._batch(data, self.seed_generator, parts.discriminator_steps)
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

    def _batch(self, data: Any, seed: Any, multiple: int = 1) -> Batch:
        """Return a batch of images, labels and weights, with latents of its own.

        Args:
            data: what `fit` and `evaluate` go through.
            seed: what the latents are drawn with.
            multiple: what the number of images must be a multiple of.
        """
        images, labels, weight = unpack(data, bool(self.num_classes))
        checks.check_structure(images, labels, weight, self.image_shape, self.num_classes)
        if labels is not None:
            labels = ops.reshape(ops.cast(labels, "int32"), (-1,))
        images, labels, weight = feeding.topped_up((images, labels, weight), multiple)
        real = ops.cast(images, "float32") / 127.5 - 1.0
        return Batch(real, labels, weight, self._draw_latents(real, seed))

    def _track(self, batch: Batch, outcome: Outcome) -> dict[str, Tensor]:
        for tracker, value in zip(self.trackers, outcome, strict=True):
            tracker.update_state(value, sample_weight=ops.shape(batch.real)[0])
        return {tracker.name: tracker.result() for tracker in self.trackers}


def is_auto(value: Any) -> bool:
    """Whether the family is to choose an argument of `compile`."""
    return isinstance(value, str) and value == "auto"


def paper_adam(network: str) -> keras.optimizers.Optimizer:
    """Return the paper's optimizer."""
    return keras.optimizers.Adam(learning_rate=2e-4, beta_1=0.5, name=f"{network}_adam")


def frozen_layers(network: keras.Model) -> list[int]:
    """Return which layers of a network the user has frozen, by their places in it."""
    return [
        place for place, layer in enumerate(network.layers) if layer.weights and not layer.trainable
    ]
