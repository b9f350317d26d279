"""The doctor: looks at the model after an epoch, warns of failure modes, and may go back."""

import warnings
from collections import deque
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from ganzoo.callbacks import failure_modes
from ganzoo.callbacks.best_snapshot import BestSnapshot
from ganzoo.callbacks.finite_losses import FiniteLosses, broken_weight
from ganzoo.callbacks.looking import Looking, timed
from ganzoo.callbacks.same_recipe import scheduled
from ganzoo.datasets import ImageSet
from ganzoo.datasets.folders.prepare import Fit
from ganzoo.metrics.scored_images import read


class Diagnosis(NamedTuple):
    """When which failure was named: `"collapse"`, `"discriminator"`, `"oscillation"`, `"nan"`."""

    epoch: int
    failure: str
    sentence: str


class Doctor(FiniteLosses, Looking):
    """Name what is wrong with a training after an epoch, each time with advice.

    - Collapse: generated images are too much like each other, measured by the data's; in a model of
      classes, within a class. The distance is that of the pixels.
    - A discriminator that has won: its loss is next to nothing. Wasserstein's has no least value,
      so it is never said of that.
    - Oscillation: from the same latents, the average generated image goes far from epoch to epoch
      and comes back.
    - NaN: a loss or a weight is not finite.

    Each is warned of once until it is over; the first three when two successive looks find them,
    and after the first rounds, in which all of them are healthy. With `roll_back`, the training
    goes back to its best snapshot with lower learning rates, also after NaN, which otherwise ends
    it. The look changes nothing in the training. After an interruption, `ExactResume` has a new
    doctor begin.

    Args:
        real: real images, as `ganzoo.metrics.evaluate` takes them; those of a model of classes
            with labels, without which only a collapse of most classes is seen.
        n: how many real and generated images are compared.
        every: look after every so many epochs, after the first and the last.
        seed: what latents are drawn from.
        split: of a named dataset.
        after: rounds in which nothing but NaN is looked for.
        roll_back: a `BestSnapshot` that stands among the callbacks, too.
        factor: what a roll-back multiplies both learning rates by.
        at_most: how many roll-backs `fit` may make.
        fit: how files are brought to the model's shape, as there.
        background: colour behind transparent pixels of files, as there.
        limit: how many of the real images to take at most.

    Attributes:
        diagnoses: what was named, a list of `(epoch, failure, sentence)`.
        roll_backs: how many there were.

    Raises:
        ValueError: an argument out of its range; when the training begins, real images that do not
            fit the model, or a roll-back that cannot be made.

    Example:
        ```python
        import ganzoo
        import numpy as np

        images = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 1), dtype="uint8")
        gan = ganzoo.DCGAN((16, 16, 1), base_filters=8)
        gan.compile()
        snapshot = ganzoo.callbacks.BestSnapshot("best.keras", images, n=64)
        doctor = ganzoo.callbacks.Doctor(images, roll_back=snapshot)
        gan.fit(images, epochs=2, callbacks=[snapshot, doctor])
        print(doctor.diagnoses)
        ```
    """

    def __init__(
        self,
        real: Any,
        n: int = 500,
        every: int = 1,
        seed: int = 0,
        split: str | None = "train",
        after: int = 1000,
        roll_back: BestSnapshot | None = None,
        factor: float = 0.5,
        at_most: int = 3,
        *,
        fit: Fit = "crop",
        background: str = "white",
        limit: int | None = None,
    ) -> None:
        super().__init__()
        for name, value, least in (("n", n, 2), ("every", every, 1), ("at_most", at_most, 0)):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, not {value}.")
        if not 0.0 < factor < 1.0:
            raise ValueError(f"factor must be between 0 and 1, not {factor}.")
        if not isinstance(roll_back, BestSnapshot | None):
            raise TypeError(
                f"roll_back must be the BestSnapshot among the callbacks, not {roll_back!r:.80}."
            )
        self.real, self.n, self.every, self.seed, self.split = real, n, every, seed, split
        self.reading: Any = {"fit": fit, "background": background, "limit": limit}
        self.after, self.roll_back, self.factor, self.at_most = after, roll_back, factor, at_most
        self.diagnoses: list[Diagnosis] = []
        self.roll_backs = 0
        self._broken: dict[int, str] = {}  # what became NaN in this epoch, by step
        self._seen: dict[str, str] = {}  # by the last look
        self._named: set[str] = set()
        self._means: deque[np.ndarray] = deque(maxlen=failure_modes.STEPS + 1)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Look at the real images, and whether a roll-back can be made."""
        asked: Any = {"attributes": self.model.attributes, **self.reading}
        real = read("real", self.real, self.model.image_shape, self.split, **asked)
        self._labelled = bool(self.model.num_classes) and real.labels is not None
        self._healthy = self._drawn_from(real)
        self._deviation = failure_modes.deviation_of(np.concatenate(list(self._healthy.values())))
        self.diagnoses, self.roll_backs = [], 0
        self._forget()
        if self.roll_back is not None:
            self._check_roll_back(self.roll_back)

    @timed
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Look, warn, and go back where that is wanted."""
        if not self._broken and (weight := broken_weight(self.model)):
            self.broken(0, f"{weight} became NaN or infinite at epoch {epoch + 1}")
        if self._broken:
            found = {"nan": self._broken[min(self._broken)]}
        elif not self.due(epoch):
            return
        else:
            seen = self._look(logs or {})
            found = {failure: said for failure, said in seen.items() if failure in self._seen}
            self._seen = seen
        new = [failure for failure in found if failure not in self._named]
        self._named = set(found)
        treatment = self._go_back() if new and self._can_go_back() else ""
        for failure in new:
            self.diagnoses.append(Diagnosis(epoch + 1, failure, found[failure] + treatment))
            warnings.warn(f"Epoch {epoch + 1}: {found[failure]}{treatment}", stacklevel=2)

    def broken(self, batch: int, what: str) -> None:
        """Stop the training, or go back at the end of the epoch."""
        if not self._can_go_back():
            super().broken(batch, what)
        self._broken.setdefault(batch, f"{what}.")

    def _look(self, logs: dict[str, Any]) -> dict[str, str]:
        """Return the failures that the model shows now, each with advice."""
        if ops.convert_to_numpy(self.model.optimizer.iterations) < self.after:
            return {}
        labels = self.model.labels(self.n) if self._labelled else None
        drawn = self._by_class(self.model.generate(self.n, seed=self.seed), labels)
        self._means.append(np.concatenate(list(drawn.values())).mean(axis=0))
        found = {
            "collapse": failure_modes.collapse(self._healthy, drawn),
            "discriminator": failure_modes.winning_discriminator(
                self.model.objective.loss, logs["discriminator_loss"]
            ),
            "oscillation": failure_modes.oscillation(self._means, self._deviation),
        }
        return {failure: said for failure, said in found.items() if said}

    def _drawn_from(self, real: ImageSet) -> dict[int, np.ndarray]:
        """Return some real images; of many that are mapped from a file, no more are read."""
        order = np.random.default_rng(self.seed).permutation(len(real.images))
        if not self._labelled:
            return self._by_class(real.images[order[: self.n]], None)
        assert real.labels is not None
        classes = self.model.num_classes
        labels = real.labels[order]
        most = max(self.n // classes, 1)
        chosen = np.concatenate([order[labels == c][:most] for c in range(classes)])
        return self._by_class(real.images[chosen], real.labels[chosen])

    def _by_class(self, images: np.ndarray, labels: np.ndarray | None) -> dict[int, np.ndarray]:
        """Return rows of numbers by class, or all of them as class 0."""
        rows = failure_modes.rows_of(images)
        if labels is None:
            return {0: rows}
        return {c: rows[labels == c] for c in range(self.model.num_classes)}

    def _check_roll_back(self, snapshot: BestSnapshot) -> None:
        if snapshot.params is not self.params:  # those of this `fit`
            raise ValueError("Doctor(roll_back=...) needs that snapshot among the callbacks, too.")
        for optimizer in self.model.optimizer.optimizers:
            if scheduled(optimizer):
                raise ValueError(
                    f"A roll-back lowers learning rates, and {optimizer.name} has a schedule that "
                    "sets its own: compile with numbers, or use Doctor without roll_back."
                )

    def _can_go_back(self) -> bool:
        return (
            self.roll_back is not None
            and self.roll_back.best is not None
            and self.roll_backs < self.at_most
        )

    def _go_back(self) -> str:
        """Restore the snapshot with lower learning rates than now, and say so."""
        assert self.roll_back is not None
        assert self.roll_back.best is not None
        optimizers = self.model.optimizer.optimizers
        rates = [
            self.factor * float(ops.convert_to_numpy(each.learning_rate)) for each in optimizers
        ]
        self.roll_back.restore(self.model)
        for optimizer, rate in zip(optimizers, rates, strict=True):
            optimizer.learning_rate = rate
        self.roll_backs += 1
        self._forget()
        return (
            f" Went back to epoch {self.roll_back.best.epoch}, with learning rates "
            f"{' and '.join(f'{rate:.3g}' for rate in rates)}."
        )

    def _forget(self) -> None:
        self._broken = {}
        self._seen, self._named = {}, set()
        self._means.clear()
