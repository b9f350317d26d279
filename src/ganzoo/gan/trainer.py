"""The adversarial game as a Keras model: `fit`, `evaluate` and their steps."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
from keras import ops

from ganzoo import backends, draws
from ganzoo.datasets import checks
from ganzoo.datasets.conversions import unpack
from ganzoo.gan import feeding, shares
from ganzoo.gan.arguments import GANArguments, checked
from ganzoo.gan.compiling import CompiledModel
from ganzoo.gan.drawing import Drawer
from ganzoo.gan.feeding import Asked, Feed
from ganzoo.gan.fit_callbacks import (
    WithinEpoch,
    begun,
    check_options,
    in_turn,
    leaving_out,
    listed,
    say_if_finished,
    steps_of,
)
from ganzoo.gan.keras_callbacks import check_callbacks
from ganzoo.gan.processes import Processes
from ganzoo.gan.stopping import BetweenSteps, Stopping
from ganzoo.layers import exact
from ganzoo.training import averaging
from ganzoo.training.adversarial import Outcome, play_round
from ganzoo.training.game import Batch, Game
from ganzoo.types import Tensor


class AdversarialModel(CompiledModel):
    """Two networks that `fit` trains against each other."""

    def __init__(self, arguments: GANArguments, dtype: Any = None, name: str | None = None) -> None:
        super().__init__(arguments, dtype, name)
        self.trackers = [keras.metrics.Mean(name=name) for name in Outcome._fields]
        self.drawer = Drawer()
        self.stopping = Stopping()
        self._judged: Any = None

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
                names of classes; or vectors of attributes `(n, attributes)`, 0 or 1 each.
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
        check_options(options)
        self._check_compiled()
        asked = Asked(batch_size, shuffle, steps_per_epoch, class_weight, validation_split, epochs)
        processes = Processes.of(self)
        verbose = verbose if processes.first else 0
        with processes.together():
            # Before anything is restored, so that wrong data cost nothing.
            with processes.in_turn():
                feed, held_out = feeding.for_training(self, x, y, sample_weight, asked, verbose)
                size = options.pop("validation_batch_size", None)
                judged = feeding.for_validation(
                    self, validation_data, held_out, size, batch_size, verbose
                )
            processes.check_alike(self, feed)
            callbacks = processes.callbacks(in_turn(callbacks), self.stopping)
            check_callbacks(callbacks, self, judged.data is not None)
            callbacks, *begin = begun(self, callbacks, feed, initial_epoch)
            initial_epoch, done = processes.begin(self, *begin)
            say_if_finished(initial_epoch, epochs, verbose)
            if done:
                about = {"model": self, "epochs": epochs, "steps": steps_of(feed)}
                callbacks = WithinEpoch(callbacks, done, verbose, **about)
            with self._running(feed), self._judging(judged), leaving_out(self, done):
                return super().fit(
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

    @contextmanager
    def _running(self, feed: Feed) -> Iterator[None]:
        """Run the loops of Keras: other threads and signals wait, and errors are our own."""
        keeping = backends.current.keeping(self)
        with self.drawer.training(), self.stopping.listening(), keeping, feed.own_errors():
            self.stopping.hold()  # until the first callback says when it may come
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
            with backends.current.alone(self):
                return super().evaluate(x, y, batch_size, verbose, sample_weight, **options)
        self._check_compiled()
        steps = options.pop("steps", None)
        feed = feeding.for_judging(self, x, y, sample_weight, batch_size, verbose, steps)
        callbacks = [BetweenSteps(self.stopping), *listed(options.pop("callbacks", None))]
        with self._running(feed), backends.current.alone(self):
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
        batch = backends.current.dealt(self, shares.own_part(self, batch))
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
        with self.drawer.training(), self.stopping.held(), backends.current.alone(self):
            return super().test_on_batch(*batch, return_dict=return_dict)

    def train_step(self, *arguments: Any) -> Any:
        """Play one round on a batch; called by `fit`."""
        groups = [
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        ]
        with backends.current.sharing():
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

    def _train_round(self, data: Any) -> dict[str, Tensor]:
        parts = self.objective
        steps = parts.discriminator_steps
        batch = self._batch(data, self.seed_generator, steps * parts.accumulate)
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
        outcome = play_round(game, self.optimizer, batch, steps, parts.accumulate)
        outcome = Outcome(*backends.current.mean_of_each(outcome))
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
        return draws.normal((ops.shape(real)[0], self.latent_dim), seed)

    def _batch(self, data: Any, seed: Any, multiple: int = 1) -> Batch:
        """Return a batch of images, labels and weights, with latents of its own.

        Args:
            data: what `fit` and `evaluate` go through.
            seed: what the latents are drawn with.
            multiple: what the number of images must be a multiple of.
        """
        images, labels, weight = unpack(data, self.conditional)
        known = (self.image_shape, self.num_classes, self.attributes)
        checks.check_structure(images, labels, weight, *known)
        if self.attributes:
            labels = ops.cast(labels, "float32")
        elif labels is not None:
            labels = ops.reshape(ops.cast(labels, "int32"), (-1,))
        images, labels, weight = shares.topped_up((images, labels, weight), multiple)
        real = ops.cast(images, exact(self.dtype_policy)) / 127.5 - 1.0
        return Batch(real, labels, weight, self._draw_latents(real, seed))

    def _track(self, batch: Batch, outcome: Outcome) -> dict[str, Tensor]:
        for tracker, value in zip(self.trackers, outcome, strict=True):
            tracker.update_state(value, sample_weight=ops.shape(batch.real)[0])
        return {tracker.name: tracker.result() for tracker in self.trackers}
