"""The best model of a training: kept in a file, and put back at the end."""

import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganzoo.callbacks import best_epoch
from ganzoo.callbacks.careful import Careful
from ganzoo.callbacks.evaluate_samples import EvaluateSamples
from ganzoo.callbacks.finite_losses import broken_weight
from ganzoo.callbacks.looking import timed
from ganzoo.callbacks.same_recipe import recipe_of
from ganzoo.callbacks.state_file import (
    DamagedError,
    check_state,
    load_state,
    note,
    opened,
    save_state,
)
from ganzoo.datasets import ImageSet
from ganzoo.datasets.folders.prepare import Fit
from ganzoo.files import expanded
from ganzoo.metrics.extractors import QUICK, quick
from ganzoo.metrics.protocol import VERSION
from ganzoo.names import choose

NOTE = "snapshot.json"  # what it says in the file
METRICS = {"fid": None, "kid": None}  # the lower, the better
MOST_REAL = 10_000


class Best(NamedTuple):
    """The epoch that won, counted from 1, and its score."""

    epoch: int
    score: float


class BestSnapshot(EvaluateSamples):
    """Score the model after each epoch, keep the best in a file, and end with that one.

    A GAN seldom ends on its best weights. But scores waver, too: an epoch is better than a later
    one only where its score is lower by more than neighbouring scores differ without a direction;
    else the later one is kept.

    The score stands among the epoch's logs as `snapshot_fid` or `snapshot_kid`, and all scores in a
    `.json` file beside the model's. That is a `.keras` file with both networks, both optimizers and
    the random state, written whole or not at all; `keras.saving.load_model` opens it as well. With
    `ExactResume`, a training that was interrupted ends with the same weights as one that was not.
    After Ctrl-C, `restore` puts the best back.

    Args:
        path: the file, `"....keras"`. One that is there must be of the same training.
        real: real images, as `ganzoo.metrics.evaluate` takes them; of more than 10,000, so many are
            drawn.
        extractor: what makes features of images, as there. By default `"objects"` for images in
            colour and `"random"` for others, or what a file that is there was chosen by: they are
            quick, take images of any size, and order the epochs of a training much as Inception
            does. `"inception"` with `"kid"` is finer, and takes minutes.
        metric: `"fid"` or `"kid"`. On features of the quick ones, the former sees far more.
        n: how many images are generated; of a model of classes, as many of each.
        every: score after every so many epochs, after the first and the last.
        seed: what latents and subsets are drawn from.
        split: of a named dataset.
        patience: stop when so many epochs brought no better score, by more than the noise; by
            default, never.
        fit: how files are brought to the model's shape, as there.
        background: colour behind transparent pixels of files, as there.
        limit: how many of the real images to take at most.

    Attributes:
        best: `best.epoch`, counted from 1, and `best.score`; None before the first score.
        scores: of each epoch that was scored, by its number.

    Raises:
        ValueError: an argument out of its range; when the training begins, a file of another
            model, another training or other scores, or real images that do not fit the model.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
        gan.compile()
        snapshot = ganzoo.callbacks.BestSnapshot("best.keras", images, n=64)
        gan.fit(images, epochs=2, callbacks=[snapshot])
        print(snapshot.best.epoch, snapshot.best.score)
        ```
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        real: Any,
        extractor: Any = None,
        metric: str = "fid",
        n: int = 2000,
        every: int = 1,
        seed: int = 0,
        split: str | None = "train",
        patience: int | None = None,
        *,
        fit: Fit = "crop",
        background: str = "white",
        limit: int | None = None,
    ) -> None:
        choose("metric", metric, METRICS)
        reading: Any = {"fit": fit, "background": background, "limit": limit}
        super().__init__(real, extractor, [metric], n, every, seed, split, **reading)
        self.path = expanded(path)
        if self.path.suffix != ".keras":
            raise ValueError(f"path must end in .keras, not be {os.fspath(path)!r}.")
        if patience is not None and patience < 1:
            raise ValueError(f"patience must be at least 1, not {patience}.")
        self.metric, self.patience, self._asked = metric, patience, extractor
        self.best: Best | None = None
        self.scores: best_epoch.Scores = {}
        self._careful = Careful(
            "snapshot", ", and the best one before, if any, is kept", once=False
        )

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look at the real images and at a file that is there."""
        self.extractor = self._asked or self._chosen_by() or quick(self.model.image_shape)
        super().on_train_begin(logs)
        self.best = self._found() if self.path.exists() else None
        self.scores = best_epoch.read(self._notes) if self.best else {}
        if self.best:
            self.scores = {self.best.epoch: self.best.score} | self.scores

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Refuse the file of another training, which may have had better scores."""
        if self.best and self.best.epoch > epoch + 1:
            raise ValueError(
                f"{self.path} holds the best of a training that has come to epoch "
                f"{self.best.epoch} or further; this one is at epoch {epoch + 1}. Take another "
                "path, or go on with that training by fit(initial_epoch=...) or ExactResume."
            )
        self.scores = {number: score for number, score in self.scores.items() if number <= epoch}

    @timed
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Score the model, and keep it where it is the best so far."""
        scores: dict[str, float] = {}
        with warnings.catch_warnings():
            # Of few images it is too high, but after each epoch alike.
            warnings.filterwarnings("ignore", "The Fréchet distance of")
            super().on_epoch_end(epoch, scores)
        score = scores[self.metric]
        if logs is not None:
            logs[f"snapshot_{self.metric}"] = score
        if self.due(epoch):  # whenever the training was interrupted
            self._weigh(epoch + 1, score)
        if self.best and self.patience:
            since = epoch + 1 - best_epoch.last_progress(self.scores)
            self.model.stop_training |= since >= self.patience

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Put the best back, and say which it is."""
        if self.best:
            self.restore(self.model)
            if self.params.get("verbose"):
                print(f"Best of the training: epoch {self.best.epoch}, {self._score()}. Restored.")

    @property
    def _notes(self) -> Path:
        """The file of all scores, from which the noise is known when a training goes on."""
        return self.path.with_suffix(".json")

    def restore(self, model: Any) -> None:
        """Load the best of the training into a model, compiled as in the training.

        Raises:
            FileNotFoundError: there is no file yet.
            ValueError: the file is damaged, or of another model; this one stays as it was.
        """
        if not self.path.exists():
            raise FileNotFoundError(f"No best epoch is in {self.path} yet: train with it first.")
        try:
            load_state(model, self.path)
        except DamagedError as error:
            raise ValueError(f"{error} Delete it, and train again.") from error

    def _real_images(self) -> ImageSet:
        real = super()._real_images()
        if len(real.images) <= MOST_REAL:
            return real
        chosen = np.random.default_rng(self.seed).choice(len(real.images), MOST_REAL, replace=False)
        return real.take(np.sort(chosen))

    def _weigh(self, epoch: int, score: float) -> None:
        """Note the score of an epoch, and keep the model where no better one is kept."""
        if not np.isfinite(score):
            return
        self.scores[epoch] = score
        with suppress(OSError):  # a full disk is warned of when a snapshot is written
            best_epoch.write(self._notes, self.scores)
        if best_epoch.wins(self.scores):
            self._keep(Best(epoch, score))

    def _keep(self, best: Best) -> None:
        if broken_weight(self.model):
            return
        said = {**best._asdict(), "protocol": self._protocol()}
        with self._careful(f" after epoch {best.epoch}"):
            save_state(self.model, self.path, recipe_of(self.model), snapshot=said)
        if not self._careful.failed:
            self.best = best

    def _chosen_by(self) -> str | None:
        """Return the name of the quick extractor that a file which is there was chosen by."""
        with suppress(DamagedError, KeyError, TypeError, OSError), opened(self.path) as archive:
            name = note(archive, NOTE)["protocol"]["extractor"][0]
            return str(name) if name in QUICK else None
        return None

    def _found(self) -> Best:
        """Return what the file holds, if it is of this model and of these scores."""
        try:
            with opened(self.path) as archive:
                said = note(archive, NOTE)
            best, saved = Best(said["epoch"], said["score"]), said["protocol"]
        except (DamagedError, KeyError, TypeError) as error:
            raise ValueError(
                f"{self.path} is no snapshot of ganzoo ({error}): take another path, or delete it."
            ) from error
        check_state(self.model, self.path, None)
        protocol = self._protocol()
        if differing := sorted(k for k in protocol if protocol[k] != saved.get(k)):
            details = "; ".join(f"{k} {saved.get(k)!r}, not {protocol[k]!r}" for k in differing)
            raise ValueError(
                f"{self.path} was chosen by other scores ({details}): score as then, or take "
                "another path."
            )
        return best

    def _protocol(self) -> dict[str, Any]:
        """Return what decides the score, plain JSON."""
        evaluator = self._evaluator
        assert evaluator is not None
        made = evaluator.extractor
        assert made is not None
        return {
            "version": VERSION,
            "metric": self.metric,
            "extractor": [made.name, made.sha256, made.preparation],
            "real": evaluator.sha256,
            "n": self.n,
            "seed": self.seed,
        }

    def _score(self) -> str:
        assert self.best is not None
        lowest = min(self.scores, key=self.scores.__getitem__)
        said = f"{self.metric} {self.best.score:.5g}"
        if self.scores[lowest] == self.best.score:
            return said
        return f"{said} (epoch {lowest} had {self.scores[lowest]:.5g}, no more than noise apart)"
